"""Feedback by REST: list, raise, edit, move."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.ai import operations
from partners.ai.api.catalogue import access
from partners.ai.api.pointing import a_row, model_of
from partners.ai.lifecycles import FEEDBACK_RIGHTS, FeedbackState
from partners.ai.models import Feedback, FeedbackTopic, Priority, Scenario
from partners.models import Contact

RIGHTS = frozenset(FEEDBACK_RIGHTS.values())


def may_move(user: Any) -> bool:
    """Tell whether somebody may take any step; the operation asks for each."""
    return any(user.has_perm(right) for right in RIGHTS)


class FeedbackShape(api.Shape[Feedback]):
    """One need of a partner, addressed to one model version."""

    cooperation_id = serializers.IntegerField(
        source="scenario.cooperation_id", read_only=True
    )
    partner_id = serializers.IntegerField(
        source="scenario.cooperation.partner_id", read_only=True
    )

    class Meta:
        model = Feedback
        fields = (
            "id", "scenario_id", "cooperation_id", "partner_id", "title", "text",
            "topic", "priority", "base_id", "derived_id", "state", "state_at",
            "raised_on", "raised_by_id", "owner_id", "reason", "shipped_base_id",
            "shipped_derived_id", "shipped_on", "verified_on", "verified_by_id",
            "reopened_count", "version", "updated_at",
        )  # fmt: skip


class FeedbackFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Feedback
        fields = {
            "scenario_id": ["exact", "in"],
            "state": ["exact", "in"],
            "priority": ["exact", "gte"],
            "owner_id": ["exact", "in", "isnull"],
            "base_id": ["exact", "in"],
            "derived_id": ["exact", "in"],
            "raised_on": ["gte", "lte"],
        }


class FeedbackChanges(api.Given):
    """What can be changed; the state moves by `moves`."""

    title = serializers.CharField(max_length=200)
    text = serializers.CharField(required=False, allow_blank=True)
    topic = serializers.ChoiceField(choices=FeedbackTopic.choices, required=False)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    raised_on = serializers.DateField(required=False)
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class FeedbackGiven(FeedbackChanges):
    """New feedback, with its scenario and the one model it is about."""

    scenario_id = serializers.IntegerField(min_value=1)
    base_id = serializers.IntegerField(min_value=1, required=False)
    derived_id = serializers.IntegerField(min_value=1, required=False)


def values_of(given: dict[str, Any], user: User) -> dict[str, Any]:
    """Return the fields, the owner turned into a row that this person may see."""
    values = {k: v for k, v in given.items() if not k.endswith("_id")}
    if "owner_id" in given:
        pk, people = given["owner_id"], User.objects.visible_to(user)
        values["owner"] = pk and a_row(people, pk, pointer="#/owner_id")
    return values


class FeedbackList(api.Adds[Feedback], api.Edits[Feedback]):
    """What scenarios ask of models."""

    plural = "feedback"
    access = access("feedback")
    shape, filters = FeedbackShape, FeedbackFilters
    given, changes = FeedbackGiven, FeedbackChanges
    orderings = ("id", "raised_on")

    def rows(self) -> QuerySet[Feedback]:
        return Feedback.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Feedback:
        rows = Scenario.objects.visible_to(by)
        scenario = a_row(rows, given["scenario_id"], pointer="#/scenario_id")
        return operations.raise_feedback(
            scenario=scenario,
            model=model_of(given, by),
            values=values_of(given, by),
            by=by,
            at=at,
        )

    def edit(
        self,
        row: Feedback,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Feedback:
        return operations.edit_feedback(
            feedback=row,
            values=values_of(given, by),
            expected_version=version,
            by=by,
            at=at,
        )


class FeedbackMoveGiven(api.Given):
    """Where to, and what the step asks for: owner, reason, version or contact."""

    to = serializers.ChoiceField(choices=FeedbackState.choices)
    on = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True)
    owner_id = serializers.IntegerField(min_value=1, required=False)
    shipped_base_id = serializers.IntegerField(min_value=1, required=False)
    shipped_derived_id = serializers.IntegerField(min_value=1, required=False)
    contact_id = serializers.IntegerField(min_value=1, required=False)
    expected_version = serializers.IntegerField(min_value=1, required=False)


class MoveFeedback(api.Act[Feedback]):
    """Accept, decline, ship, verify or reopen."""

    plural = "feedback-moves"
    access = api.Access("ai", read="ai.view_feedback", add=may_move)
    shape, given = FeedbackShape, FeedbackMoveGiven

    def rows(self) -> QuerySet[Feedback]:
        return Feedback.objects.visible_to(self.user)

    def act(
        self, row: Feedback, given: dict[str, Any], *, by: User, at: datetime
    ) -> Feedback:
        return operations.move_feedback(
            feedback=row,
            to=given["to"],
            answer=_answer(given, by),
            expected_version=given.get("expected_version"),
            by=by,
            at=at,
        )


def _answer(given: dict[str, Any], user: User) -> operations.Answer:
    people, contacts = User.objects.visible_to(user), Contact.objects.visible_to(user)
    is_shipped = {"shipped_base_id", "shipped_derived_id"} & set(given)
    return operations.Answer(
        owner=_row(people, given, "owner_id"),
        contact=_row(contacts, given, "contact_id"),
        model=model_of(given, user, prefix="shipped_") if is_shipped else None,
        reason=given.get("reason", ""),
        on=given.get("on"),
    )


def _row(rows: QuerySet[Any], given: dict[str, Any], name: str) -> Any:
    return a_row(rows, given[name], pointer=f"#/{name}") if name in given else None


urlpatterns = [
    *api.routes("feedback", FeedbackList),
    api.act("feedback/<int:pk>/moves", MoveFeedback),
]
