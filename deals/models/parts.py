"""What belongs to a deal: lines, stage moves, weekly snapshots, credits, foreign ids."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from deals.models.deal import Deal
from deals.models.visibility import DealBoundQuerySet
from deals.pipeline import (
    CLOSED,
    OPEN,
    ChangeKind,
    CreditKind,
    DealStage,
    ForecastCategory,
)
from partners.models import Partner


class DealStageWeight(models.Model):
    """How surely a deal of one stage counts unless somebody overrides it."""

    stage = models.CharField(_("stage"), max_length=30, choices=DealStage, unique=True)
    probability = models.PositiveSmallIntegerField(
        _("probability"), help_text=_("Percent, 0 to 100.")
    )
    category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory
    )
    order = models.PositiveSmallIntegerField(_("order"), unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("stage of deals")
        verbose_name_plural = _("stages of deals")
        constraints = [
            models.CheckConstraint(
                name="dealstageweight_probability_to_100",
                condition=Q(probability__lte=100),
            ),
            models.CheckConstraint(
                name="dealstageweight_closed_is_launched",
                condition=Q(category=ForecastCategory.CLOSED, stage=DealStage.LAUNCHED)
                | (~Q(category=ForecastCategory.CLOSED) & ~Q(stage=DealStage.LAUNCHED)),
            ),
        ]

    def __str__(self) -> str:
        return str(DealStage(self.stage).label)


class DealLine(models.Model):
    """One thing that a deal sells; with lines, the deal's amount is their sum."""

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="lines", verbose_name=_("deal")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.CharField(_("product"), max_length=200)
    service_category = models.CharField(
        _("service category"),
        max_length=80,
        blank=True,
        default="",
        help_text=_("As in the billing export, for example AI and Machine Learning."),
    )
    quantity = models.DecimalField(_("quantity"), max_digits=20, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=40, blank=True, default="")
    unit_price = models.DecimalField(_("unit price"), max_digits=20, decimal_places=6)
    amount = models.GeneratedField(
        verbose_name=_("amount"),
        expression=Round(F("quantity") * F("unit_price"), precision=2),
        output_field=models.DecimalField(max_digits=20, decimal_places=2),
        db_persist=True,
    )

    objects = DealBoundQuerySet["DealLine"].as_manager()

    class Meta:
        verbose_name = _("line of a deal")
        verbose_name_plural = _("lines of deals")
        constraints = [
            models.UniqueConstraint(
                "deal", "position", name="dealline_position_unique"
            ),
            models.CheckConstraint(
                name="dealline_has_product", condition=~Q(product="")
            ),
            models.CheckConstraint(
                name="dealline_is_not_negative",
                condition=Q(quantity__gt=0, unit_price__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.product


class DealStageChange(models.Model):
    """One stay of a deal in a stage, from the move that began it to the next."""

    deal = models.ForeignKey(
        Deal, models.PROTECT, related_name="stage_changes", verbose_name=_("deal")
    )
    from_stage = models.CharField(
        _("from"), max_length=30, choices=DealStage, blank=True, default=""
    )
    to_stage = models.CharField(_("to"), max_length=30, choices=DealStage)
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind)
    entered_at = models.DateTimeField(_("entered at"))
    exited_at = models.DateTimeField(_("exited at"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="deal_moves",
        verbose_name=_("by"),
    )
    reason = models.TextField(_("reason"), blank=True, default="")

    objects = DealBoundQuerySet["DealStageChange"].as_manager()

    class Meta:
        verbose_name = _("stage move of a deal")
        verbose_name_plural = _("stage moves of deals")
        constraints = [
            models.UniqueConstraint(
                "deal",
                condition=Q(exited_at__isnull=True),
                name="dealstagechange_one_open",
            ),
            ExclusionConstraint(
                name="dealstagechange_no_overlap",
                expressions=[
                    ("deal", RangeOperators.EQUAL),
                    (
                        Func(
                            "entered_at",
                            "exited_at",
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="dealstagechange_ends_after_start",
                condition=Q(exited_at__isnull=True) | Q(exited_at__gte=F("entered_at")),
            ),
            models.CheckConstraint(
                name="dealstagechange_step_is_allowed",
                condition=Q(kind=ChangeKind.START, from_stage="", to_stage__in=OPEN)
                | Q(kind=ChangeKind.MOVE, from_stage__in=OPEN, to_stage__in=OPEN)
                & ~Q(from_stage=F("to_stage"))
                | Q(
                    kind=ChangeKind.WIN,
                    from_stage=DealStage.COMMITTED,
                    to_stage=DealStage.LAUNCHED,
                )
                | Q(
                    kind=ChangeKind.LOSE,
                    from_stage__in=OPEN,
                    to_stage=DealStage.CLOSED_LOST,
                )
                | Q(kind=ChangeKind.REOPEN, from_stage__in=CLOSED, to_stage__in=OPEN),
            ),
            models.CheckConstraint(
                name="dealstagechange_reopening_has_reason",
                condition=~Q(kind=ChangeKind.REOPEN) | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index("entered_at", "id", name="dealstagechange_by_time"),
            models.Index("to_stage", "deal", name="dealstagechange_reached"),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.from_stage} → {self.to_stage}"


class DealSnapshot(models.Model):
    """How one deal stood at the end of one week; basis of slippage and accuracy."""

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="snapshots", verbose_name=_("deal")
    )
    week_on = models.DateField(
        _("week"), help_text=_("Its Monday; the week ends before the next one.")
    )
    stage = models.CharField(_("stage"), max_length=30, choices=DealStage)
    category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory
    )
    probability = models.PositiveSmallIntegerField(_("probability"))
    amount = models.DecimalField(
        _("amount"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    monthly_spend = models.DecimalField(
        _("expected monthly spend"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
    )
    currency = models.CharField(_("currency"), max_length=3)
    target_close_on = models.DateField(_("target close"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"))

    objects = DealBoundQuerySet["DealSnapshot"].as_manager()

    class Meta:
        verbose_name = _("weekly snapshot of a deal")
        verbose_name_plural = _("weekly snapshots of deals")
        constraints = [
            models.UniqueConstraint(
                "week_on", "deal", name="dealsnapshot_one_per_week"
            ),
            models.CheckConstraint(
                name="dealsnapshot_week_is_a_monday",
                condition=Q(week_on__iso_week_day=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.week_on}"


class AttributionCredit(models.Model):
    """What share of one deal a partner brought, or had a hand in."""

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="credits", verbose_name=_("deal")
    )
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        related_name="attribution_credits",
        verbose_name=_("credited partner"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=CreditKind)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2)
    evidence = models.TextField(_("evidence"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="credits_given",
        verbose_name=_("by"),
    )
    given_at = models.DateTimeField(_("given at"))

    objects = DealBoundQuerySet["AttributionCredit"].as_manager()

    class Meta:
        verbose_name = _("attribution")
        verbose_name_plural = _("attributions")
        constraints = [
            models.CheckConstraint(
                name="attributioncredit_percent_to_100",
                condition=Q(percent__gt=0, percent__lte=100),
            ),
            models.CheckConstraint(
                name="attributioncredit_kind_is_known",
                condition=Q(kind__in=CreditKind.values),
            ),
            models.CheckConstraint(
                name="attributioncredit_has_evidence", condition=~Q(evidence="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal_id}: {self.kind} {self.percent} %"


class DealExternalId(models.Model):
    """The id by which another system knows a deal."""

    deal = models.ForeignKey(
        Deal, models.CASCADE, related_name="external_ids", verbose_name=_("deal")
    )
    system = models.CharField(_("system"), max_length=60)
    value = models.CharField(_("id"), max_length=120)

    objects = DealBoundQuerySet["DealExternalId"].as_manager()

    class Meta:
        verbose_name = _("external id of a deal")
        verbose_name_plural = _("external ids of deals")
        constraints = [
            models.UniqueConstraint(
                "system", "value", name="dealexternalid_unique_in_system"
            ),
            models.UniqueConstraint(
                "deal", "system", name="dealexternalid_one_per_system"
            ),
            models.CheckConstraint(
                name="dealexternalid_is_complete",
                condition=~Q(system="") & ~Q(value=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"
