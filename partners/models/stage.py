"""The ladder as data, and every stay of every cooperation on it."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateTimeRangeField,
    RangeOperators,
)
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partners.models.visibility import CooperationBoundQuerySet
from partners.stages import MoveKind, Role, StageType


class StageDefinition(models.Model):
    """One stage of the ladder, with the days it is expected to take."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    meaning = models.CharField(_("meaning"), max_length=250, blank=True, default="")
    order = models.PositiveSmallIntegerField(_("order"), unique=True)
    stage_type = models.CharField(
        _("type"), max_length=10, choices=StageType, default=StageType.OPEN
    )
    expected_days = models.PositiveSmallIntegerField(
        _("expected days"), null=True, blank=True
    )
    warning_days = models.PositiveSmallIntegerField(
        _("warning days"),
        null=True,
        blank=True,
        help_text=_(
            "Days in stage from which a reminder is due; before expected days."
        ),
    )
    confirm_within_days = models.PositiveSmallIntegerField(
        _("confirm within days"),
        null=True,
        blank=True,
        help_text=_("Unconfirmed for longer proposes to step back."),
    )
    co_sell_stage = models.CharField(
        _("nearest co-sell stage"), max_length=60, blank=True, default=""
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.CheckConstraint(
                name="stagedefinition_warns_before_expected",
                condition=Q(warning_days__isnull=True)
                | Q(warning_days__lte=F("expected_days")),
            ),
            models.CheckConstraint(
                name="stagedefinition_type_is_known",
                condition=Q(stage_type__in=StageType.values),
            ),
            models.CheckConstraint(
                name="stagedefinition_code_is_plain",
                condition=Q(code__regex="^[a-z][a-z0-9_]*$"),
            ),
        ]

    def __str__(self) -> str:
        return gettext(self.name)


class StageTransitionRuleQuerySet(models.QuerySet["StageTransitionRule"]):
    """Questions about the rules."""

    def current(self) -> "StageTransitionRuleQuerySet":
        """Keep the rules in force."""
        return self.filter(retired_at__isnull=True)


class StageTransitionRule(models.Model):
    """One allowed step, in one version; an edit retires it and adds the next version."""

    source = models.ForeignKey(
        StageDefinition,
        models.PROTECT,
        to_field="code",
        related_name="rules_from",
        verbose_name=_("from"),
    )
    target = models.ForeignKey(
        StageDefinition,
        models.PROTECT,
        to_field="code",
        related_name="rules_to",
        verbose_name=_("to"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MoveKind)
    approver_roles = ArrayField(
        models.CharField(max_length=20, choices=Role),
        verbose_name=_("approvers"),
        default=list,
        blank=True,
        help_text=_("Each of these roles has to approve."),
    )
    needs_reason = models.BooleanField(_("needs a reason"), default=False)
    within_days = models.PositiveSmallIntegerField(
        _("within days"),
        null=True,
        blank=True,
        help_text=_("Days after closing in which reopening is possible."),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    retired_at = models.DateTimeField(
        _("retired at"), null=True, blank=True, editable=False
    )

    objects = StageTransitionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage rule")
        verbose_name_plural = _("stage rules")
        constraints = [
            models.UniqueConstraint(
                "source",
                "target",
                condition=Q(retired_at__isnull=True),
                name="stagetransitionrule_one_in_force",
            ),
            models.UniqueConstraint(
                "source",
                "target",
                "version",
                name="stagetransitionrule_version_unique",
            ),
            models.CheckConstraint(
                name="stagetransitionrule_kind_is_known",
                condition=Q(kind__in=MoveKind.values),
            ),
            models.CheckConstraint(
                name="stagetransitionrule_only_confirm_stays",
                condition=Q(kind=MoveKind.CONFIRM, source=F("target"))
                | (~Q(kind=MoveKind.CONFIRM) & ~Q(source=F("target"))),
            ),
            models.CheckConstraint(
                name="stagetransitionrule_approvers_are_known",
                condition=Q(approver_roles__contained_by=Role.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id} ({self.version})"


class StageTransition(models.Model):
    """One stay of a cooperation in a stage, from the move that began it to the next."""

    cooperation = models.ForeignKey(
        "partners.Cooperation",
        models.PROTECT,
        related_name="transitions",
        verbose_name=_("cooperation"),
    )
    from_stage = models.ForeignKey(
        StageDefinition,
        models.PROTECT,
        to_field="code",
        null=True,
        blank=True,
        related_name="transitions_from",
        verbose_name=_("from"),
    )
    to_stage = models.ForeignKey(
        StageDefinition,
        models.PROTECT,
        to_field="code",
        related_name="transitions_to",
        verbose_name=_("to"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=MoveKind)
    rule = models.ForeignKey(
        StageTransitionRule,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transitions",
        verbose_name=_("rule"),
    )
    entered_at = models.DateTimeField(_("entered at"))
    exited_at = models.DateTimeField(_("exited at"), null=True, blank=True)
    held_seconds = models.BigIntegerField(_("seconds on hold"), default=0)
    lasted_seconds = models.GeneratedField(
        verbose_name=_("seconds it lasted, without holds"),
        expression=Func(
            Value("epoch"),
            F("exited_at") - F("entered_at"),
            function="date_part",
            output_field=models.FloatField(),
        )
        - F("held_seconds"),
        output_field=models.FloatField(),
        db_persist=True,
    )
    advanced_at = models.DateTimeField(
        _("went on at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When a later open stage was first reached by advancing."),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="stage_moves",
        verbose_name=_("by"),
    )
    reason = models.TextField(_("reason"), blank=True, default="")

    objects = CooperationBoundQuerySet["StageTransition"].as_manager()

    class Meta:
        verbose_name = _("stage move")
        verbose_name_plural = _("stage moves")
        constraints = [
            models.UniqueConstraint(
                "cooperation",
                condition=Q(exited_at__isnull=True),
                name="stagetransition_one_open",
            ),
            ExclusionConstraint(
                name="stagetransition_no_overlap",
                expressions=[
                    ("cooperation", RangeOperators.EQUAL),
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
                name="stagetransition_ends_after_start",
                condition=Q(exited_at__isnull=True) | Q(exited_at__gte=F("entered_at")),
            ),
            models.CheckConstraint(
                name="stagetransition_advanced_after_start",
                condition=Q(advanced_at__isnull=True)
                | Q(advanced_at__gte=F("entered_at")),
            ),
            models.CheckConstraint(
                name="stagetransition_held_is_positive",
                condition=Q(held_seconds__gte=0),
            ),
            models.CheckConstraint(
                name="stagetransition_starts_from_nothing",
                condition=Q(kind=MoveKind.START, from_stage__isnull=True)
                | (~Q(kind=MoveKind.START) & Q(from_stage__isnull=False)),
            ),
            models.CheckConstraint(
                name="stagetransition_kind_is_known",
                condition=Q(
                    kind__in=[k for k in MoveKind.values if k != MoveKind.CONFIRM]
                ),
            ),
        ]
        indexes = [
            models.Index(
                "to_stage",
                "exited_at",
                name="stagetransition_completed",
                include=["lasted_seconds", "cooperation"],
            ),
            models.Index(
                "to_stage",
                "cooperation",
                name="stagetransition_cohort",
                include=["entered_at", "advanced_at"],
            ),
            models.Index("entered_at", "id", name="stagetransition_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.cooperation_id}: {self.from_stage_id} → {self.to_stage_id}"
