"""Sheets of contacts: who is changed, who is refused and why, and what an undo gives back."""

from datetime import UTC, datetime

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core import queue
from crm.journal.models import Event
from partners import tasks
from partners.cells import ReadRow
from partners.import_plan import PlannedRow
from partners.mapping import Target
from partners.models import Contact, ImportBatch, ImportJob, Partner
from partners.operations import contacts, import_jobs, imports
from partners.operations.imports import ImportRefusedError
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEAD = "Full name,Job title,Email,Website,Role\n"


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team())


@pytest.fixture
def bmw(anna: User) -> Partner:
    return make.partner("BMW Group", domain="bmw.com", owner=anna)


def preview(lines: str, by: User) -> ImportBatch:
    return imports.preview_import(
        file_name="people.csv",
        content=(HEAD + lines).encode(),
        by=by,
        at=AT,
        target=Target.CONTACTS,
    )


def bring_in(lines: str, by: User) -> ImportBatch:
    return imports.commit_import(batch=preview(lines, by), by=by, at=AT)


def faults(batch: ImportBatch) -> list[str]:
    rows = batch.rows.order_by("line")
    return [" ".join(each["text"] for each in row.problems) for row in rows]


class TestContacts:
    def test_are_changed_where_they_are_known(self, anna: User, bmw: Partner) -> None:
        erika = make.contact(bmw, "Erika", email="e@bmw.com", roles=["champion"])

        batch = bring_in("Erika,CIO,e@bmw.com,bmw.com,legal\n", anna)

        erika.refresh_from_db()
        assert batch.counts["update"] == 1
        assert (erika.title, sorted(erika.roles)) == ("CIO", ["champion", "legal"])
        edited = Event.objects.get(kind="contact.edited")
        assert "CIO" not in str(edited.new)

    def test_are_given_back_as_they_were(self, anna: User, bmw: Partner) -> None:
        erika = make.contact(bmw, "Erika", email="e@bmw.com", title="CTO")
        batch = bring_in("Erika,CIO,e@bmw.com,bmw.com,legal\n", anna)

        imports.undo_import(batch=batch, by=anna, at=AT)

        erika.refresh_from_db()
        assert (erika.title, erika.roles) == ("CTO", [])

    def test_are_refused_with_the_reason(self, anna: User, bmw: Partner) -> None:
        batch = preview(
            "Erika,,e@bmw.com,bmw.com,\n"
            "Erika again,,e@bmw.com,bmw.com,\n"
            ",CIO,,bmw.com,\n"
            "Lost,,,nobody.example,\n"
            "Max,,no address,bmw.com,\n",
            anna,
        )

        told = faults(batch)
        assert told[0] == ""
        assert "stands in line 2, too" in told[1]
        assert "needs a name" in told[2]
        assert "no partner fits" in told[3]
        assert "no e-mail address" in told[4]

    def test_of_partners_that_cannot_be_told_apart_are_refused(
        self, anna: User
    ) -> None:
        make.partner("Twin", owner=anna, country="DE")
        make.partner("Twin", owner=anna, country="FR")

        batch = imports.preview_import(
            file_name="people.csv",
            content=b"Full name,Company\nErika,Twin\n",
            by=anna,
            at=AT,
            target=Target.CONTACTS,
        )

        assert batch.counts["refused"] == 1

    def test_stay_once_somebody_changed_them(self, anna: User, bmw: Partner) -> None:
        batch = bring_in("Erika,CIO,e@bmw.com,bmw.com,\n", anna)
        erika = Contact.objects.get()
        contacts.edit_contact(contact=erika, values={"title": "CEO"}, by=anna, at=AT)

        with pytest.raises(ImportRefusedError) as refusal:
            imports.undo_import(batch=batch, by=anna, at=AT)

        assert "Erika was changed since" in str(refusal.value.missing)

    def test_stay_while_something_depends_on_them(
        self, anna: User, bmw: Partner
    ) -> None:
        batch = bring_in("Erika,CIO,e@bmw.com,bmw.com,\n", anna)
        contacts.assign_contact(
            cooperation=make.cooperation(bmw, owner=anna),
            contact=Contact.objects.get(),
            role="champion",
            by=anna,
            at=AT,
        )

        with pytest.raises(ImportRefusedError) as refusal:
            imports.undo_import(batch=batch, by=anna, at=AT)

        assert "Erika is used by" in str(refusal.value.missing)


class TestPartners:
    def test_stand_once_in_a_sheet(self, anna: User) -> None:
        known = make.partner("Known", domain="known.example", owner=anna)
        known.registration_ids.create(scheme="duns", value="315023366")

        batch = imports.preview_import(
            file_name="a.csv",
            content=b"Name,Website,DUNS,Alias\n"
            b"One,known.example,,Knowing\nTwo,,315023366,\n",
            by=anna,
            at=AT,
        )

        assert [row.outcome for row in batch.rows.order_by("line")] == [
            "update",
            "refused",
        ]
        assert "same partner" in faults(batch)[1]

    def test_take_further_aliases_and_give_them_back(self, anna: User) -> None:
        known = make.partner("Known", domain="known.example", owner=anna)
        batch = imports.commit_import(
            batch=imports.preview_import(
                file_name="a.csv",
                content=b"Name,Website,Alias\nKnown,known.example,Knowing\n",
                by=anna,
                at=AT,
            ),
            by=anna,
            at=AT,
        )
        assert [str(each) for each in known.aliases.all()] == ["Knowing"]

        imports.undo_import(batch=batch, by=anna, at=AT)

        assert not known.aliases.exists()

    def test_may_name_an_owner_only_one_person_has_the_name_of(
        self, anna: User
    ) -> None:
        for number in range(2):
            make.user(
                Role.ALLIANCE_MANAGER, name="Kim Lee", email=f"kim{number}@example.com"
            )

        batch = imports.preview_import(
            file_name="a.csv", content=b"Name,Owner\nOne,Kim Lee\n", by=anna, at=AT
        )

        assert "Kim Lee" in faults(batch)[0]


class TestPlannedRow:
    def test_without_its_partner_or_contact_says_so(self) -> None:
        row = PlannedRow(row=ReadRow(line=2, values={}, problems=()))

        with pytest.raises(ValueError, match="no partner"):
            _ = row.partner_pk
        with pytest.raises(ValueError, match="no contact"):
            _ = row.contact_pk


class TestTick:
    def test_calls_for_a_worker_for_what_waits(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = "\n".join(f"Long {i}" for i in range(import_jobs.MOST_AT_ONCE + 1))
        batch = import_jobs.start_import(
            file_name="a.csv", content=f"Name\n{lines}".encode(), by=anna, at=AT
        )
        asked: list[tuple[str, dict[str, int]]] = []
        monkeypatch.setattr(
            queue, "enqueue", lambda name, **rest: asked.append((name, rest))
        )

        tasks.tick()

        assert asked == [("partners.run_import", {"batch_id": batch.pk})]
        assert str(ImportJob.objects.get()) == f"{batch.pk} preview waiting"

    def test_gives_back_what_failed_unforeseen(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = "\n".join(f"Long {i}" for i in range(import_jobs.MOST_AT_ONCE + 1))
        batch = import_jobs.start_import(
            file_name="a.csv", content=f"Name\n{lines}".encode(), by=anna, at=AT
        )

        def broken(**_: object) -> None:
            raise RuntimeError("disk full")

        monkeypatch.setattr(imports, "fill_preview", broken)
        with pytest.raises(RuntimeError):
            import_jobs.run_job(batch_id=batch.pk, owner="worker", at=AT)
        import_jobs.give_back_jobs(at=AT, grace=tasks.GRACE)

        job = ImportJob.objects.get()
        assert (job.state, job.attempts) == (ImportJob.State.WAITING, 1)
