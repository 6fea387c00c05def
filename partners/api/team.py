"""Who does what in a cooperation over there, and how long it rested."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners import operations
from partners.api.cooperations import CooperationShape
from partners.api.partners import one_of
from partners.models import (
    Contact,
    ContactRole,
    Cooperation,
    CooperationContact,
    Hold,
)

READ = "partners.view_cooperation"


class AssignedShape(api.Shape[CooperationContact]):
    """What one contact does in one cooperation."""

    class Meta:
        model = CooperationContact
        fields = ("id", "cooperation_id", "contact_id", "role")


class AssignedGiven(api.Given):
    """Who does what."""

    contact_id = serializers.IntegerField(min_value=1)
    role = serializers.ChoiceField(choices=ContactRole.choices)


class OfOne:
    """Doors below one cooperation; out of sight looks like absent."""

    def cooperation(self) -> Cooperation:
        door: Any = self
        rows = Cooperation.objects.visible_to(door.user)
        return get_object_or_404(rows, pk=door.kwargs["cooperation"])


class Assigned(OfOne, api.Adds[CooperationContact]):
    """People over there with a role in this cooperation."""

    plural = "cooperation-contacts"
    access = api.Access(
        "partners",
        read=READ,
        add="partners.add_cooperationcontact",
    )
    shape, given = AssignedShape, AssignedGiven

    def rows(self) -> QuerySet[CooperationContact]:
        return CooperationContact.objects.filter(cooperation=self.cooperation())

    def add(
        self, given: dict[str, Any], *, by: User, at: datetime
    ) -> CooperationContact:
        contact = one_of(Contact, given["contact_id"], by, pointer="#/contact_id")
        return operations.assign_contact(
            cooperation=self.cooperation(),
            contact=contact,
            role=given["role"],
            by=by,
            at=at,
        )


class Release(api.Act[Cooperation]):
    """Take a role in this cooperation from a contact; shows the cooperation."""

    plural = "cooperation-release-contact"
    access = api.Access("partners", read=READ, add="partners.change_cooperationcontact")
    shape, given = CooperationShape, AssignedGiven

    def rows(self) -> QuerySet[Cooperation]:
        return Cooperation.objects.visible_to(self.user)

    def act(
        self, row: Cooperation, given: dict[str, Any], *, by: User, at: datetime
    ) -> Cooperation:
        contact = one_of(Contact, given["contact_id"], by, pointer="#/contact_id")
        operations.release_contact(
            cooperation=row, contact=contact, role=given["role"], by=by, at=at
        )
        return row


class HoldShape(api.Shape[Hold]):
    """One span in which a cooperation rested."""

    class Meta:
        model = Hold
        fields = (
            "id",
            "cooperation_id",
            "began_at",
            "ended_at",
            "reason",
            "by_id",
            "ended_by_id",
        )


class Holds(OfOne, api.Resource[Hold]):
    """When a cooperation rested, and why."""

    plural = "holds"
    access = api.Access("partners", read="partners.view_hold")
    shape = HoldShape

    def rows(self) -> QuerySet[Hold]:
        return Hold.objects.filter(cooperation=self.cooperation())


BELOW = "cooperations/<int:cooperation>"

urlpatterns = [
    *api.routes(f"{BELOW}/contacts", Assigned),
    api.act("cooperations/<int:pk>/release-contact", Release),
    *api.routes(f"{BELOW}/holds", Holds),
]
