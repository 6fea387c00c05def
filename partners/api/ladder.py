"""The ladder as data: stages, rules and criteria; a change is a new version of a rule."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners import operations
from partners.models import GateCriterion, StageDefinition, StageTransitionRule
from partners.operations import Criterion
from partners.stages import Role


class StageShape(api.Shape[StageDefinition]):
    """One stage of the ladder."""

    class Meta:
        model = StageDefinition
        fields = (
            "id",
            "code",
            "order",
            "name",
            "meaning",
            "stage_type",
            "expected_days",
            "warning_days",
            "confirm_within_days",
            "co_sell_stage",
            "version",
        )


def _days() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, allow_null=True
    )


class StageChanges(api.Given):
    """What can be changed of a stage; code and place stay."""

    name = serializers.CharField(max_length=60, required=False)
    meaning = serializers.CharField(required=False, allow_blank=True)
    expected_days = _days()
    warning_days = _days()
    confirm_within_days = _days()
    co_sell_stage = serializers.CharField(
        max_length=60, required=False, allow_blank=True
    )


class Stages(api.Edits[StageDefinition]):
    """Stages of the ladder, in their order."""

    plural = "stages"
    access = api.Access(
        "partners",
        read="partners.view_stagedefinition",
        change="partners.change_stagedefinition",
    )
    shape, given = StageShape, StageChanges
    orderings = ("order",)
    default_ordering = "order"

    def rows(self) -> QuerySet[StageDefinition]:
        return StageDefinition.objects.all()

    def edit(
        self,
        row: StageDefinition,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> StageDefinition:
        return operations.edit_stage(
            stage=row, values=given, by=by, at=at, expected_version=version
        )


class StageRuleShape(api.Shape[StageTransitionRule]):
    """One version of one step; without `retired_at` it is in force."""

    class Meta:
        model = StageTransitionRule
        fields = (
            "id",
            "source_id",
            "target_id",
            "kind",
            "approver_roles",
            "needs_reason",
            "within_days",
            "version",
            "retired_at",
        )


class RuleFilters(api.Filters):
    class Meta:
        model = StageTransitionRule
        fields = {
            "source_id": ["exact", "in"],
            "target_id": ["exact", "in"],
            "kind": ["exact", "in"],
            "retired_at": ["isnull"],
        }


RULE_ACCESS = api.Access(
    "partners",
    read="partners.view_stagetransitionrule",
    add="partners.change_stagetransitionrule",
)


class Rules(api.Resource[StageTransitionRule]):
    """Every version of every step; `retired_at__isnull=true` are those in force."""

    plural = "stage-rules"
    access = RULE_ACCESS
    shape, filters = StageRuleShape, RuleFilters

    def rows(self) -> QuerySet[StageTransitionRule]:
        return StageTransitionRule.objects.all()


class CriterionGiven(api.Given):
    """One thing a gate is to ask for; `waiver_role` empty when nobody may waive it."""

    code = serializers.SlugField(max_length=60)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]  # a field that is called like DRF's attribute
    kind = serializers.CharField(max_length=40)
    parameters = serializers.DictField(required=False, default=dict)
    waiver_role = serializers.ChoiceField(
        choices=Role.choices, required=False, allow_blank=True, default=""
    )


class RevisionGiven(api.Given):
    """What the next version says; what is left out stays as it is."""

    approver_roles = serializers.ListField(
        child=serializers.ChoiceField(choices=Role.choices), required=False
    )
    needs_reason = serializers.BooleanField(required=False)
    within_days = _days()
    criteria = serializers.ListField(
        child=CriterionGiven(), required=False, max_length=50
    )


class NothingToSay(api.Given):
    """Nothing more is needed."""


class ReviseRule(api.Act[StageTransitionRule]):
    """Put a new version of a step in force; moves made under the old one keep theirs."""

    plural = "stage-rule-revise"
    access = RULE_ACCESS
    shape, given = StageRuleShape, RevisionGiven

    def rows(self) -> QuerySet[StageTransitionRule]:
        return StageTransitionRule.objects.all()

    def act(
        self, row: StageTransitionRule, given: dict[str, Any], *, by: User, at: datetime
    ) -> StageTransitionRule:
        criteria = given.pop("criteria", None)
        return operations.revise_rule(
            rule=row,
            values=given,
            criteria=None
            if criteria is None
            else [Criterion(**each) for each in criteria],
            by=by,
            at=at,
        )


class RetireRule(api.Act[StageTransitionRule]):
    """Forbid a step from now on."""

    plural = "stage-rule-retire"
    access = RULE_ACCESS
    shape, given = StageRuleShape, NothingToSay

    def rows(self) -> QuerySet[StageTransitionRule]:
        return StageTransitionRule.objects.all()

    def act(
        self, row: StageTransitionRule, given: dict[str, Any], *, by: User, at: datetime
    ) -> StageTransitionRule:
        operations.retire_rule(rule=row, by=by, at=at)
        return row


class CriterionShape(api.Shape[GateCriterion]):
    """One thing that must hold before one step."""

    class Meta:
        model = GateCriterion
        fields = (
            "id",
            "rule_id",
            "code",
            "label",
            "kind",
            "parameters",
            "order",
            "is_waivable",
            "waiver_role",
        )


class Criteria(api.Resource[GateCriterion]):
    """The gate of one version of one step."""

    plural = "gate-criteria"
    access = api.Access("partners", read="partners.view_gatecriterion")
    shape = CriterionShape

    def rows(self) -> QuerySet[GateCriterion]:
        rule = get_object_or_404(StageTransitionRule, pk=self.kwargs["rule"])
        return GateCriterion.objects.filter(rule=rule)


urlpatterns = [
    *api.routes("stages", Stages),
    *api.routes("stage-rules", Rules),
    api.act("stage-rules/<int:pk>/revise", ReviseRule),
    api.act("stage-rules/<int:pk>/retire", RetireRule),
    *api.routes("stage-rules/<int:rule>/criteria", Criteria),
]
