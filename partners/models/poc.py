"""Proofs of concept: time-boxed, with measured criteria and a decision."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.models.cooperation import Cooperation
from partners.models.visibility import CooperationBoundQuerySet, PartnerBoundQuerySet

FREE_EXTENSIONS = 2


class PocQuerySet(CooperationBoundQuerySet["Poc"]):
    """Questions about proofs of concept."""

    def undecided(self) -> Self:
        """Planned or running."""
        return self.filter(status__in=[Poc.Status.PLANNED, Poc.Status.RUNNING])


class Poc(models.Model):
    """One proof of concept of one cooperation."""

    class Status(models.TextChoices):
        """Where the proof stands; a state machine of its own."""

        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Running")
        GO = "go", _("Go")
        NO_GO = "no_go", _("No-go")
        CANCELLED = "cancelled", _("Cancelled")

    cooperation = models.ForeignKey(
        Cooperation, models.PROTECT, related_name="pocs", verbose_name=_("cooperation")
    )
    title = models.CharField(_("title"), max_length=200)
    hypothesis = models.TextField(_("hypothesis"), blank=True, default="")
    decision_rule = models.TextField(
        _("decision rule"),
        blank=True,
        default="",
        help_text=_("What is decided upon which result, agreed before the start."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=Status,
        default=Status.PLANNED,
        editable=False,
    )
    planned_start_on = models.DateField(_("planned start"))
    planned_end_on = models.DateField(_("planned end"))
    started_on = models.DateField(_("started on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    credits_granted = models.DecimalField(
        _("credits granted"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    base_models = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("base models"),
        default=list,
        blank=True,
    )
    extension_count = models.PositiveSmallIntegerField(
        _("extensions"), default=0, editable=False
    )
    extension_waiver = models.TextField(
        _("reason for more extensions"), blank=True, default="", editable=False
    )
    decided_at = models.DateTimeField(
        _("decided at"), null=True, blank=True, editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pocs_decided",
        verbose_name=_("decided by"),
        editable=False,
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = PocQuerySet.as_manager()

    class Meta:
        verbose_name = _("PoC")
        verbose_name_plural = _("PoCs")
        constraints = [
            models.CheckConstraint(
                name="poc_planned_end_after_start",
                condition=Q(planned_end_on__gte=F("planned_start_on")),
            ),
            models.CheckConstraint(
                name="poc_ended_after_start",
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
            models.CheckConstraint(
                name="poc_running_has_start",
                condition=Q(status__in=["planned", "cancelled"])
                | Q(started_on__isnull=False),
            ),
            models.CheckConstraint(
                name="poc_decided_says_who_and_when",
                condition=~Q(status__in=["go", "no_go"])
                | Q(
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    ended_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="poc_extensions_are_limited",
                condition=Q(extension_count__lte=FREE_EXTENSIONS)
                | ~Q(extension_waiver=""),
            ),
            models.CheckConstraint(
                name="poc_credits_are_not_negative",
                condition=Q(credits_granted__isnull=True) | Q(credits_granted__gte=0),
            ),
            models.CheckConstraint(
                name="poc_status_is_known",
                condition=Q(
                    status__in=["planned", "running", "go", "no_go", "cancelled"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PocMetric(models.Model):
    """One success metric of a proof: what was the base, the target, the measure."""

    class Direction(models.TextChoices):
        """On which side of the target success lies."""

        AT_LEAST = "at_least", _("at least")
        AT_MOST = "at_most", _("at most")

    poc = models.ForeignKey(
        Poc, models.CASCADE, related_name="metrics", verbose_name=_("PoC")
    )
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("unit"), max_length=40, blank=True, default="")
    direction = models.CharField(
        _("direction"),
        max_length=10,
        choices=Direction,
        default=Direction.AT_LEAST,
    )
    baseline = models.DecimalField(
        _("baseline"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    target = models.DecimalField(_("target"), max_digits=24, decimal_places=6)
    measured = models.DecimalField(
        _("measured"), max_digits=24, decimal_places=6, null=True, blank=True
    )
    measured_on = models.DateField(_("measured on"), null=True, blank=True)
    is_mandatory = models.BooleanField(_("mandatory"), default=True)

    class MetricQuerySet(PartnerBoundQuerySet["PocMetric"]):
        """Questions about metrics."""

        path_to_partner = "poc__cooperation__partner__"

    objects = MetricQuerySet.as_manager()

    class Meta:
        verbose_name = _("success metric")
        verbose_name_plural = _("success metrics")
        constraints = [
            models.UniqueConstraint("poc", "name", name="pocmetric_name_unique_in_poc"),
            models.CheckConstraint(
                name="pocmetric_measured_has_date",
                condition=Q(measured__isnull=True, measured_on__isnull=True)
                | Q(measured__isnull=False, measured_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PocDecision(models.Model):
    """One decision about a proof; extensions are decisions too, nothing is rewritten."""

    class Kind(models.TextChoices):
        """What was decided."""

        GO = "go", _("Go")
        NO_GO = "no_go", _("No-go")
        EXTEND = "extend", _("Extend")

    poc = models.ForeignKey(
        Poc, models.PROTECT, related_name="decisions", verbose_name=_("PoC")
    )
    kind = models.CharField(_("decision"), max_length=10, choices=Kind)
    reason = models.TextField(_("reason"))
    new_end_on = models.DateField(_("new end"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="poc_decisions",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))

    class DecisionQuerySet(PartnerBoundQuerySet["PocDecision"]):
        """Questions about decisions."""

        path_to_partner = "poc__cooperation__partner__"

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("PoC decision")
        verbose_name_plural = _("PoC decisions")
        constraints = [
            models.CheckConstraint(
                name="pocdecision_has_reason", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="pocdecision_extension_has_new_end",
                condition=Q(kind="extend", new_end_on__isnull=False)
                | (~Q(kind="extend") & Q(new_end_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.poc_id}: {self.kind}"
