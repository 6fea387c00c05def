"""Contacts: registered, changed, and erased without breaking history."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import StaleVersionError
from crm.journal.models import Event, PersonalValue
from partners.models import Contact, CooperationContact, Partner
from partners.operations import contacts as operations
from partners.operations.contacts import ContactRefusedError
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


@pytest.fixture
def bmw(anna: User) -> Partner:
    return make.partner("BMW", owner=anna)


def register(partner: Partner, by: User, **values: object) -> Contact:
    return operations.register_contact(partner=partner, by=by, at=AT, values=values)


class TestRegister:
    def test_keeps_personal_values_out_of_the_journal(
        self, bmw: Partner, anna: User
    ) -> None:
        register(bmw, anna, name="Erika Muster", email="e@bmw.com", roles=["champion"])

        event = Event.objects.get()
        assert event.new["roles"] == ["champion"]
        assert "Erika" not in str(event.new)
        assert PersonalValue.objects.filter(new="Erika Muster").exists()

    def test_notes_when_consent_was_given(self, bmw: Partner, anna: User) -> None:
        assert register(bmw, anna, name="E", consent="given").consent_at == AT

    @pytest.mark.parametrize(
        "values",
        [{}, {"name": ""}, {"name": "E", "roles": ["king"]}, {"erased_at": AT}],
    )
    def test_refuses(self, bmw: Partner, anna: User, values: dict[str, object]) -> None:
        with pytest.raises(ContactRefusedError):
            register(bmw, anna, **values)

        assert Contact.objects.count() == 0

    def test_of_a_known_address_is_refused(self, bmw: Partner, anna: User) -> None:
        register(bmw, anna, name="E", email="e@bmw.com")

        with pytest.raises(ContactRefusedError) as refusal:
            register(bmw, anna, name="F", email="E@BMW.com")

        assert refusal.value.code == "contact.email-taken"


class TestEdit:
    def test_changes_what_is_given(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika", title="CIO")

        edited = operations.edit_contact(
            contact=erika, by=anna, at=AT, values={"title": "CTO"}, expected_version=1
        )

        assert (edited.title, edited.version) == ("CTO", 2)

    def test_of_an_older_version_is_refused(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika")

        with pytest.raises(StaleVersionError):
            operations.edit_contact(
                contact=erika, by=anna, at=AT, values={"title": "X"}, expected_version=7
            )

    def test_notes_that_a_person_left(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika")

        operations.mark_left(contact=erika, on=date(2026, 3, 1), by=anna, at=AT)

        assert list(Contact.objects.present()) == []


class TestErase:
    def test_empties_the_person_everywhere(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika", email="e@bmw.com", roles=["champion"])

        operations.erase_contact(contact=erika, by=anna, at=AT, reason="Her letter")

        erika.refresh_from_db()
        assert (erika.name, erika.email, erika.roles) == ("", "", ["champion"])
        assert PersonalValue.objects.count() == 0
        assert Event.objects.filter(kind="contact.erased").exists()

    def test_needs_a_reason(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika")

        with pytest.raises(ContactRefusedError):
            operations.erase_contact(contact=erika, by=anna, at=AT, reason=" ")

    def test_is_final(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika")
        operations.erase_contact(contact=erika, by=anna, at=AT, reason="asked")

        with pytest.raises(ContactRefusedError, match="erased"):
            operations.edit_contact(
                contact=erika, by=anna, at=AT, values={"name": "Erika"}
            )

    def test_twice_is_a_no_op(self, bmw: Partner, anna: User) -> None:
        erika = register(bmw, anna, name="Erika")
        operations.erase_contact(contact=erika, by=anna, at=AT, reason="asked")
        count = Event.objects.count()

        operations.erase_contact(contact=erika, by=anna, at=AT, reason="asked")

        assert Event.objects.count() == count


class TestAssign:
    def test_and_release(self, bmw: Partner, anna: User) -> None:
        cooperation, erika = make.cooperation(bmw, by=anna), make.contact(bmw)
        about: dict[str, Any] = {
            "cooperation": cooperation,
            "contact": erika,
            "role": "champion",
        }

        operations.assign_contact(**about, by=anna, at=AT)
        operations.assign_contact(**about, by=anna, at=AT)
        assert CooperationContact.objects.count() == 1

        operations.release_contact(**about, by=anna, at=AT)
        operations.release_contact(**about, by=anna, at=AT)
        assert CooperationContact.objects.count() == 0
        assert Event.objects.count() == 2

    def test_of_another_partners_contact_is_refused(
        self, bmw: Partner, anna: User
    ) -> None:
        stranger = make.contact(make.partner("Other"))

        with pytest.raises(ContactRefusedError, match="another partner"):
            operations.assign_contact(
                cooperation=make.cooperation(bmw, by=anna),
                contact=stranger,
                role="champion",
                by=anna,
                at=AT,
            )
