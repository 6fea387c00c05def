"""Scenarios: what a model really does at a partner, and what that is worth."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.ai.lifecycles import ScenarioStatus
from partners.ai.models.catalogue import BaseModel
from partners.ai.models.derived import DerivedModel
from partners.industries import Industry
from partners.models import Cooperation
from partners.models.visibility import CooperationBoundQuerySet


class ScenarioKind(models.Model):
    """One kind of training ground, for example an assistant in the vehicle."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    local_name = models.CharField(
        _("Chinese name"), max_length=80, blank=True, default=""
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("offered"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("scenario kind")
        verbose_name_plural = _("scenario kinds")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="scenariokind_name_once"),
            models.CheckConstraint(name="scenariokind_has_name", condition=~Q(name="")),
        ]
        indexes = [models.Index("order", "id", name="scenariokind_list")]

    def __str__(self) -> str:
        is_chinese = (get_language() or "").startswith("zh")
        return self.local_name if is_chinese and self.local_name else self.name


class ScenarioQuerySet(CooperationBoundQuerySet["Scenario"]):
    """Scenarios, seen with the partner of their cooperation."""


class Scenario(models.Model):
    """One use of models in the real world of one cooperation: one training ground."""

    cooperation = models.ForeignKey(
        Cooperation, models.PROTECT, related_name="scenarios",
        verbose_name=_("cooperation"),
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=200)
    industry = models.CharField(_("industry"), max_length=40, choices=Industry)
    kind = models.ForeignKey(
        ScenarioKind, models.PROTECT, related_name="scenarios", verbose_name=_("kind")
    )
    does = models.TextField(_("what it does"))
    status = models.CharField(
        _("status"), max_length=10, choices=ScenarioStatus,
        default=ScenarioStatus.PLANNED, editable=False,
    )  # fmt: skip
    planned_on = models.DateField(_("planned for"), null=True, blank=True)
    live_on = models.DateField(_("live since"), null=True, blank=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)
    end_reason = models.TextField(
        _("why it ended"), blank=True, default="", editable=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True,
        related_name="scenarios", verbose_name=_("owner"),
    )  # fmt: skip
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = [
            models.CheckConstraint(
                name="scenario_says_what_it_does",
                condition=~Q(title="") & ~Q(does=""),
            ),
            models.CheckConstraint(
                name="scenario_live_has_day",
                condition=~Q(status=ScenarioStatus.LIVE) | Q(live_on__isnull=False),
            ),
            models.CheckConstraint(
                name="scenario_ended_says_when_and_why",
                condition=Q(
                    ~Q(end_reason=""),
                    status=ScenarioStatus.ENDED,
                    ended_on__isnull=False,
                )
                | (~Q(status=ScenarioStatus.ENDED) & Q(ended_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="scenario_ends_after_start",
                condition=Q(ended_on__isnull=True)
                | Q(live_on__isnull=True)
                | Q(ended_on__gte=F("live_on")),
            ),
        ]
        indexes = [
            models.Index("industry", "kind", "status", name="scenario_coverage"),
            models.Index("title", "id", name="scenario_list"),
        ]

    def __str__(self) -> str:
        return self.title


class OfScenarioQuerySet(CooperationBoundQuerySet["ScenarioMeasure"]):
    """Measures, seen with their scenario."""

    path_to_partner = "scenario__cooperation__partner__"


class ScenarioMeasure(models.Model):
    """One value of a scenario before and after, in its unit."""

    scenario = models.ForeignKey(
        Scenario, models.CASCADE, related_name="measures", verbose_name=_("scenario")
    )
    name = models.CharField(_("what is measured"), max_length=120)
    unit = models.CharField(_("unit"), max_length=40)
    before = models.DecimalField(_("before"), max_digits=20, decimal_places=4)
    after = models.DecimalField(
        _("after"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    is_lower_better = models.BooleanField(_("lower is better"), default=False)
    measured_on = models.DateField(_("measured on"), null=True, blank=True)

    objects = OfScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure of a scenario")
        verbose_name_plural = _("measures of scenarios")
        constraints = [
            models.UniqueConstraint(
                "scenario", Lower("name"), name="scenariomeasure_name_once"
            ),
            models.CheckConstraint(
                name="scenariomeasure_has_unit", condition=~Q(name="") & ~Q(unit="")
            ),
            models.CheckConstraint(
                name="scenariomeasure_after_has_day",
                condition=Q(after__isnull=True) | Q(measured_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScenarioModelQuerySet(CooperationBoundQuerySet["ScenarioModel"]):
    """Models of scenarios, seen with their scenario."""

    path_to_partner = "scenario__cooperation__partner__"


class ScenarioModel(models.Model):
    """One model that a scenario uses."""

    scenario = models.ForeignKey(
        Scenario, models.CASCADE, related_name="models", verbose_name=_("scenario")
    )
    base = models.ForeignKey(
        BaseModel, models.PROTECT, null=True, blank=True,
        related_name="scenario_uses", verbose_name=_("base model"),
    )  # fmt: skip
    derived = models.ForeignKey(
        DerivedModel, models.PROTECT, null=True, blank=True,
        related_name="scenario_uses", verbose_name=_("derived model"),
    )  # fmt: skip

    objects = ScenarioModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("model of a scenario")
        verbose_name_plural = _("models of scenarios")
        constraints = [
            models.CheckConstraint(
                name="scenariomodel_is_one_model",
                condition=Q(base__isnull=False, derived__isnull=True)
                | Q(base__isnull=True, derived__isnull=False),
            ),
            models.UniqueConstraint("scenario", "base", name="scenariomodel_base_once"),
            models.UniqueConstraint(
                "scenario", "derived", name="scenariomodel_derived_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_id}: {self.base_id or self.derived_id}"
