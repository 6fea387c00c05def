"""Long exports of opportunities are taken by a worker; short ones are answered at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from crm.accounts.models import User
from crm.core import queue
from crm.imports import jobs, working
from deals.models import Deal, DealImport, DealImportJob
from deals.operations import import_jobs, imports
from deals.operations.bringing import Haul
from deals.operations.import_jobs import JOBS
from deals.operations.imports import DealImportRefusedError
from deals.tasks import run_import, tick_imports
from tests import make
from tests.make import EARLY
from tests.partners.database import held

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)
HEAD = "Record ID,Deal Name,Deal Stage,Associated Company,Amount,Close Date\n"
ROWS = 6
SHEET = HEAD + "".join(
    f"{n},Deal {n},Qualified To Buy,BMW Group,100,2026-06-30\n" for n in range(ROWS)
)


@pytest.fixture
def anna() -> User:
    anna = make.user("alliance_manager", email="anna@example.com")
    make.partner("BMW Group", owner=anna)
    return anna


@pytest.fixture
def long(anna: User, monkeypatch: pytest.MonkeyPatch) -> DealImport:
    """Return an export that counts as long, waiting for its preview."""
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", ROWS - 1)
    return import_jobs.start_import(
        file_name="deals.csv", content=SHEET.encode(), by=anna, at=LATER
    )


def taken(batch: DealImport) -> DealImport:
    run_import(batch_id=batch.pk)
    return DealImport.objects.get(pk=batch.pk)


class TestSteps:
    def test_are_taken_at_once_when_the_sheet_is_short(self, anna: User) -> None:
        batch = import_jobs.start_import(
            file_name="deals.csv", content=SHEET.encode(), by=anna, at=LATER
        )

        done = JOBS.commit(batch=batch, by=anna, at=LATER)

        held()
        assert (done.status, Deal.objects.count()) == ("committed", ROWS)
        assert not DealImportJob.objects.exists()

    def test_are_taken_by_a_worker_when_it_is_long(
        self, anna: User, long: DealImport
    ) -> None:
        assert (long.status, JOBS.is_waiting(long)) == ("received", True)
        previewed = taken(long)
        JOBS.commit(batch=previewed, by=anna, at=LATER)
        committed = taken(previewed)
        held()
        assert Deal.objects.count() == ROWS
        JOBS.undo(batch=committed, by=anna, at=LATER)
        undone = taken(committed)

        assert [b.status for b in (previewed, committed, undone)] == [
            "previewed",
            "committed",
            "undone",
        ]
        assert not Deal.objects.exists()

    def test_look_anew_at_other_columns(self, anna: User, long: DealImport) -> None:
        batch = taken(long)
        fields = {0: "external_id", 1: "title", 2: "stage", 3: "partner"}

        JOBS.map_columns(batch=batch, fields=fields, by=anna, at=LATER)
        named = taken(batch)
        JOBS.look_again(batch=named, by=anna, at=LATER)
        again = taken(named)

        assert named.columns == {str(at): name for at, name in fields.items()}
        assert again.counts["create"] == ROWS

    def test_are_asked_for_once_at_a_time(self, anna: User, long: DealImport) -> None:
        with pytest.raises(DealImportRefusedError) as refusal:
            JOBS.look_again(batch=long, by=anna, at=LATER)

        assert refusal.value.code == "import.busy"

    def test_keep_what_was_refused(self, anna: User, long: DealImport) -> None:
        batch = taken(long)
        other = imports.preview_import(
            file_name="deals.csv", content=SHEET.encode(), by=anna, at=LATER
        )
        imports.commit_import(batch=other, by=anna, at=LATER)

        JOBS.commit(batch=batch, by=anna, at=LATER)
        taken(batch)

        job = DealImportJob.objects.get(pk=batch.pk)
        assert job.state == "refused"
        assert dict(job.error or {})["code"] == "deal-import.outdated"

    def test_of_a_dead_worker_are_called_for_again(
        self, long: DealImport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []
        monkeypatch.setattr(
            queue, "enqueue", lambda _name, batch_id: asked.append(batch_id)
        )
        DealImportJob.objects.update(
            state="running", owner="gone", lease_until=LATER, attempts=1
        )

        tick_imports()

        assert asked == [long.pk]
        assert DealImportJob.objects.get().state == "waiting"

    def test_are_given_up_after_three_dead_workers(self, long: DealImport) -> None:
        DealImportJob.objects.update(
            state="running", owner="gone", lease_until=LATER, attempts=working.ATTEMPTS
        )

        waiting = working.give_back(JOBS, at=LATER, grace=timedelta(0))

        assert waiting == []
        job = DealImportJob.objects.get()
        assert dict(job.error or {})["code"] == "import.given-up"


class TestBringing:
    def test_is_refused_as_a_whole_when_the_database_says_no(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = imports.preview_import(
            file_name="deals.csv", content=SHEET.encode(), by=anna, at=LATER
        )
        monkeypatch.setattr(Haul, "write", _broken)

        with pytest.raises(DealImportRefusedError, match="nothing was changed"):
            imports.commit_import(batch=batch, by=anna, at=LATER)

        assert not Deal.objects.exists()

    def test_refuses_what_a_column_cannot_hold(self, anna: User) -> None:
        row = f"1,{'x' * 240},Qualified To Buy,BMW Group,100,2026-06-30\n"

        batch = imports.preview_import(
            file_name="deals.csv", content=(HEAD + row).encode(), by=anna, at=LATER
        )

        (problem,) = batch.rows.get().problems
        assert "200" in problem["text"]

    def test_numbers_the_deals_of_a_partner_on(self, anna: User) -> None:
        batch = imports.preview_import(
            file_name="deals.csv", content=SHEET.encode(), by=anna, at=LATER
        )

        imports.commit_import(batch=batch, by=anna, at=LATER)

        numbers = [
            int(c.split("-")[1]) for c in Deal.objects.values_list("code", flat=True)
        ]
        assert sorted(numbers) == list(range(1, ROWS + 1))


def _broken(_haul: object) -> None:
    raise IntegrityError("duplicate key")
