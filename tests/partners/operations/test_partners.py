"""Partners are registered, changed, archived and deleted by operations alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import StaleVersionError
from crm.journal.models import Event
from crm.web.refusals import lines_of
from partners.models import Partner
from partners.operations import partners as operations
from partners.operations.partners import (
    DuplicateSuspectedError,
    Marks,
    PartnerRefusedError,
)
from partners.queries.search import search
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


def register(by: User, marks: Marks | None = None, **values: Any) -> Partner:
    return operations.register_partner(by=by, at=AT, values=values, marks=marks)


class TestRegister:
    def test_stores_names_marks_and_owner(self, anna: User) -> None:
        bmw = register(
            anna,
            Marks(
                aliases=["Bimmer", "bimmer", ""],
                domains=["https://www.bmw.com/", "bmw.de"],
                registration_ids=[("duns", "315023366")],
                external_ids=[("salesforce", "001A")],
            ),
            display_name="BMW Group",
            country="DE",
        )

        assert (bmw.legal_name, bmw.owner, bmw.team) == ("BMW Group", anna, anna.team)
        assert bmw.domains.get(is_primary=True).domain == "bmw.com"
        assert bmw.domains.count() == 2
        assert bmw.aliases.count() == 1
        assert search(Partner.objects.all(), "bimmer").get() == bmw

    def test_is_journalled(self, anna: User) -> None:
        bmw = register(anna, Marks(domains=["bmw.com"]), display_name="BMW")

        event = Event.objects.get()
        assert (event.kind, event.partner_id) == ("partner.registered", bmw.pk)
        assert event.new["domains"] == ["bmw.com"]
        assert event.new["owner"] == anna.pk

    def test_needs_a_name(self, anna: User) -> None:
        with pytest.raises(PartnerRefusedError, match="name"):
            register(anna, country="DE")

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"country": "XX"}, "partner.country"),
            ({"version": 5}, "partner.unknown-field"),
            ({"archived_at": AT}, "partner.unknown-field"),
        ],
    )
    def test_refuses_what_is_no_value(
        self, anna: User, values: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(PartnerRefusedError) as refusal:
            register(anna, display_name="BMW", **values)

        assert refusal.value.code == code
        assert Partner.objects.count() == 0

    @pytest.mark.parametrize(
        ("marks", "code"),
        [
            (Marks(domains=["no domain"]), "partner.domain"),
            (Marks(domains=["taken.example.com"]), "partner.domain-taken"),
            (Marks(registration_ids=[("duns", "1")]), "partner.number"),
        ],
    )
    def test_refuses_marks_that_cannot_be(
        self, anna: User, marks: Marks, code: str
    ) -> None:
        make.partner("Holder", domain="taken.example.com")

        with pytest.raises(PartnerRefusedError) as refusal:
            register(anna, marks, display_name="BMW")

        assert refusal.value.code == code
        assert "Holder" not in refusal.value.text
        assert Event.objects.count() == 0

    def test_names_who_holds_a_mark_if_the_person_sees_them(self, anna: User) -> None:
        make.partner("Holder", domain="taken.example.com")
        make.partner("Sly", domain="sly.example.com", confidentiality="restricted")

        def refused(domain: str) -> PartnerRefusedError:
            with pytest.raises(PartnerRefusedError) as refusal:
                register(anna, Marks(domains=[domain]), display_name="BMW")
            return refusal.value

        assert lines_of(refused("taken.example.com")) == [
            "Another partner has this domain.",
            "In the way: Holder",
        ]
        assert refused("sly.example.com").missing == ()

    def test_warns_of_nearly_the_same_name(self, anna: User) -> None:
        register(anna, display_name="BMW AG")

        with pytest.raises(DuplicateSuspectedError) as refusal:
            register(anna, display_name="BMW Group")

        assert lines_of(refusal.value)[1:] == ["Of nearly this name: BMW AG"]

    def test_goes_on_when_the_person_looked(self, anna: User) -> None:
        register(anna, display_name="BMW AG")

        operations.register_partner(
            by=anna,
            at=AT,
            values={"display_name": "BMW Group"},
            accept_duplicates=True,
        )

        assert Partner.objects.count() == 2

    def test_does_not_betray_partners_out_of_sight(self, anna: User) -> None:
        secret = register(
            make.user(), display_name="Tesla", confidentiality="restricted"
        )

        twin = register(anna, display_name="Tesla Inc")

        assert twin.pk != secret.pk


class TestEdit:
    def test_changes_what_is_given(self, anna: User) -> None:
        bmw = register(anna, Marks(aliases=["A", "B"]), display_name="BMW")

        operations.edit_partner(
            partner=bmw,
            by=anna,
            at=AT,
            values={"tier": "key"},
            marks=Marks(aliases=["B", "C"]),
            expected_version=1,
        )

        bmw.refresh_from_db()
        assert (bmw.tier, bmw.version) == ("key", 2)
        event = Event.objects.latest("id")
        assert event.old == {"tier": "growth", "aliases": ["A", "B"]}
        assert event.new == {"tier": "key", "aliases": ["B", "C"]}

    def test_to_the_same_is_a_no_op(self, anna: User) -> None:
        bmw = register(anna, Marks(aliases=["A"]), display_name="BMW")

        operations.edit_partner(
            partner=bmw,
            by=anna,
            at=AT,
            values={"display_name": "BMW"},
            marks=Marks(aliases=["A"]),
        )

        bmw.refresh_from_db()
        assert (bmw.version, Event.objects.count()) == (1, 1)

    def test_of_an_older_version_is_refused(self, anna: User) -> None:
        bmw = register(anna, display_name="BMW")
        Partner.objects.filter(pk=bmw.pk).update(version=2)

        with pytest.raises(StaleVersionError) as refusal:
            operations.edit_partner(
                partner=bmw, by=anna, at=AT, values={"tier": "key"}, expected_version=1
            )

        assert refusal.value.current == 2

    def test_of_one_archived_is_refused(self, anna: User) -> None:
        bmw = register(anna, display_name="BMW")
        operations.archive_partner(partner=bmw, by=anna, at=AT)

        with pytest.raises(PartnerRefusedError, match="archived"):
            operations.edit_partner(partner=bmw, by=anna, at=AT, values={"tier": "key"})

    def test_that_makes_a_circle_is_refused(self, anna: User) -> None:
        top = register(anna, display_name="Top")
        child = register(anna, display_name="Child", parent=top)

        with pytest.raises(PartnerRefusedError):
            operations.edit_partner(
                partner=top, by=anna, at=AT, values={"parent": child}
            )

    def test_names_people_for_a_restricted_partner(self, anna: User) -> None:
        ben = make.user(Role.ALLIANCE_MANAGER)
        bmw = register(anna, display_name="BMW", confidentiality="restricted")

        operations.edit_partner(
            partner=bmw, by=anna, at=AT, values={}, marks=Marks(named_people=[ben])
        )

        assert list(Partner.objects.visible_to(ben)) == [bmw]


class TestArchive:
    def test_and_restore(self, anna: User) -> None:
        bmw = register(anna, display_name="BMW")

        operations.archive_partner(partner=bmw, by=anna, at=AT, reason="sold")
        assert list(Partner.objects.live()) == []

        operations.restore_partner(partner=bmw, by=anna, at=AT)
        assert list(Partner.objects.live()) == [bmw]

    def test_is_refused_while_a_cooperation_runs(self, anna: User) -> None:
        bmw = register(anna, display_name="BMW")
        make.cooperation(bmw, by=anna, title="Cockpit")

        with pytest.raises(PartnerRefusedError) as refusal:
            operations.archive_partner(partner=bmw, by=anna, at=AT)

        assert refusal.value.missing == ("Cockpit",)

    def test_twice_is_refused(self, anna: User) -> None:
        bmw = register(anna, display_name="BMW")
        operations.archive_partner(partner=bmw, by=anna, at=AT)

        with pytest.raises(PartnerRefusedError, match="already"):
            operations.archive_partner(partner=bmw, by=anna, at=AT)

    def test_is_not_undone_for_one_that_is_live(self, anna: User) -> None:
        with pytest.raises(PartnerRefusedError, match="not archived"):
            operations.restore_partner(
                partner=register(anna, display_name="BMW"), by=anna, at=AT
            )


class TestDelete:
    def test_leaves_a_tombstone(self, anna: User) -> None:
        bmw = register(anna, Marks(domains=["bmw.com"]), display_name="BMW")

        operations.delete_partner(partner=bmw, by=anna, at=AT)

        assert Partner.objects.count() == 0
        event = Event.objects.latest("id")
        assert (event.kind, event.old["display_name"]) == ("partner.deleted", "BMW")

    @pytest.mark.parametrize("confidentiality", ["public", "restricted"])
    def test_shows_its_tombstone_to_whom_it_was_open(
        self, anna: User, confidentiality: str
    ) -> None:
        bmw = register(anna, display_name="BMW", confidentiality=confidentiality)
        colleague = make.user(Role.ALLIANCE_MANAGER)

        operations.delete_partner(partner=bmw, by=anna, at=AT)

        deleted = Event.objects.filter(kind="partner.deleted")
        assert deleted.visible_to(anna).exists()
        assert deleted.visible_to(colleague).exists() == (confidentiality == "public")

    def test_of_what_is_used_is_refused(self, anna: User) -> None:
        bmw = register(anna, display_name="BMW")
        make.contact(bmw)

        with pytest.raises(PartnerRefusedError) as refusal:
            operations.delete_partner(partner=bmw, by=anna, at=AT)

        assert refusal.value.missing == ("contacts: 1",)
