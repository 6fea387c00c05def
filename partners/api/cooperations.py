"""Cooperations: list, detail, begin, edit; hold, resume, confirm."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import Team, User
from crm.web import api
from crm.web.api import problems
from partners import operations as moves
from partners.api.partners import one_of
from partners.models import Cooperation, CooperationType, Partner
from partners.models.cooperation import MeetingRhythm, SecurityReview
from partners.operations import cooperations as operations

ACCESS = api.Access(
    "partners",
    read="partners.view_cooperation",
    add="partners.add_cooperation",
    change="partners.change_cooperation",
)
RELATIONS = {"owner_id": User, "team_id": Team, "our_sponsor_id": User}


class CooperationShape(api.Shape[Cooperation]):
    """One programme with a partner, and where it stands."""

    partner_name = serializers.CharField(source="partner.display_name", read_only=True)

    class Meta:
        model = Cooperation
        fields = (
            "id",
            "key",
            "code",
            "partner_id",
            "partner_name",
            "title",
            "cooperation_type",
            "stage_id",
            "stage_entered_at",
            "confirmed_at",
            "on_hold_since",
            "hold_reason",
            "closed_at",
            "closed_reason",
            "owner_id",
            "team_id",
            "our_sponsor_id",
            "next_step",
            "next_step_due_on",
            "target_stage_on",
            "announced_on",
            "announcement_url",
            "business_problem",
            "use_case",
            "expected_monthly_spend",
            "currency",
            "fit_score",
            "scope",
            "working_group",
            "success_measures",
            "agreement_target_on",
            "security_review",
            "steering_committee",
            "steering_rhythm",
            "has_no_commitment",
            "production_plan",
            "production_planned_on",
            "production_cost",
            "version",
            "updated_at",
        )


class CooperationFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Cooperation
        fields = {
            "id": ["in"],
            "partner_id": ["exact", "in"],
            "stage_id": ["exact", "in"],
            "owner_id": ["exact", "in", "isnull"],
            "team_id": ["exact", "in", "isnull"],
            "cooperation_type": ["exact", "in"],
            "closed_at": ["isnull"],
            "on_hold_since": ["isnull"],
            "next_step_due_on": ["lte", "gte"],
        }


def _text(**options: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, **options)


def _money() -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=20, decimal_places=2, min_value=0, required=False, allow_null=True
    )


def _day() -> serializers.DateField:
    return serializers.DateField(required=False, allow_null=True)


def _id() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, required=False, allow_null=True)


class CooperationChanges(api.Given):
    """What can be changed; the stage moves by `stage-moves`."""

    title = serializers.CharField(max_length=200)
    cooperation_type = serializers.ChoiceField(choices=CooperationType.choices)
    next_step = serializers.CharField(max_length=250)
    next_step_due_on = _day()
    owner_id = _id()
    team_id = _id()
    our_sponsor_id = _id()
    target_stage_on = _day()
    announced_on = _day()
    announcement_url = serializers.URLField(
        required=False, allow_blank=True, max_length=500
    )
    business_problem = _text()
    use_case = _text()
    expected_monthly_spend = _money()
    currency = serializers.RegexField("^[A-Z]{3}$", required=False)
    fit_score = serializers.IntegerField(
        min_value=0, max_value=100, required=False, allow_null=True
    )
    scope = _text()
    working_group = _text()
    success_measures = _text()
    agreement_target_on = _day()
    security_review = serializers.ChoiceField(
        choices=SecurityReview.choices, required=False
    )
    steering_committee = _text()
    steering_rhythm = serializers.ChoiceField(
        choices=MeetingRhythm.choices, required=False, allow_blank=True
    )
    has_no_commitment = serializers.BooleanField(required=False)
    production_plan = _text()
    production_planned_on = _day()
    production_cost = _money()


class CooperationGiven(CooperationChanges):
    """A new cooperation, with its partner."""

    partner_id = serializers.IntegerField(min_value=1)


class ReasonGiven(api.Given):
    """Why."""

    reason = serializers.CharField()


class NothingGiven(api.Given):
    """Nothing more is needed."""


def values_of(given: dict[str, Any], user: User) -> dict[str, Any]:
    """Return the fields, ids turned into rows that this person may see."""
    values = {name: value for name, value in given.items() if name not in RELATIONS}
    for name, model in RELATIONS.items():
        if name in given:
            row = one_of(model, given[name], user, pointer=f"#/{name}")
            values[name.removesuffix("_id")] = row
    return values


class Cooperations(api.Adds[Cooperation], api.Edits[Cooperation]):
    """Programmes with partners; their stage is moved by `stage-moves` only."""

    plural = "cooperations"
    access = ACCESS
    shape, filters = CooperationShape, CooperationFilters
    given, changes = CooperationGiven, CooperationChanges
    orderings = ("id", "title")

    def rows(self) -> QuerySet[Cooperation]:
        return Cooperation.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Cooperation:
        partner = one_of(Partner, given.pop("partner_id"), by, pointer="#/partner_id")
        values = values_of(given, by)
        return operations.begin_cooperation(
            partner=partner,
            title=values.pop("title"),
            cooperation_type=values.pop("cooperation_type"),
            next_step=values.pop("next_step"),
            next_step_due_on=values.pop("next_step_due_on", None),
            by=by,
            at=at,
            values=values,
        )

    def edit(
        self,
        row: Cooperation,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Cooperation:
        return operations.edit_cooperation(
            cooperation=row,
            by=by,
            at=at,
            values=values_of(given, by),
            expected_version=version,
        )


class CooperationAct(api.Act[Cooperation]):
    """What all acts on a cooperation share."""

    access = api.Access(
        "partners",
        read="partners.view_cooperation",
        add="partners.change_cooperation",
    )
    shape = CooperationShape

    def rows(self) -> QuerySet[Cooperation]:
        return Cooperation.objects.visible_to(self.user)


class Hold(CooperationAct):
    """Let it rest; its clock rests, too."""

    plural = "cooperation-hold"
    given = ReasonGiven

    def act(
        self, row: Cooperation, given: dict[str, Any], *, by: User, at: datetime
    ) -> Any:
        moves.put_on_hold(cooperation=row, by=by, at=at, reason=given["reason"])
        return row


class Confirm(CooperationAct):
    """Confirm the stage by its evidence; 409 with what the evidence lacks."""

    plural = "cooperation-confirm"
    given = NothingGiven

    def perform(self, request: Request, pk: int, **kwargs: Any) -> HttpResponse:
        """Confirm; a refusal keeps the checks it made."""
        row = self.find(pk)
        values = self.accepted(request.data)

        def work() -> HttpResponse:
            try:
                self.act(row, values, by=self.user, at=self.now)
            except moves.StageRefusedError as refusal:
                return problems.answer_to(refusal, request)
            return self.changed(row)

        return self.write(work)

    def act(
        self, row: Cooperation, given: dict[str, Any], *, by: User, at: datetime
    ) -> Any:
        return moves.confirm_stage(cooperation=row, by=by, at=at)


class Resume(CooperationAct):
    """Let it go on."""

    plural = "cooperation-resume"
    given = NothingGiven

    def act(
        self, row: Cooperation, given: dict[str, Any], *, by: User, at: datetime
    ) -> Any:
        moves.resume(cooperation=row, by=by, at=at)
        return row


urlpatterns = [
    *api.routes("cooperations", Cooperations),
    api.act("cooperations/<int:pk>/hold", Hold),
    api.act("cooperations/<int:pk>/resume", Resume),
    api.act("cooperations/<int:pk>/confirm", Confirm),
]
