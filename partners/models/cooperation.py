"""Cooperations: the programmes we run with a partner, and the time they were on hold."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.models.partner import Partner
from partners.models.stage import StageDefinition, StageTransition
from partners.models.visibility import CooperationBoundQuerySet, PartnerBoundQuerySet
from partners.stages import ClosedReason


class CooperationType(models.TextChoices):
    """What the cooperation is about."""

    CO_DEVELOPMENT = "model_co_development", _("Model co-development")
    AI_APPLICATION = "ai_application", _("AI application")
    CLOUD_MIGRATION = "cloud_migration", _("Cloud migration")
    COMPUTE_SUPPLY = "compute_supply", _("Compute supply")
    JOINT_MARKET = "joint_go_to_market", _("Joint go-to-market")
    RESALE = "resale", _("Resale")


class SecurityReview(models.TextChoices):
    """How far the data protection and security review is."""

    NOT_STARTED = "not_started", _("Not started")
    RUNNING = "running", _("Running")
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Failed")


class MeetingRhythm(models.TextChoices):
    """How often the steering committee meets."""

    WEEKLY = "weekly", _("Weekly")
    FORTNIGHTLY = "fortnightly", _("Every two weeks")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")


class CooperationQuerySet(PartnerBoundQuerySet["Cooperation"]):
    """Questions about cooperations."""

    def running(self) -> Self:
        """Not closed; those on hold included."""
        return self.filter(closed_at__isnull=True)

    def with_stage(self) -> Self:
        """Join what a line of a list or a gate shows."""
        return self.select_related("partner", "stage", "owner", "team")


COOPERATION_RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="cooperation_open_has_next_step",
        condition=Q(closed_at__isnull=False) | ~Q(next_step=""),
    ),
    models.CheckConstraint(
        name="cooperation_closed_has_reason",
        condition=Q(closed_at__isnull=True, closed_reason="")
        | (Q(closed_at__isnull=False) & Q(closed_reason__in=ClosedReason.values)),
    ),
    models.CheckConstraint(
        name="cooperation_names_competitor",
        condition=~Q(closed_reason=ClosedReason.COMPETITOR) | ~Q(competitor=""),
    ),
    models.CheckConstraint(
        name="cooperation_hold_has_reason",
        condition=Q(on_hold_since__isnull=True, hold_reason="")
        | (Q(on_hold_since__isnull=False) & ~Q(hold_reason="")),
    ),
    models.CheckConstraint(
        name="cooperation_closed_is_not_on_hold",
        condition=Q(closed_at__isnull=True) | Q(on_hold_since__isnull=True),
    ),
    models.CheckConstraint(
        name="cooperation_fit_score_to_100",
        condition=Q(fit_score__isnull=True) | Q(fit_score__lte=100),
    ),
    models.CheckConstraint(
        name="cooperation_money_is_not_negative",
        condition=(
            Q(expected_monthly_spend__isnull=True) | Q(expected_monthly_spend__gte=0)
        )
        & (Q(production_cost__isnull=True) | Q(production_cost__gte=0)),
    ),
    models.CheckConstraint(
        name="cooperation_currency_has_three_letters",
        condition=Q(currency__regex="^[A-Z]{3}$"),
    ),
    models.CheckConstraint(
        name="cooperation_has_title", condition=~Q(title="") & ~Q(code="")
    ),
]


class Cooperation(models.Model):
    """One cooperation programme with one partner; its stage moves by one operation only."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="cooperations", verbose_name=_("partner")
    )
    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    cooperation_type = models.CharField(
        _("type"), max_length=30, choices=CooperationType
    )
    # --- where it stands: set by operations on stages only, guarded by the database
    stage = models.ForeignKey(
        StageDefinition,
        models.PROTECT,
        to_field="code",
        related_name="cooperations",
        verbose_name=_("stage"),
        editable=False,
    )
    stage_entered_at = models.DateTimeField(_("in stage since"), editable=False)
    confirmed_at = models.DateTimeField(
        _("stage confirmed at"), null=True, blank=True, editable=False
    )
    on_hold_since = models.DateTimeField(
        _("on hold since"), null=True, blank=True, editable=False
    )
    hold_reason = models.TextField(
        _("reason for the hold"), blank=True, default="", editable=False
    )
    closed_at = models.DateTimeField(
        _("closed at"), null=True, blank=True, editable=False
    )
    closed_reason = models.CharField(
        _("closed because"),
        max_length=20,
        choices=ClosedReason,
        blank=True,
        default="",
        editable=False,
    )
    # --- who and what next
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperations_owned",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperations",
        verbose_name=_("team"),
    )
    next_step = models.CharField(_("next step"), max_length=250, blank=True, default="")
    next_step_due_on = models.DateField(_("next step due on"), null=True, blank=True)
    target_stage_on = models.DateField(
        _("target date of the next stage"), null=True, blank=True
    )
    announced_on = models.DateField(_("announced on"), null=True, blank=True)
    announcement_url = models.URLField(
        _("announcement"), max_length=500, blank=True, default=""
    )
    # --- what gates ask for
    business_problem = models.TextField(_("business problem"), blank=True, default="")
    use_case = models.TextField(_("use case"), blank=True, default="")
    expected_monthly_spend = models.DecimalField(
        _("expected monthly spend"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    fit_score = models.PositiveSmallIntegerField(
        _("fit score"), null=True, blank=True, help_text=_("0 to 100")
    )
    our_sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cooperations_sponsored",
        verbose_name=_("our executive sponsor"),
    )
    scope = models.TextField(_("scope"), blank=True, default="")
    working_group = models.TextField(_("working group"), blank=True, default="")
    success_measures = models.TextField(
        _("joint success measures"), blank=True, default=""
    )
    agreement_target_on = models.DateField(
        _("target date of the definitive agreement"), null=True, blank=True
    )
    security_review = models.CharField(
        _("security review"),
        max_length=15,
        choices=SecurityReview,
        default=SecurityReview.NOT_STARTED,
    )
    steering_committee = models.TextField(
        _("steering committee"), blank=True, default=""
    )
    steering_rhythm = models.CharField(
        _("meeting rhythm"),
        max_length=15,
        choices=MeetingRhythm,
        blank=True,
        default="",
    )
    has_no_commitment = models.BooleanField(
        _("explicitly no commitment"),
        default=False,
        help_text=_("Both sides agreed that nothing is committed."),
    )
    production_plan = models.TextField(_("production plan"), blank=True, default="")
    production_planned_on = models.DateField(
        _("planned date of production"), null=True, blank=True
    )
    production_cost = models.DecimalField(
        _("estimated cost of production"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
    )
    closing_review = models.TextField(_("closing review"), blank=True, default="")
    handed_over_on = models.DateField(
        _("assets and models handed over on"), null=True, blank=True
    )
    lessons = models.TextField(_("lessons"), blank=True, default="")
    competitor = models.CharField(
        _("competitor"), max_length=120, blank=True, default=""
    )
    commitments_settlement = models.TextField(
        _("what became of open commitments"), blank=True, default=""
    )
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = CooperationQuerySet.as_manager()

    class Meta:
        verbose_name = _("cooperation")
        verbose_name_plural = _("cooperations")
        constraints = COOPERATION_RULES
        indexes = [
            models.Index("title", "id", name="cooperation_list"),
            models.Index(
                "stage",
                "stage_entered_at",
                condition=Q(closed_at__isnull=True),
                name="cooperation_running",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Hold(models.Model):
    """One span of time in which a cooperation rested, with its reason."""

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="holds",
        verbose_name=_("cooperation"),
    )
    stay = models.ForeignKey(
        StageTransition, models.PROTECT, related_name="holds", verbose_name=_("stay")
    )
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="holds_begun",
        verbose_name=_("by"),
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="holds_ended",
        verbose_name=_("ended by"),
    )

    objects = CooperationBoundQuerySet["Hold"].as_manager()

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                "cooperation", condition=Q(ended_at__isnull=True), name="hold_one_open"
            ),
            ExclusionConstraint(
                name="hold_no_overlap",
                expressions=[
                    ("cooperation", RangeOperators.EQUAL),
                    (
                        Func(
                            "began_at",
                            "ended_at",
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                name="hold_ends_after_start",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")),
            ),
            models.CheckConstraint(name="hold_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.cooperation_id}: {self.began_at:%Y-%m-%d}"
