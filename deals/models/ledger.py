"""The ledger of commitments: appended to, never changed; and how far it has come."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from deals.models.agreement import Agreement
from deals.models.commitment import Commitment, CommitmentBoundQuerySet, exact
from partners.usage.models import UsageDelivery


class EntryKind(models.TextChoices):
    """Why the balance changes."""

    OPENING = "opening", _("opened")
    USAGE = "usage", _("usage")
    REVERSAL = "reversal", _("reversed")
    EXPIRY = "expiry", _("not used in its interval")
    MILESTONE = "milestone", _("milestone")
    AMENDMENT = "amendment", _("amended")
    SETTLEMENT = "settlement", _("settled")


class DrawdownEntry(models.Model):
    """One change of what is left of one commitment: balance = previous − amount.

    The first entry opens it with minus the amount, so that all balances follow one rule.
    Kept by triggers: entries are never changed or removed, numbers and balances follow,
    a reversal is the exact opposite of what it reverses, no commitment is overdrawn.
    """

    commitment = models.ForeignKey(
        Commitment,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("commitment"),
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=EntryKind)
    source_line = models.CharField(
        _("source line"),
        max_length=80,
        help_text=_("What it comes from; posted once."),
    )
    delivery = models.ForeignKey(
        UsageDelivery,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("delivery"),
    )
    period_on = models.DateField(
        _("period"),
        null=True,
        blank=True,
        help_text=_("First day of the days that it covers, within one month."),
    )
    amount = exact(_("amount"))
    overage = exact(
        _("overage"),
        default=0,
        help_text=_("Eligible usage beyond what was left; it draws nothing."),
    )
    shortfall = exact(
        _("shortfall"),
        default=0,
        db_default=0,
        help_text=_(
            "What lacked at a milestone beyond what earlier ones lacked; draws nothing."
        ),
    )
    balance_after = exact(_("balance"))
    reversal_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    posted_at = models.DateTimeField(_("posted at"))
    note = models.CharField(_("note"), max_length=300, blank=True, default="")

    objects = CommitmentBoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("drawdown")
        verbose_name_plural = _("drawdowns")
        constraints = [
            models.UniqueConstraint(
                "commitment", "source_line", name="drawdownentry_source_line_once"
            ),
            models.UniqueConstraint(
                "commitment", "number", name="drawdownentry_number_once"
            ),
            models.CheckConstraint(
                name="drawdownentry_counts_from_one", condition=Q(number__gte=1)
            ),
            models.CheckConstraint(
                name="drawdownentry_kind_is_known",
                condition=Q(kind__in=EntryKind.values),
            ),
            models.CheckConstraint(
                name="drawdownentry_usage_has_delivery",
                condition=~Q(kind=EntryKind.USAGE)
                | Q(delivery__isnull=False, period_on__isnull=False),
            ),
            models.CheckConstraint(
                name="drawdownentry_reversal_says_of_what",
                condition=Q(kind=EntryKind.REVERSAL, reversal_of__isnull=False)
                | (~Q(kind=EntryKind.REVERSAL) & Q(reversal_of__isnull=True)),
            ),
            models.CheckConstraint(
                name="drawdownentry_overage_comes_from_usage",
                condition=Q(overage=0)
                | Q(kind__in=[EntryKind.USAGE, EntryKind.REVERSAL]),
            ),
            models.CheckConstraint(
                name="drawdownentry_milestone_draws_nothing",
                condition=~Q(kind=EntryKind.MILESTONE)
                | Q(
                    amount=0,
                    shortfall__gte=0,
                    period_on__isnull=False,
                    delivery__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="drawdownentry_shortfall_comes_from_milestone",
                condition=Q(shortfall=0)
                | Q(kind__in=[EntryKind.MILESTONE, EntryKind.REVERSAL]),
            ),
            models.CheckConstraint(
                name="drawdownentry_opens_with_the_first",
                condition=Q(kind=EntryKind.OPENING, number=1, balance_after__gt=0)
                | (~Q(kind=EntryKind.OPENING) & Q(number__gt=1)),
            ),
        ]
        indexes = [
            models.Index("commitment", "period_on", name="drawdownentry_by_period"),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} #{self.number}"


class CommitmentAmendment(models.Model):
    """One change of the terms of one commitment, with what they were before."""

    commitment = models.ForeignKey(
        Commitment,
        models.PROTECT,
        related_name="amendments",
        verbose_name=_("commitment"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitment_amendments",
        verbose_name=_("by agreement"),
    )
    old = models.JSONField(_("before"), default=dict)
    new = models.JSONField(_("after"), default=dict)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="commitment_amendments",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))

    objects = CommitmentBoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment of a commitment")
        verbose_name_plural = _("amendments of commitments")
        constraints = [
            models.UniqueConstraint(
                "commitment", "number", name="commitmentamendment_number_once"
            ),
            models.CheckConstraint(
                name="commitmentamendment_has_reason", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="commitmentamendment_changes_something",
                condition=~Q(new=F("old")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} #{self.number}"


class DrawdownState(models.Model):
    """How far the ledgers of one partner follow usage; what changed since is not posted.

    The partner is a plain number: after a merge the winner's terms differ from its mark,
    and are posted anew.
    """

    partner_id = models.BigIntegerField(_("partner"), primary_key=True)
    deliveries = ArrayField(
        models.BigIntegerField(), default=list, verbose_name=_("deliveries posted")
    )
    mark = models.CharField(
        _("mark of accounts and terms"), max_length=200, blank=True, default=""
    )
    closed_until = models.DateField(_("months closed until"), null=True, blank=True)
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)
    problem = models.TextField(_("why it could not be posted"), blank=True, default="")

    class Meta:
        verbose_name = _("state of drawdowns")
        verbose_name_plural = _("states of drawdowns")

    def __str__(self) -> str:
        return str(self.partner_id)
