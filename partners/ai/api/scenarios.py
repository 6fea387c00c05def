"""Scenarios by REST: list, plan, edit, go live, end, measures, models."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.ai import operations
from partners.ai.api.catalogue import access
from partners.ai.api.pointing import a_row, model_of
from partners.ai.models import Scenario, ScenarioKind, ScenarioMeasure, ScenarioModel
from partners.industries import Industry
from partners.models import Cooperation

CHANGE = api.Access(
    "ai",
    read="ai.view_scenario",
    add="ai.change_scenario",
    delete="ai.change_scenario",
)


class ScenarioShape(api.Shape[Scenario]):
    """One training ground."""

    partner_id = serializers.IntegerField(
        source="cooperation.partner_id", read_only=True
    )
    partner_name = serializers.CharField(
        source="cooperation.partner.display_name", read_only=True
    )
    kind_code = serializers.CharField(source="kind.code", read_only=True)

    class Meta:
        model = Scenario
        fields = (
            "id", "cooperation_id", "partner_id", "partner_name", "title", "industry",
            "kind_id", "kind_code", "does", "status", "planned_on", "live_on",
            "ended_on", "end_reason", "owner_id", "version", "updated_at",
        )  # fmt: skip


class ScenarioFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Scenario
        fields = {
            "cooperation_id": ["exact", "in"],
            "industry": ["exact", "in"],
            "kind_id": ["exact", "in"],
            "status": ["exact", "in"],
            "owner_id": ["exact", "in", "isnull"],
        }


class ScenarioChanges(api.Given):
    """What can be changed; the status moves by `start` and `end`."""

    title = serializers.CharField(max_length=200)
    kind_id = serializers.IntegerField(min_value=1)
    does = serializers.CharField()
    industry = serializers.ChoiceField(choices=Industry.choices, required=False)
    planned_on = serializers.DateField(required=False, allow_null=True)
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class ScenarioGiven(ScenarioChanges):
    """A new scenario, with its cooperation."""

    cooperation_id = serializers.IntegerField(min_value=1)


def values_of(given: dict[str, Any], user: User) -> dict[str, Any]:
    """Return the fields, ids turned into rows that this person may see."""
    values = {k: v for k, v in given.items() if not k.endswith("_id")}
    if "kind_id" in given:
        kinds = ScenarioKind.objects.all()
        values["kind"] = a_row(kinds, given["kind_id"], pointer="#/kind_id")
    if "owner_id" in given:
        pk, people = given["owner_id"], User.objects.visible_to(user)
        values["owner"] = pk and a_row(people, pk, pointer="#/owner_id")
    return values


class Scenarios(api.Adds[Scenario], api.Edits[Scenario]):
    """What models do in the real world of partners."""

    plural = "scenarios"
    access = access("scenario")
    shape, filters = ScenarioShape, ScenarioFilters
    given, changes = ScenarioGiven, ScenarioChanges
    orderings = ("id", "title")

    def rows(self) -> QuerySet[Scenario]:
        return Scenario.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Scenario:
        rows = Cooperation.objects.visible_to(by)
        pk = given.pop("cooperation_id")
        return operations.plan_scenario(
            cooperation=a_row(rows, pk, pointer="#/cooperation_id"),
            values=values_of(given, by),
            by=by,
            at=at,
        )

    def edit(
        self,
        row: Scenario,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Scenario:
        return operations.edit_scenario(
            scenario=row,
            values=values_of(given, by),
            expected_version=version,
            by=by,
            at=at,
        )


class ScenarioStartGiven(api.Given):
    """On which day; today unless told."""

    on = serializers.DateField(required=False, allow_null=True)


class ScenarioEndGiven(ScenarioStartGiven):
    """Why, and on which day."""

    reason = serializers.CharField()


class ScenarioAct(api.Act[Scenario]):
    """What all acts on a scenario share."""

    access = CHANGE
    shape = ScenarioShape

    def rows(self) -> QuerySet[Scenario]:
        return Scenario.objects.visible_to(self.user)


class Start(ScenarioAct):
    """Let it go live."""

    plural = "scenario-start"
    given = ScenarioStartGiven

    def act(
        self, row: Scenario, given: dict[str, Any], *, by: User, at: datetime
    ) -> Scenario:
        return operations.start_scenario(scenario=row, on=given.get("on"), by=by, at=at)


class End(ScenarioAct):
    """End it."""

    plural = "scenario-end"
    given = ScenarioEndGiven

    def act(
        self, row: Scenario, given: dict[str, Any], *, by: User, at: datetime
    ) -> Scenario:
        return operations.end_scenario(
            scenario=row, reason=given["reason"], on=given.get("on"), by=by, at=at
        )


class OfScenario(api.Door):
    """What lies below one scenario."""

    def scenario(self) -> Scenario:
        """Return the scenario the address names."""
        rows = Scenario.objects.visible_to(self.user)
        return get_object_or_404(rows, pk=self.kwargs["scenario"])


class MeasureShape(api.Shape[ScenarioMeasure]):
    """One value before and after."""

    class Meta:
        model = ScenarioMeasure
        fields = (
            "id", "scenario_id", "name", "unit", "before", "after", "is_lower_better",
            "measured_on",
        )  # fmt: skip


class ScenarioMeasureGiven(api.Given):
    """One value before and after; the same name again replaces it."""

    name = serializers.CharField(max_length=120)
    unit = serializers.CharField(max_length=40)
    before = serializers.DecimalField(max_digits=20, decimal_places=4)
    after = serializers.DecimalField(
        max_digits=20, decimal_places=4, required=False, allow_null=True
    )
    measured_on = serializers.DateField(required=False, allow_null=True)
    is_lower_better = serializers.BooleanField(required=False)


class Measures(OfScenario, api.Adds[ScenarioMeasure]):
    """What a scenario is worth."""

    plural = "scenario-measures"
    access = CHANGE
    shape, given = MeasureShape, ScenarioMeasureGiven

    def rows(self) -> QuerySet[ScenarioMeasure]:
        return ScenarioMeasure.objects.filter(scenario=self.scenario())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ScenarioMeasure:
        measured = operations.Measured(**given)
        return operations.measure_scenario(
            scenario=self.scenario(), measured=measured, by=by, at=at
        )


class UseShape(api.Shape[ScenarioModel]):
    """One model that a scenario uses."""

    class Meta:
        model = ScenarioModel
        fields = ("id", "scenario_id", "base_id", "derived_id")


class UseGiven(api.Given):
    """One model that it uses."""

    base_id = serializers.IntegerField(min_value=1, required=False)
    derived_id = serializers.IntegerField(min_value=1, required=False)


class Uses(OfScenario, api.Adds[ScenarioModel], api.Removes[ScenarioModel]):
    """The models of a scenario."""

    plural = "scenario-models"
    access = CHANGE
    shape, given = UseShape, UseGiven

    def rows(self) -> QuerySet[ScenarioModel]:
        return ScenarioModel.objects.filter(scenario=self.scenario())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ScenarioModel:
        return operations.use_model(
            scenario=self.scenario(), model=model_of(given, by), by=by, at=at
        )

    def remove(
        self, row: ScenarioModel, *, version: int | None, by: User, at: datetime
    ) -> None:
        operations.drop_model(use=row, by=by, at=at)


BELOW = "scenarios/<int:scenario>"

urlpatterns = [
    *api.routes("scenarios", Scenarios),
    api.act("scenarios/<int:pk>/start", Start),
    api.act("scenarios/<int:pk>/end", End),
    *api.routes(f"{BELOW}/measures", Measures),
    *api.routes(f"{BELOW}/models", Uses),
]
