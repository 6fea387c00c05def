"""Signals: what somebody should look at in the usage data, raised once and cleared."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from partners.usage.models.account import CloudAccount
from partners.usage.models.delivery import UsageDelivery
from partners.usage.models.source import BillingSource


class SignalKind(models.TextChoices):
    """What is the matter."""

    LATE = "late", _("data is late")
    UNASSIGNED = "unassigned", _("spend of nobody")
    HELD = "held", _("delivery waits for a person")
    ANOMALY = "anomaly", _("usage outside its pattern")


class UsageSignalQuerySet(models.QuerySet["UsageSignal"]):
    """Questions about signals."""

    def visible_to(self, user: User) -> Self:
        """Keep those about visible partners, and those about no partner at all."""
        seen = policy.partner_visibility(policy.reach_of(user), prefix="partner__")
        return self.filter(Q(partner__isnull=True) | seen)

    def standing(self) -> Self:
        """Keep those that still hold."""
        return self.filter(cleared_at__isnull=True)


class UsageSignal(models.Model):
    """One thing that is the matter with usage, from when it was noticed until it was over.

    Exactly one of source, account, delivery and partner says what it is about.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=SignalKind.choices)
    source = models.ForeignKey(
        BillingSource,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="signals",
        verbose_name=_("source"),
    )
    account = models.ForeignKey(
        CloudAccount,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="signals",
        verbose_name=_("account"),
    )
    delivery = models.ForeignKey(
        UsageDelivery,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="signals",
        verbose_name=_("delivery"),
    )
    partner = models.ForeignKey(
        "partners.Partner",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="usage_signals",
        verbose_name=_("partner"),
    )
    day = models.DateField(_("day"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    facts = models.JSONField(_("facts"), default=dict)
    raised_at = models.DateTimeField(_("raised at"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)

    objects = UsageSignalQuerySet.as_manager()

    class Meta:
        verbose_name = _("usage signal")
        verbose_name_plural = _("usage signals")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "kind", "source", "account", "delivery", "partner", "day",
                    "currency",
                ],
                condition=Q(cleared_at__isnull=True),
                nulls_distinct=False,
                name="usage_signal_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SignalKind.values), name="usage_signal_kind_known"
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="late", source__isnull=False)
                    | Q(kind="unassigned", account__isnull=False)
                    | Q(kind="held", delivery__isnull=False)
                    | Q(kind="anomaly", partner__isnull=False, day__isnull=False)
                ),
                name="usage_signal_is_about_something",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["partner", "-day"],
                condition=Q(cleared_at__isnull=True),
                name="usage_signal_of_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day or ''}".strip()
