"""Proofs of concept: planned with their metrics, measured, extended, decided."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners import operations
from partners.api.partners import one_of
from partners.models import Cooperation, Poc, PocDecision, PocMetric
from partners.operations import Metric


class PocShape(api.Shape[Poc]):
    """One proof of concept."""

    class Meta:
        model = Poc
        fields = (
            "id",
            "cooperation_id",
            "title",
            "hypothesis",
            "decision_rule",
            "status",
            "planned_start_on",
            "planned_end_on",
            "started_on",
            "ended_on",
            "credits_granted",
            "currency",
            "base_models",
            "extension_count",
            "decided_at",
            "decided_by_id",
            "version",
            "updated_at",
        )


class PocFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Poc
        fields = {
            "cooperation_id": ["exact", "in"],
            "status": ["exact", "in"],
            "planned_end_on": ["lte", "gte"],
        }


def _number(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=24, decimal_places=6, **options)


class MetricGiven(api.Given):
    """One success metric as it is agreed before the start."""

    name = serializers.CharField(max_length=120)
    target = _number()
    unit = serializers.CharField(
        max_length=40, required=False, allow_blank=True, default=""
    )
    direction = serializers.ChoiceField(
        choices=PocMetric.Direction.choices, default=PocMetric.Direction.AT_LEAST
    )
    baseline = _number(required=False, allow_null=True, default=None)
    is_mandatory = serializers.BooleanField(default=True)


class PocChanges(api.Given):
    """What can be changed before the decision."""

    title = serializers.CharField(max_length=200)
    planned_start_on = serializers.DateField()
    planned_end_on = serializers.DateField()
    hypothesis = serializers.CharField(required=False, allow_blank=True)
    decision_rule = serializers.CharField(required=False, allow_blank=True)
    credits_granted = serializers.DecimalField(
        max_digits=20, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    base_models = serializers.ListField(
        child=serializers.CharField(max_length=120), required=False, max_length=50
    )


class PocGiven(PocChanges):
    """A new proof, with its cooperation and metrics."""

    cooperation_id = serializers.IntegerField(min_value=1)
    metrics = serializers.ListField(child=MetricGiven(), required=False, max_length=50)


class MetricsGiven(api.Given):
    """The metrics anew."""

    metrics = serializers.ListField(child=MetricGiven(), max_length=50)


class StartGiven(api.Given):
    """On which day it started; today when left out."""

    on = serializers.DateField(required=False, allow_null=True, default=None)


class DecisionGiven(api.Given):
    """Go or no-go, and why."""

    decision = serializers.ChoiceField(choices=["go", "no_go"])
    reason = serializers.CharField()


class ExtensionGiven(api.Given):
    """Until when, why, and an executive's reason for a third time."""

    new_end_on = serializers.DateField()
    reason = serializers.CharField()
    waiver = serializers.CharField(required=False, allow_blank=True, default="")


class CancelGiven(api.Given):
    """Why it is given up."""

    reason = serializers.CharField()


class MeasureGiven(api.Given):
    """What was measured, and when."""

    measured = _number()
    on = serializers.DateField()


def _metrics(given: list[dict[str, Any]] | None) -> list[Metric]:
    return [Metric(**each) for each in given or ()]


class Pocs(api.Adds[Poc], api.Edits[Poc]):
    """Proofs of concept of visible cooperations."""

    plural = "pocs"
    access = api.Access(
        "partners",
        read="partners.view_poc",
        add="partners.add_poc",
        change="partners.change_poc",
    )
    shape, filters = PocShape, PocFilters
    given, changes = PocGiven, PocChanges

    def rows(self) -> QuerySet[Poc]:
        return Poc.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Poc:
        cooperation = one_of(
            Cooperation, given.pop("cooperation_id"), by, pointer="#/cooperation_id"
        )
        metrics = _metrics(given.pop("metrics", None))
        return operations.plan_poc(
            cooperation=cooperation, values=given, metrics=metrics, by=by, at=at
        )

    def edit(
        self,
        row: Poc,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Poc:
        return operations.edit_poc(
            poc=row, values=given, by=by, at=at, expected_version=version
        )


class PocAct(api.Act[Poc]):
    """What all acts on a proof share."""

    access = api.Access("partners", read="partners.view_poc", add="partners.change_poc")
    shape = PocShape

    def rows(self) -> QuerySet[Poc]:
        return Poc.objects.visible_to(self.user)


class AgreeMetrics(PocAct):
    """Agree on the metrics anew; possible until it starts."""

    plural = "poc-agree-metrics"
    given = MetricsGiven

    def act(self, row: Poc, given: dict[str, Any], *, by: User, at: datetime) -> Poc:
        operations.set_metrics(
            poc=row, metrics=_metrics(given["metrics"]), by=by, at=at
        )
        return row


class Start(PocAct):
    """Start a planned proof."""

    plural = "poc-start"
    given = StartGiven

    def act(self, row: Poc, given: dict[str, Any], *, by: User, at: datetime) -> Poc:
        return operations.start_poc(poc=row, by=by, at=at, on=given["on"])


class Decide(PocAct):
    """Decide a running proof; “go” needs every mandatory metric measured."""

    plural = "poc-decide"
    access = api.Access(
        "partners", read="partners.view_poc", add="partners.add_pocdecision"
    )
    given = DecisionGiven

    def act(self, row: Poc, given: dict[str, Any], *, by: User, at: datetime) -> Poc:
        return operations.decide_poc(
            poc=row, decision=given["decision"], reason=given["reason"], by=by, at=at
        )


class Extend(PocAct):
    """Give a running proof more time; twice, then an executive waives the limit."""

    plural = "poc-extend"
    access = Decide.access
    given = ExtensionGiven

    def act(self, row: Poc, given: dict[str, Any], *, by: User, at: datetime) -> Poc:
        return operations.extend_poc(poc=row, **given, by=by, at=at)


class Cancel(PocAct):
    """Give a proof up before it is decided."""

    plural = "poc-cancel"
    given = CancelGiven

    def act(self, row: Poc, given: dict[str, Any], *, by: User, at: datetime) -> Poc:
        return operations.cancel_poc(poc=row, reason=given["reason"], by=by, at=at)


class MetricShape(api.Shape[PocMetric]):
    """One success metric: base, target, measure."""

    class Meta:
        model = PocMetric
        fields = (
            "id",
            "poc_id",
            "name",
            "unit",
            "direction",
            "baseline",
            "target",
            "measured",
            "measured_on",
            "is_mandatory",
        )


class DecisionShape(api.Shape[PocDecision]):
    """One decision about a proof."""

    class Meta:
        model = PocDecision
        fields = ("id", "poc_id", "kind", "reason", "new_end_on", "by_id", "at")


class OfPoc:
    """Doors below one proof; out of sight looks like absent."""

    def poc(self) -> Poc:
        door: Any = self
        rows = Poc.objects.visible_to(door.user)
        return get_object_or_404(rows, pk=door.kwargs["poc"])


class Metrics(OfPoc, api.Resource[PocMetric]):
    """Success metrics of one proof."""

    plural = "poc-metrics"
    access = api.Access("partners", read="partners.view_pocmetric")
    shape = MetricShape

    def rows(self) -> QuerySet[PocMetric]:
        return PocMetric.objects.filter(poc=self.poc())


class Decisions(OfPoc, api.Resource[PocDecision]):
    """Decisions about one proof, extensions included."""

    plural = "poc-decisions"
    access = api.Access("partners", read="partners.view_pocdecision")
    shape = DecisionShape

    def rows(self) -> QuerySet[PocDecision]:
        return PocDecision.objects.filter(poc=self.poc())


class Measure(OfPoc, api.Act[PocMetric]):
    """Write down what was measured; the journal keeps what stood there before."""

    plural = "poc-metric-measure"
    access = api.Access(
        "partners", read="partners.view_pocmetric", add="partners.change_pocmetric"
    )
    shape, given = MetricShape, MeasureGiven

    def rows(self) -> QuerySet[PocMetric]:
        return PocMetric.objects.filter(poc=self.poc()).select_related("poc")

    def act(
        self, row: PocMetric, given: dict[str, Any], *, by: User, at: datetime
    ) -> PocMetric:
        return operations.measure_metric(
            metric=row, measured=given["measured"], on=given["on"], by=by, at=at
        )


urlpatterns = [
    *api.routes("pocs", Pocs),
    api.act("pocs/<int:pk>/metrics-agreed", AgreeMetrics),
    api.act("pocs/<int:pk>/start", Start),
    api.act("pocs/<int:pk>/decide", Decide),
    api.act("pocs/<int:pk>/extend", Extend),
    api.act("pocs/<int:pk>/cancel", Cancel),
    *api.routes("pocs/<int:poc>/metrics", Metrics),
    *api.routes("pocs/<int:poc>/decisions", Decisions),
    api.act("pocs/<int:poc>/metrics/<int:pk>/measure", Measure),
]
