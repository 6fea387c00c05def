"""Short sheets are done at once, long ones by a worker: whole, once, and again after a crash."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import ImportBatch, ImportJob, Partner
from partners.operations import import_jobs, imports
from partners.operations.imports import ImportRefusedError
from partners.sheets import SheetRefusedError
from tests import make

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
SHORT = b"Name,Website\nOne,one.example\nTwo,two.example\n"
LONG = b"Name,Website\n" + b"\n".join(
    b"Long %d,long%d.example" % (i, i) for i in range(import_jobs.MOST_AT_ONCE + 1)
)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER, language="zh-hans")


def start(content: bytes, by: User) -> ImportBatch:
    return import_jobs.start_import(file_name="a.csv", content=content, by=by, at=AT)


def work(batch: ImportBatch) -> bool:
    return import_jobs.run_job(batch_id=batch.pk, owner="worker", at=LATER)


def previewed(by: User) -> ImportBatch:
    batch = start(LONG, by)
    work(batch)
    batch.refresh_from_db()
    return batch


class TestStartImport:
    def test_previews_a_short_sheet_at_once(self, anna: User) -> None:
        batch = start(SHORT, anna)

        assert batch.status == "previewed"
        assert not ImportJob.objects.exists()

    def test_leaves_a_long_one_to_a_worker(self, anna: User) -> None:
        batch = start(LONG, anna)

        assert (batch.status, batch.rows.count()) == ("received", 0)
        assert (batch.job.step, batch.job.state) == ("preview", "waiting")

    def test_counts_to_the_edge(self, anna: User) -> None:
        batch = start(LONG.rpartition(b"\n")[0], anna)

        assert batch.counts["create"] == import_jobs.MOST_AT_ONCE

    def test_refuses_at_once_what_is_no_table(self, anna: User) -> None:
        with pytest.raises(SheetRefusedError):
            start(b"", anna)

        assert not ImportBatch.objects.exists()


class TestRunJob:
    def test_previews_and_forgets_the_sheet(self, anna: User) -> None:
        batch = previewed(anna)

        assert batch.status == "previewed"
        assert batch.counts["create"] == import_jobs.MOST_AT_ONCE + 1
        assert (batch.job.state, batch.job.percent) == ("done", 100)
        assert batch.job.sheet is None

    def test_commits_in_the_name_of_who_asked(self, anna: User) -> None:
        batch = previewed(anna)
        anna.acting_token_id = 77
        import_jobs.commit(batch=batch, by=anna, at=AT)

        assert work(batch)

        assert Partner.objects.count() == import_jobs.MOST_AT_ONCE + 1
        event = Event.objects.get(kind="import.committed")
        assert (event.by, event.token_id) == (anna, 77)

    def test_does_a_step_once(self, anna: User) -> None:
        batch = previewed(anna)
        import_jobs.commit(batch=batch, by=anna, at=AT)

        assert [work(batch), work(batch)] == [True, False]

        assert Event.objects.filter(kind="import.committed").count() == 1

    def test_undoes(self, anna: User) -> None:
        batch = previewed(anna)
        import_jobs.commit(batch=batch, by=anna, at=AT)
        work(batch)
        batch.refresh_from_db()

        import_jobs.undo(batch=batch, by=anna, at=AT)
        work(batch)

        assert not Partner.objects.exists()

    def test_keeps_a_refusal_in_the_language_of_who_asked(self, anna: User) -> None:
        batch = previewed(anna)
        make.partner("Long 7", domain="long7.example", owner=anna)
        import_jobs.commit(batch=batch, by=anna, at=AT)

        work(batch)

        job = ImportJob.objects.get()
        assert (job.state, (job.error or {})["code"]) == ("refused", "import.outdated")
        assert "预览" in str(job.error)
        assert Partner.objects.count() == 1

    def test_refused_can_be_asked_for_again(self, anna: User) -> None:
        batch = previewed(anna)
        make.partner("Long 7", domain="long7.example", owner=anna)
        import_jobs.commit(batch=batch, by=anna, at=AT)
        work(batch)

        import_jobs.look_again(batch=batch, by=anna, at=AT)
        work(batch)
        import_jobs.commit(batch=batch, by=anna, at=AT)
        work(batch)

        batch.refresh_from_db()
        assert batch.status == "committed"
        assert batch.counts["create"] == import_jobs.MOST_AT_ONCE

    def test_looks_anew_with_other_columns(self, anna: User) -> None:
        batch = previewed(anna)

        import_jobs.map_columns(batch=batch, fields={0: "display_name"}, by=anna, at=AT)
        work(batch)

        assert "domain" not in str(batch.rows.values_list("changes", flat=True)[:5])

    def test_of_somebody_who_left_is_refused(self, anna: User) -> None:
        batch = start(LONG, anna)
        User.objects.filter(pk=anna.pk).update(is_active=False)

        work(batch)

        assert ImportJob.objects.get().state == "refused"


class TestAskedTwice:
    @pytest.mark.parametrize("act", ["commit", "look_again"])
    def test_is_refused_while_a_worker_is_at_it(self, anna: User, act: str) -> None:
        batch = previewed(anna)
        import_jobs.commit(batch=batch, by=anna, at=AT)

        with pytest.raises(ImportRefusedError) as refused:
            getattr(import_jobs, act)(batch=batch, by=anna, at=AT)

        assert refused.value.code == "import.busy"

    def test_is_refused_at_once_when_it_does_not_fit(self, anna: User) -> None:
        batch = previewed(anna)

        with pytest.raises(ImportRefusedError, match="previewed"):
            import_jobs.undo(batch=batch, by=anna, at=AT)


class TestGiveBackJobs:
    def test_lets_another_worker_begin_after_a_death(self, anna: User) -> None:
        batch = start(LONG, anna)
        self.die(batch)

        waiting = import_jobs.give_back_jobs(at=LATER, grace=timedelta(0))

        assert waiting == [batch.pk]
        assert work(batch)

    def test_leaves_a_living_worker_alone(self, anna: User) -> None:
        batch = start(LONG, anna)
        self.die(batch, ago=timedelta(seconds=-30))

        assert import_jobs.give_back_jobs(at=LATER, grace=timedelta(0)) == []
        assert ImportJob.objects.get(pk=batch.pk).state == "running"

    def test_gives_up_after_three(self, anna: User) -> None:
        batch = start(LONG, anna)
        self.die(batch, attempts=3)

        import_jobs.give_back_jobs(at=LATER, grace=timedelta(0))

        job = ImportJob.objects.get()
        assert (job.state, (job.error or {})["code"]) == ("refused", "import.given-up")
        import_jobs.look_again(batch=batch, by=anna, at=AT)
        assert work(batch)

    def test_a_worker_whose_lease_was_taken_changes_nothing(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = previewed(anna)
        import_jobs.commit(batch=batch, by=anna, at=AT)
        commit = imports.commit_import

        def slow(**given: object) -> ImportBatch:
            done = commit(**given)  # type: ignore[arg-type]  # passed through
            ImportJob.objects.update(owner="another")
            return done

        monkeypatch.setattr(imports, "commit_import", slow)

        assert not work(batch)

        assert not Partner.objects.exists()
        assert ImportBatch.objects.get().status == "previewed"

    def die(
        self,
        batch: ImportBatch,
        *,
        ago: timedelta = timedelta(seconds=1),
        attempts: int = 1,
    ) -> None:
        ImportJob.objects.filter(pk=batch.pk).update(
            state="running", owner="dead", lease_until=Now() - ago, attempts=attempts
        )
