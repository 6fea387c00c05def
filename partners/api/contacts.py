"""Contacts: the people over there."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.api.partners import one_of
from partners.models import Contact, ContactRole, Partner
from partners.operations import contacts as operations


class ContactShape(api.Shape[Contact]):
    """One person who works for a partner."""

    class Meta:
        model = Contact
        fields = (
            "id",
            "key",
            "partner_id",
            "name",
            "local_name",
            "title",
            "email",
            "phone",
            "locale",
            "roles",
            "consent",
            "consent_at",
            "left_on",
            "erased_at",
            "version",
            "updated_at",
        )


class ContactFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Contact
        fields = {
            "id": ["in"],
            "partner_id": ["exact", "in"],
            "email": ["iexact"],
            "name": ["icontains"],
            "left_on": ["isnull"],
            "erased_at": ["isnull"],
        }


class ContactChanges(api.Given):
    """What can be changed."""

    name = serializers.CharField(max_length=120)
    local_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    locale = serializers.CharField(max_length=10, required=False, allow_blank=True)
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=ContactRole.choices), required=False
    )
    consent = serializers.ChoiceField(choices=Contact.Consent.choices, required=False)
    left_on = serializers.DateField(required=False, allow_null=True)


class ContactGiven(ContactChanges):
    """A new contact, with its partner."""

    partner_id = serializers.IntegerField(min_value=1)


class EraseGiven(api.Given):
    """Who asked, and when."""

    reason = serializers.CharField()


class Contacts(api.Adds[Contact], api.Edits[Contact]):
    """People who work for partners."""

    plural = "contacts"
    access = api.Access(
        "partners",
        read="partners.view_contact",
        add="partners.add_contact",
        change="partners.change_contact",
    )
    shape, filters = ContactShape, ContactFilters
    given, changes = ContactGiven, ContactChanges

    def rows(self) -> QuerySet[Contact]:
        return Contact.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Contact:
        partner = one_of(Partner, given.pop("partner_id"), by, pointer="#/partner_id")
        return operations.register_contact(partner=partner, by=by, at=at, values=given)

    def edit(
        self,
        row: Contact,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Contact:
        return operations.edit_contact(
            contact=row, by=by, at=at, values=given, expected_version=version
        )


class Erase(api.Act[Contact]):
    """Erase a person's data here and in the journal; the row stays, without a name."""

    plural = "contact-erase"
    access = api.Access(
        "partners", read="partners.view_contact", add="partners.delete_contact"
    )
    shape, given = ContactShape, EraseGiven

    def rows(self) -> QuerySet[Contact]:
        return Contact.objects.visible_to(self.user)

    def act(
        self, row: Contact, given: dict[str, Any], *, by: User, at: datetime
    ) -> Contact:
        return operations.erase_contact(
            contact=row, by=by, at=at, reason=given["reason"]
        )


urlpatterns = [
    *api.routes("contacts", Contacts),
    api.act("contacts/<int:pk>/erase", Erase),
]
