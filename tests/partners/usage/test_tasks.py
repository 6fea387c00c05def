"""Ticks and jobs of loading: each may come twice, late, or find nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from pytest_django.fixtures import Settings

from crm.accounts.roles import Role
from partners.usage import operations, tasks
from partners.usage.models import (
    AccountOwnership,
    CloudAccount,
    LoadState,
    UsageArrival,
    UsageLoad,
    UsageReroll,
)
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import AT, Loader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("usage_store")]

NOW = datetime(2025, 1, 25, 12, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Collect what is asked of workers."""
    asked: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda name, **a: asked.append((name, a)))
    return asked


def requested(path: Path, *, at: datetime) -> UsageLoad:
    source, _is_new = operations.find_or_create_source(name="acme", by=None, at=at)
    return operations.request_load(source=source, paths=[path], by=None, at=at)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return exports.write(tmp_path / "jan.csv", [exports.row()])


class TestTick:
    def test_calls_for_a_worker_where_the_hint_was_lost(
        self, export: Path, sent: list[Any]
    ) -> None:
        forgotten = requested(export, at=timezone.now() - timedelta(minutes=5))
        requested(export, at=timezone.now())

        tasks.tick()

        assert sent == [("usage.run_load", {"load_id": forgotten.pk})]

    def test_takes_a_load_back_from_a_dead_worker(
        self, export: Path, sent: list[Any]
    ) -> None:
        load = requested(export, at=timezone.now())
        UsageLoad.objects.filter(pk=load.pk).update(
            state=LoadState.READING,
            owner="dead",
            attempts=1,
            lease_until=timezone.now() - timedelta(seconds=1),
        )

        tasks.tick()

        load.refresh_from_db()
        assert (load.state, load.owner) == (LoadState.WAITING, "")
        assert sent == [("usage.run_load", {"load_id": load.pk})]

    def test_looks_into_the_drop_where_there_is_one(
        self, settings: Settings, tmp_path: Path, sent: list[Any]
    ) -> None:
        settings.USAGE_DROP = str(tmp_path)

        tasks.tick()

        assert sent == [("usage.look_for_arrivals", {})]


class TestRunLoad:
    def test_twice_loads_once(self, export: Path) -> None:
        load = requested(export, at=AT)

        tasks.run_load(load_id=load.pk)
        tasks.run_load(load_id=load.pk)
        tasks.run_load(load_id=0)

        load.refresh_from_db()
        assert (load.state, load.attempts) == (LoadState.LOADED, 1)


class TestDrop:
    def test_goes_from_the_folder_into_the_figures(
        self, settings: Settings, tmp_path: Path, export: Path, sent: list[Any]
    ) -> None:
        settings.USAGE_DROP = str(tmp_path / "drop")
        folder = tmp_path / "drop" / "acme"
        folder.mkdir(parents=True)
        export.rename(folder / "jan.csv")

        tasks.look_for_arrivals()
        tasks.look_for_arrivals()
        ((_name, arguments),) = sent
        tasks.take_arrival(**arguments)
        load = UsageLoad.objects.get()
        tasks.run_load(load_id=load.pk)
        tasks.look_for_arrivals()

        assert UsageArrival.objects.get().state == "done"
        assert (tmp_path / "drop" / ".done" / "acme" / "jan.csv").exists()

    def test_a_place_that_cannot_be_opened_is_only_logged(
        self, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.USAGE_DROP = "s3://bucket"

        tasks.look_for_arrivals()
        tasks.take_arrival(arrival_id=1)

        assert "does not answer" in caplog.text


class TestReroll:
    def test_a_new_tag_is_rolled_up_by_a_worker_with_progress(
        self, load: Loader, tmp_path: Path, sent: list[Any]
    ) -> None:
        tagged = [
            exports.row(Tags='{"project": "a"}', SkuId="1"),
            exports.row(Tags='{"project": "b"}', SkuId="2"),
        ]
        load(exports.write(tmp_path / "jan.csv", tagged))
        fiona, partner = make.user(Role.FINANCE), make.partner()
        operations.assign_account(
            account=CloudAccount.objects.get(),
            partner=partner,
            since=None,
            tag=("project", "a"),
            by=fiona,
            at=AT,
        )
        asked = UsageReroll.objects.get()

        tasks.reroll(reroll_id=asked.pk)
        tasks.reroll(reroll_id=asked.pk)

        asked.refresh_from_db()
        assert (asked.done, asked.total) == (1, 1)
        assert asked.finished_at is not None
        owned = AccountOwnership.objects.get()
        assert (owned.tag_bucket, owned.during) == ("project=a", DateRange(None, None))

    def test_one_that_waits_serves_all_who_ask(self) -> None:
        source, _is_new = operations.find_or_create_source(name="a", by=None, at=AT)

        one = operations.request_reroll(source=source, by=None, at=AT)
        other = operations.request_reroll(source=source, by=None, at=NOW)

        assert one == other
