"""Imports do what their preview showed, once, and can be taken back."""

from datetime import UTC, datetime

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.mapping import Target
from partners.models import Contact, ImportBatch, ImportRow, Partner
from partners.operations import imports
from partners.operations.search import refresh_search
from partners.queries.search import search
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHEET = """Account ID,Account Name,Website,Industry,Billing Country,Parent Account ID,D-U-N-S Number
001A,BMW Group,www.bmw.com,Automotive,Germany,,315023366
001B,BMW China,bmw.com.cn,Automotive,China,001A,
001C,Nobody Ltd,not a domain,Automotive,Atlantis,,
"""
CONTACTS = """Contact ID,First Name,Last Name,Title,Email,Account ID
003A,Erika,Muster,CIO,erika@bmw.com,001A
003B,Max,Muster,CTO,max@bmw.com,001A
003C,Lost,Soul,,lost@example.com,009Z
"""


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


def preview(text: str, by: User, target: Target | None = None) -> ImportBatch:
    return imports.preview_import(
        file_name="accounts.csv", content=text.encode(), by=by, at=AT, target=target
    )


def bring_in(text: str, by: User) -> ImportBatch:
    return imports.commit_import(batch=preview(text, by), by=by, at=AT)


def outcomes(batch: ImportBatch) -> list[str]:
    return list(batch.rows.order_by("line").values_list("outcome", flat=True))


class TestPreview:
    def test_says_what_would_be_done_and_changes_nothing(self, anna: User) -> None:
        batch = preview(SHEET, anna)

        assert (batch.system, batch.target) == ("salesforce", "partners")
        assert outcomes(batch) == ["create", "create", "refused"]
        assert batch.counts == {"create": 2, "update": 0, "unchanged": 0, "refused": 1}
        assert Partner.objects.count() == 0

    def test_names_line_and_column_of_each_fault(self, anna: User) -> None:
        row = preview(SHEET, anna).rows.get(line=4)

        assert [(p["column"], p["heading"]) for p in row.problems] == [
            (3, "Website"),
            (5, "Billing Country"),
        ]

    def test_refuses_a_second_row_about_the_same(self, anna: User) -> None:
        batch = preview("Name,Domain\nA,a.example.com\nB,a.example.com\n", anna)

        assert outcomes(batch) == ["create", "refused"]
        assert "line 2" in batch.rows.get(line=3).problems[0]["text"]

    def test_refuses_what_belongs_to_a_partner_out_of_sight(self, anna: User) -> None:
        make.partner(
            "Secret", confidentiality="restricted", domain="secret.example.com"
        )

        batch = preview("Name,Domain\nHarmless,secret.example.com\n", anna)

        assert outcomes(batch) == ["refused"]
        assert "Secret" not in str(batch.rows.get().problems)

    def test_refuses_marks_of_two_partners(self, anna: User) -> None:
        make.partner("One", domain="one.example.com")
        two = make.partner("Two")
        two.registration_ids.create(scheme="duns", value="315023366")

        batch = preview("Name,Domain,DUNS\nX,one.example.com,315023366\n", anna)

        assert outcomes(batch) == ["refused"]
        assert "One, Two" in batch.rows.get().problems[0]["text"]

    def test_without_a_known_heading_waits_for_its_columns(self, anna: User) -> None:
        batch = preview("Foo,Bar\n1,2\n", anna)

        assert (batch.columns, outcomes(batch)) == ({}, ["refused"])

        mapped = imports.map_columns(batch=batch, fields={0: "display_name"}, by=anna)

        assert outcomes(mapped) == ["create"]

    def test_takes_the_columns_it_is_told(self, anna: User) -> None:
        batch = imports.preview_import(
            file_name="a.csv",
            content=b"Foo,Bar\nBMW,x\n",
            fields={0: "display_name"},
            by=anna,
            at=AT,
        )

        assert outcomes(batch) == ["create"]

    def test_refuses_a_field_that_is_none(self, anna: User) -> None:
        with pytest.raises(imports.ImportRefusedError, match="version"):
            imports.preview_import(
                file_name="a.csv",
                content=b"Foo\nBMW\n",
                fields={0: "version"},
                by=anna,
                at=AT,
            )


class TestCommit:
    def test_creates_partners_with_all_their_marks(self, anna: User) -> None:
        bring_in(SHEET, anna)

        bmw = Partner.objects.get(display_name="BMW Group")
        china = Partner.objects.get(display_name="BMW China")
        assert (bmw.country, bmw.industry, bmw.owner) == ("DE", "automotive", anna)
        assert bmw.domains.get().domain == "bmw.com"
        assert bmw.registration_ids.get().value == "315023366"
        assert bmw.external_ids.get().value == "001A"
        assert china.parent == bmw
        assert search(Partner.objects.all(), "bmw chi").get() == china

    def test_is_journalled(self, anna: User) -> None:
        batch = bring_in(SHEET, anna)

        kinds = Event.objects.order_by("id").values_list("kind", flat=True)
        assert list(kinds) == [
            "import.previewed",
            "partner.registered",
            "partner.registered",
            "import.committed",
        ]
        assert Event.objects.latest("id").subject_id == batch.pk

    def test_of_the_same_sheet_again_changes_nothing(self, anna: User) -> None:
        bring_in(SHEET, anna)
        before = list(Partner.objects.order_by("pk").values())

        batch = bring_in(SHEET, anna)

        assert batch.counts == {"create": 0, "update": 0, "unchanged": 2, "refused": 1}
        assert list(Partner.objects.order_by("pk").values()) == before

    def test_without_ids_meets_partners_by_name_and_country(self, anna: User) -> None:
        bring_in("Name,Country\nBMW AG,Germany\n", anna)

        batch = bring_in("Name,Country,Tier\nBMW,DE,Key\n", anna)

        assert batch.counts["update"] == 1
        assert Partner.objects.get().tier == "key"

    def test_changes_only_what_the_sheet_says(self, anna: User) -> None:
        bring_in(SHEET, anna)
        bring_in("Account ID,Account Name,Tier\n001A,BMW,\n", anna)

        bmw = Partner.objects.get(external_ids__value="001A")
        assert (bmw.display_name, bmw.industry, bmw.version) == ("BMW", "automotive", 2)

    def test_needs_a_new_look_when_the_data_changed(self, anna: User) -> None:
        batch = preview("Name,Domain\nBMW,bmw.com\n", anna)
        make.partner("Other", domain="bmw.com", owner=anna)

        with pytest.raises(imports.ImportRefusedError, match="changed since"):
            imports.commit_import(batch=batch, by=anna, at=AT)

        assert outcomes(imports.refresh_preview(batch=batch, by=anna)) == ["update"]

    def test_happens_once(self, anna: User) -> None:
        batch = bring_in(SHEET, anna)

        with pytest.raises(imports.ImportRefusedError, match="committed"):
            imports.commit_import(batch=batch, by=anna, at=AT)

    def test_leaves_nothing_when_the_database_refuses(self, anna: User) -> None:
        text = "Name,Account ID,Account Name,Parent Account ID\n"
        batch = preview(text + "A,1,A,2\nB,2,B,1\n", anna)

        with pytest.raises(imports.ImportRefusedError, match="database refused"):
            imports.commit_import(batch=batch, by=anna, at=AT)

        assert Partner.objects.count() == 0


class TestContacts:
    def test_are_tied_to_their_partners(self, anna: User) -> None:
        bring_in(SHEET, anna)

        batch = bring_in(CONTACTS, anna)

        assert batch.counts["create"] == 2
        assert outcomes(batch)[2] == "refused"
        erika = Contact.objects.get(email="erika@bmw.com")
        assert (erika.name, erika.title) == ("Erika Muster", "CIO")
        assert erika.partner.display_name == "BMW Group"

    def test_keep_personal_values_out_of_the_journal(self, anna: User) -> None:
        bring_in(SHEET, anna)
        bring_in(CONTACTS, anna)

        event = Event.objects.filter(kind="contact.registered").first()

        assert event is not None
        assert "erika" not in str(event.new).lower()
        assert event.personal_values.filter(field="email").exists()

    def test_again_change_nothing(self, anna: User) -> None:
        bring_in(SHEET, anna)
        bring_in(CONTACTS, anna)

        assert bring_in(CONTACTS, anna).counts["unchanged"] == 2

    def test_can_be_undone(self, anna: User) -> None:
        bring_in(SHEET, anna)
        batch = bring_in(CONTACTS, anna)

        imports.undo_import(batch=batch, by=anna, at=AT)

        assert Contact.objects.count() == 0


class TestUndo:
    def test_deletes_what_was_created(self, anna: User) -> None:
        batch = bring_in(SHEET, anna)

        imports.undo_import(batch=batch, by=anna, at=AT)

        assert Partner.objects.count() == 0
        assert Event.objects.filter(kind="partner.deleted").count() == 2

    def test_restores_what_was_changed(self, anna: User) -> None:
        bring_in(SHEET, anna)
        batch = bring_in(
            "Account ID,Account Name,Website\n001A,Bayer Motor,bmw.de\n", anna
        )

        imports.undo_import(batch=batch, by=anna, at=AT)

        bmw = Partner.objects.get(external_ids__value="001A")
        assert bmw.display_name == "BMW Group"
        assert [d.domain for d in bmw.domains.all()] == ["bmw.com"]

    def test_is_refused_when_something_depends_on_it(self, anna: User) -> None:
        batch = bring_in(SHEET, anna)
        make.cooperation(Partner.objects.get(display_name="BMW China"), by=anna)

        with pytest.raises(imports.ImportRefusedError) as refusal:
            imports.undo_import(batch=batch, by=anna, at=AT)

        assert refusal.value.missing == ("line 3: BMW China is used by cooperation",)
        assert Partner.objects.count() == 2

    def test_is_refused_when_it_was_changed_since(self, anna: User) -> None:
        batch = bring_in(SHEET, anna)
        Partner.objects.filter(display_name="BMW China").update(version=9)

        with pytest.raises(imports.ImportRefusedError) as refusal:
            imports.undo_import(batch=batch, by=anna, at=AT)

        assert refusal.value.missing == ("line 3: BMW China was changed since",)

    def test_happens_once(self, anna: User) -> None:
        batch = bring_in(SHEET, anna)
        imports.undo_import(batch=batch, by=anna, at=AT)

        with pytest.raises(imports.ImportRefusedError, match="undone"):
            imports.undo_import(batch=batch, by=anna, at=AT)


class TestVisibility:
    def test_of_imports_is_for_their_makers_and_auditors(self, anna: User) -> None:
        batch = preview(SHEET, anna)
        carla, auditor = make.user(Role.ALLIANCE_MANAGER), make.user(Role.AUDITOR)

        assert list(ImportBatch.objects.visible_to(anna)) == [batch]
        assert list(ImportBatch.objects.visible_to(auditor)) == [batch]
        assert list(ImportBatch.objects.visible_to(carla)) == []

    def test_lines_are_unique_in_an_import(self, anna: User) -> None:
        row = preview(SHEET, anna).rows.get(line=2)
        row.pk = None

        with pytest.raises(Exception, match="importrow_line_unique"):
            ImportRow.objects.bulk_create([row])

    def test_of_search_follows_each_import(self, anna: User) -> None:
        bring_in(SHEET, anna)
        refresh_search(partner_ids=[])

        assert search(Partner.objects.visible_to(anna), "001B").count() == 1
