"""Commitments: what a partner promised to draw, until when, and what counts towards it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Cast, JSONObject
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from deals.commitments import (
    MONEY_KINDS,
    OPEN,
    UNITS,
    CommitmentKind,
    CommitmentStatus,
    Settlement,
    ShortfallPolicy,
)
from deals.drawdowns import Interval
from deals.eligibility import CostColumn, Dimension
from deals.models.agreement import Agreement
from partners.models import Partner
from partners.models.visibility import PartnerBoundQuerySet


def exact(name: Any, **options: Any) -> models.DecimalField[Any, Any]:
    """Return a column for amounts with every digit that usage has."""
    return models.DecimalField(name, max_digits=38, decimal_places=18, **options)


class CommitmentQuerySet(PartnerBoundQuerySet["Commitment"]):
    """Questions about commitments."""

    def running(self) -> Self:
        """Scheduled or active."""
        return self.filter(status__in=OPEN)

    def drawn_by_usage(self) -> Self:
        """Those whose ledger still follows usage: not cancelled and not settled."""
        return self.exclude(status=CommitmentStatus.CANCELLED).filter(
            settled_at__isnull=True
        )

    def with_people(self) -> Self:
        """Join what a line of a list shows."""
        return self.select_related("partner", "agreement", "owner")

    def with_terms(self) -> Self:
        """Bring milestones and what counts along, as `said_milestones` and `said_counts`."""
        steps = CommitmentMilestone.objects.filter(commitment=OuterRef("pk"))
        counts = CommitmentEligibility.objects.filter(commitment=OuterRef("pk"))
        return self.annotate(
            said_milestones=ArraySubquery(
                steps.order_by("due_on").values_list(
                    JSONObject(
                        due_on=Cast("due_on", models.CharField()),
                        target=Cast("target", models.CharField()),
                    )
                )
            ),
            said_counts=ArraySubquery(
                counts.order_by("pk").values_list(
                    JSONObject(
                        dimension="dimension", value="value", is_excluded="is_excluded"
                    )
                )
            ),
        )


class CommitmentBoundQuerySet(PartnerBoundQuerySet[Any]):
    """Rows that belong to a commitment, and through it to a partner."""

    path_to_partner = "commitment__partner__"


UNIT_FITS_KIND = Q(kind__in=MONEY_KINDS, unit="") & ~Q(currency="")
for _kind, _unit in UNITS.items():
    UNIT_FITS_KIND |= Q(kind=_kind, unit=_unit, currency="")

COMMITMENT_RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="commitment_has_title", condition=~Q(title="") & ~Q(code="")
    ),
    models.CheckConstraint(
        name="commitment_amount_positive", condition=Q(amount__gt=0)
    ),
    models.CheckConstraint(
        name="commitment_ends_after_start", condition=Q(end_on__gt=F("start_on"))
    ),
    models.CheckConstraint(
        name="commitment_kind_is_known", condition=Q(kind__in=CommitmentKind.values)
    ),
    models.CheckConstraint(
        name="commitment_status_is_known",
        condition=Q(status__in=CommitmentStatus.values),
    ),
    models.CheckConstraint(
        name="commitment_policy_is_known",
        condition=Q(shortfall_policy__in=ShortfallPolicy.values),
    ),
    models.CheckConstraint(
        name="commitment_cost_column_is_known",
        condition=Q(cost_column__in=CostColumn.values),
    ),
    models.CheckConstraint(name="commitment_unit_fits_kind", condition=UNIT_FITS_KIND),
    models.CheckConstraint(
        name="commitment_currency_has_three_letters",
        condition=Q(currency="") | Q(currency__regex="^[A-Z]{3}$"),
    ),
    models.CheckConstraint(
        name="commitment_continuous_has_interval",
        condition=Q(
            settlement=Settlement.CONTINUOUS,
            interval_amount__gt=0,
            interval__in=Interval.values,
        )
        | Q(
            settlement=Settlement.DISCONTINUOUS,
            interval_amount__isnull=True,
            interval=Interval.FULL_PERIOD,
        ),
    ),
    models.CheckConstraint(
        name="commitment_ended_is_settled",
        condition=~Q(status__in=[CommitmentStatus.COMPLETED, CommitmentStatus.EXPIRED])
        | Q(settled_at__isnull=False),
    ),
    models.CheckConstraint(
        name="commitment_cancelled_has_reason",
        condition=~Q(status=CommitmentStatus.CANCELLED) | ~Q(ended_reason=""),
    ),
]


class Commitment(models.Model):
    """One promise of one partner to draw so much within a term."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="commitments", verbose_name=_("partner")
    )
    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name=_("agreement"),
        help_text=_("The paper that it stands on."),
    )
    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=CommitmentKind)
    settlement = models.CharField(
        _("settlement"),
        max_length=15,
        choices=Settlement,
        default=Settlement.DISCONTINUOUS,
    )
    interval = models.CharField(
        _("interval"),
        max_length=12,
        choices=Interval,
        default=Interval.FULL_PERIOD,
        help_text=_("How often an unused part is lost; only where it is lost."),
    )
    interval_amount = exact(_("amount per interval"), null=True, blank=True)
    # --- terms: changed by amendments only
    amount = exact(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="")
    start_on = models.DateField(_("starts on"))
    end_on = models.DateField(
        _("ends before"), help_text=_("The first day that does not belong to it.")
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=100,
        help_text=_(
            "Where several count the same usage, the lowest number draws first."
        ),
    )
    shortfall_policy = models.CharField(
        _("a shortfall is"),
        max_length=10,
        choices=ShortfallPolicy,
        default=ShortfallPolicy.CHARGE,
    )
    is_prepaid = models.BooleanField(_("prepaid pool"), default=False)
    # --- what counts
    cost_column = models.CharField(
        _("cost that counts"),
        max_length=12,
        choices=CostColumn,
        default=CostColumn.EFFECTIVE,
    )
    counts_credits = models.BooleanField(_("credits count"), default=False)
    counts_refunds = models.BooleanField(_("refunds count"), default=False)
    counts_purchases = models.BooleanField(_("purchases count"), default=False)
    # --- where it stands: set by operations only
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=CommitmentStatus,
        default=CommitmentStatus.SCHEDULED,
        editable=False,
    )
    settled_at = models.DateTimeField(
        _("settled at"), null=True, blank=True, editable=False
    )
    ended_reason = models.TextField(
        _("ended because"), blank=True, default="", editable=False
    )
    rolled_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="rolled_from",
        verbose_name=_("rolled into"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments_owned",
        verbose_name=_("owner"),
    )
    note = models.TextField(_("note"), blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        permissions = [
            ("settle_commitment", "Can settle and cancel commitments"),
        ]
        constraints = COMMITMENT_RULES
        indexes = [
            models.Index("title", "id", name="commitment_list"),
            models.Index("end_on", "id", name="commitment_ending"),
            models.Index("partner", "priority", "id", name="commitment_of_partner"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def measure(self) -> str:
        """The currency, or the unit."""
        return self.currency or self.unit

    @property
    def is_money(self) -> bool:
        return self.kind in MONEY_KINDS


class CommitmentMilestone(models.Model):
    """So much of one commitment is to be drawn, in all, before one day."""

    # That targets never fall and the last one is the amount is kept by a trigger
    commitment = models.ForeignKey(
        Commitment,
        models.CASCADE,
        related_name="milestones",
        verbose_name=_("commitment"),
    )
    due_on = models.DateField(
        _("due before"), help_text=_("The first day that is not counted any more.")
    )
    target = exact(_("cumulative target"))

    objects = CommitmentBoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [
            models.UniqueConstraint(
                "commitment", "due_on", name="commitmentmilestone_one_a_day"
            ),
            models.CheckConstraint(
                name="commitmentmilestone_target_positive", condition=Q(target__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}: {self.target:f}"


class CommitmentEligibility(models.Model):
    """One value of one dimension that counts towards a commitment, or does not."""

    commitment = models.ForeignKey(
        Commitment,
        models.CASCADE,
        related_name="eligibility",
        verbose_name=_("commitment"),
    )
    dimension = models.CharField(_("dimension"), max_length=20, choices=Dimension)
    value = models.CharField(_("value"), max_length=300)
    is_excluded = models.BooleanField(_("does not count"), default=False)

    objects = CommitmentBoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("what counts")
        verbose_name_plural = _("what counts")
        constraints = [
            models.UniqueConstraint(
                "commitment",
                "dimension",
                "value",
                name="commitmenteligibility_value_once",
            ),
            models.CheckConstraint(
                name="commitmenteligibility_has_value", condition=~Q(value="")
            ),
            models.CheckConstraint(
                name="commitmenteligibility_dimension_is_known",
                condition=Q(dimension__in=Dimension.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension}: {self.value}"
