"""What people do for a partnership: activities, the mutual action plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners import operations
from partners.api.partners import one_of
from partners.models import (
    ActionItem,
    Activity,
    ActivityKind,
    Contact,
    Cooperation,
    Partner,
    Side,
)


class PlaceGiven(api.Given):
    """Which partner something is about, and which cooperation if it is about one."""

    partner_id = serializers.IntegerField(min_value=1)
    cooperation_id = serializers.IntegerField(
        min_value=1, required=False, allow_null=True
    )


def place(given: dict[str, Any], by: User) -> dict[str, Any]:
    """Take partner and cooperation out of the input, as operations want them."""
    return {
        "partner": one_of(Partner, given.pop("partner_id"), by, pointer="#/partner_id"),
        "cooperation": one_of(
            Cooperation,
            given.pop("cooperation_id", None),
            by,
            pointer="#/cooperation_id",
        ),
    }


def resolved(
    given: Mapping[str, Any], by: User, relations: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values, ids turned into rows that this person may see."""
    return {
        name.removesuffix("_id") if name in relations else name: (
            one_of(relations[name], value, by, pointer=f"#/{name}")
            if name in relations
            else value
        )
        for name, value in given.items()
    }


def several(model: Any, ids: list[int] | None, by: User, *, pointer: str) -> list[Any]:
    """Return the rows of these ids; each must be one that this person may see."""
    return [one_of(model, pk, by, pointer=pointer) for pk in ids or ()]


class ActivityShape(api.Shape[Activity]):
    """One meeting, call, mail, note or document."""

    class Meta:
        model = Activity
        fields = (
            "id",
            "partner_id",
            "cooperation_id",
            "kind",
            "happened_at",
            "summary",
            "details",
            "minutes",
            "is_executive",
            "is_business_review",
            "logged_by_id",
            "version",
            "updated_at",
        )


class ActivityFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Activity
        fields = {
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in"],
            "kind": ["exact", "in"],
            "happened_at": ["gte", "lt"],
            "is_executive": ["exact"],
            "is_business_review": ["exact"],
        }


class ActivityChanges(api.Given):
    """What can be corrected."""

    kind = serializers.ChoiceField(choices=ActivityKind.choices)
    summary = serializers.CharField(max_length=250)
    happened_at = serializers.DateTimeField(required=False)
    details = serializers.CharField(required=False, allow_blank=True)
    minutes = serializers.IntegerField(
        min_value=0, max_value=100_000, required=False, allow_null=True
    )
    is_executive = serializers.BooleanField(required=False)
    is_business_review = serializers.BooleanField(required=False)


class ActivityGiven(PlaceGiven, ActivityChanges):
    """Something that happened, with who took part."""

    people = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=100
    )
    contacts = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=100
    )


class Activities(api.Adds[Activity], api.Edits[Activity]):
    """What happened with partners."""

    plural = "activities"
    access = api.Access(
        "partners",
        read="partners.view_activity",
        add="partners.add_activity",
        change="partners.change_activity",
    )
    shape, filters = ActivityShape, ActivityFilters
    given, changes = ActivityGiven, ActivityChanges

    def rows(self) -> QuerySet[Activity]:
        return Activity.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Activity:
        people = several(User, given.pop("people", None), by, pointer="#/people")
        theirs = several(Contact, given.pop("contacts", None), by, pointer="#/contacts")
        where = place(given, by)
        return operations.log_activity(
            **where, values=given, people=people, contacts=theirs, by=by, at=at
        )

    def edit(
        self,
        row: Activity,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Activity:
        return operations.edit_activity(
            activity=row, values=given, by=by, at=at, expected_version=version
        )


class ActionItemShape(api.Shape[ActionItem]):
    """One promise of one side."""

    class Meta:
        model = ActionItem
        fields = (
            "id",
            "partner_id",
            "cooperation_id",
            "title",
            "side",
            "owner_id",
            "contact_id",
            "due_on",
            "status",
            "closed_at",
            "version",
            "updated_at",
        )


class ActionItemFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = ActionItem
        fields = {
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in"],
            "side": ["exact"],
            "status": ["exact", "in"],
            "owner_id": ["exact", "in"],
            "due_on": ["lt", "lte", "gte"],
        }


class ActionItemChanges(api.Given):
    """What can be changed; who acts is on the side that promised."""

    title = serializers.CharField(max_length=250)
    side = serializers.ChoiceField(choices=Side.choices)
    due_on = serializers.DateField()
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    contact_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class ActionItemGiven(PlaceGiven, ActionItemChanges):
    """A new promise, with its partner."""


ITEM_RELATIONS = {"owner_id": User, "contact_id": Contact}


class ActionItems(api.Adds[ActionItem], api.Edits[ActionItem]):
    """The mutual action plan."""

    plural = "action-items"
    access = api.Access(
        "partners",
        read="partners.view_actionitem",
        add="partners.add_actionitem",
        change="partners.change_actionitem",
    )
    shape, filters = ActionItemShape, ActionItemFilters
    given, changes = ActionItemGiven, ActionItemChanges

    def rows(self) -> QuerySet[ActionItem]:
        return ActionItem.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ActionItem:
        where = place(given, by)
        values = resolved(given, by, ITEM_RELATIONS)
        return operations.add_action_item(**where, values=values, by=by, at=at)

    def edit(
        self,
        row: ActionItem,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> ActionItem:
        return operations.edit_action_item(
            item=row,
            values=resolved(given, by, ITEM_RELATIONS),
            by=by,
            at=at,
            expected_version=version,
        )


class NothingAsked(api.Given):
    """Nothing more is needed."""


class ActionItemAct(api.Act[ActionItem]):
    """What all acts on an action item share."""

    access = api.Access(
        "partners", read="partners.view_actionitem", add="partners.change_actionitem"
    )
    shape, given = ActionItemShape, NothingAsked

    def rows(self) -> QuerySet[ActionItem]:
        return ActionItem.objects.visible_to(self.user)


class Complete(ActionItemAct):
    """Tick a promise off."""

    plural = "action-item-complete"

    def act(
        self, row: ActionItem, given: dict[str, Any], *, by: User, at: datetime
    ) -> ActionItem:
        return operations.complete_action_item(item=row, by=by, at=at)


class Drop(ActionItemAct):
    """Give a promise up."""

    plural = "action-item-drop"

    def act(
        self, row: ActionItem, given: dict[str, Any], *, by: User, at: datetime
    ) -> ActionItem:
        return operations.drop_action_item(item=row, by=by, at=at)


class Reopen(ActionItemAct):
    """Take back that a promise is closed."""

    plural = "action-item-reopen"

    def act(
        self, row: ActionItem, given: dict[str, Any], *, by: User, at: datetime
    ) -> ActionItem:
        return operations.reopen_action_item(item=row, by=by, at=at)


urlpatterns = [
    *api.routes("activities", Activities),
    *api.routes("action-items", ActionItems),
    api.act("action-items/<int:pk>/complete", Complete),
    api.act("action-items/<int:pk>/drop", Drop),
    api.act("action-items/<int:pk>/reopen", Reopen),
]
