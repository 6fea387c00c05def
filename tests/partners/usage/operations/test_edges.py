"""What happens seldom: dead workers, files changed in the store, nothing there to do."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pytest_django.fixtures import Settings

from partners.usage import operations, store, tasks
from partners.usage.focus import engine, manifests, reading
from partners.usage.focus.errors import FileRefusedError
from partners.usage.models import (
    AccountAssignment,
    CloudAccount,
    DailyUsage,
    DeliveryStatus,
    LoadState,
    MeteredEvent,
    UsageArrival,
    UsageDelivery,
    UsageLoad,
    UsageReroll,
    UsageUpload,
)
from partners.usage.operations import deliveries, loads, rerolls, staging
from partners.usage.operations.accounts import AssignmentRefusedError
from partners.usage.operations.deliveries import DeliveryRefusedError
from partners.usage.operations.ownership import without
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import AT, Loader

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def file_of(folder: Path, *numbers: int, name: str = "a.csv") -> Path:
    return exports.write(folder / name, map(exports.day, numbers))


def staged(paths: list[Path], work: Path, between: Callable[[], None]) -> None:
    """Stage files, and let something happen after each."""
    handed = manifests.handed_in(paths)
    with engine.opened() as duck:
        reading.prepare(duck)
        opened = staging.open_all(handed, work=work, progress=lambda _count: None)
        staging.stage(duck, opened, handed=handed, work=work, between=between)


class TestTotals:
    def test_a_store_that_says_otherwise_than_the_file_is_refused(
        self, tmp_path: Path
    ) -> None:
        work = tmp_path / "work"
        work.mkdir()

        def tamper() -> None:
            part = work / "part-1.parquet"
            duckdb.execute(
                f"CREATE OR REPLACE TABLE t AS FROM '{part}'; UPDATE t SET ListCost = "
                f"ListCost + 0.000000000000000001; COPY t TO '{part}'"
            )

        with pytest.raises(FileRefusedError) as refusal:
            staged([file_of(tmp_path, 1, 2)], work, tamper)

        assert refusal.value.code == "usage.totals-disagree"


class TestLoads:
    def test_a_worker_that_dies_three_times_gives_up(
        self, usage_store: Path, tmp_path: Path
    ) -> None:
        assert usage_store.is_dir()
        source, _is_new = operations.find_or_create_source(name="a", by=None, at=AT)
        load = operations.request_load(
            source=source, paths=[file_of(tmp_path, 1)], by=None, at=AT
        )
        dead = {"state": LoadState.READING, "owner": "dead", "lease_until": LONG_AGO}
        UsageLoad.objects.filter(pk=load.pk).update(attempts=2, **dead)
        (again,) = operations.clean_up_loads(at=AT)
        assert again.pk == load.pk

        UsageLoad.objects.filter(pk=load.pk).update(attempts=3, **dead)
        assert operations.clean_up_loads(at=AT) == []

        load.refresh_from_db()
        assert load.state == LoadState.REFUSED
        assert load.error is not None
        assert load.error["code"] == "usage.load-given-up"

    def test_a_load_that_fails_unforeseen_waits_for_a_further_attempt(
        self, usage_store: Path, tmp_path: Path, settings: Settings
    ) -> None:
        source, _is_new = operations.find_or_create_source(name="a", by=None, at=AT)
        load = operations.request_load(
            source=source, paths=[file_of(tmp_path, 1)], by=None, at=AT
        )
        settings.USAGE_STORE = usage_store / "no" / "such\0place"

        with pytest.raises(ValueError, match="null byte"):
            operations.run_load(load=load, owner="x", at=AT)

        settings.USAGE_STORE = usage_store
        (again,) = operations.clean_up_loads(at=AT)
        assert operations.run_load(load=again, owner="y", at=AT).rows_loaded == 1

    def test_another_workers_delivery_is_left_alone(
        self, load: Loader, tmp_path: Path
    ) -> None:
        delivery = load(file_of(tmp_path, 1)).deliveries.get()
        UsageDelivery.objects.filter(pk=delivery.pk).update(
            status=DeliveryStatus.STAGED
        )

        with pytest.raises(DeliveryRefusedError, match="Another worker"):
            deliveries.settle(
                delivery, is_each_row_even=False, owner="x", by=None, at=AT
            )

    def test_a_load_that_is_over_cannot_be_cancelled(
        self, load: Loader, tmp_path: Path
    ) -> None:
        with pytest.raises(loads.LoadRefusedError):
            operations.cancel_load(
                load=load(file_of(tmp_path, 1)), by=make.user(), at=AT
            )

    def test_a_waiting_load_is_cancelled_at_once(
        self, usage_store: Path, tmp_path: Path
    ) -> None:
        assert usage_store.is_dir()
        source, _is_new = operations.find_or_create_source(name="a", by=None, at=AT)
        load = operations.request_load(
            source=source, paths=[file_of(tmp_path, 1)], by=None, at=AT
        )

        cancelled = operations.cancel_load(load=load, by=make.user(), at=AT)

        assert (cancelled.state, cancelled.finished_at) == (LoadState.CANCELLED, AT)


class TestAssignments:
    @pytest.fixture
    def account(self, load: Loader, tmp_path: Path) -> CloudAccount:
        load(file_of(tmp_path, 1, 2))
        return CloudAccount.objects.get(sub_account_id="")

    @pytest.mark.parametrize("tag", [("team", ""), (" ", "a")])
    def test_a_tag_needs_both(
        self, account: CloudAccount, tag: tuple[str, str]
    ) -> None:
        with pytest.raises(AssignmentRefusedError, match="key and a value"):
            operations.assign_account(
                account=account, partner=make.partner(), since=None, tag=tag,
                by=make.user(), at=AT,
            )  # fmt: skip

    def test_ends_on_a_day_of_its_own_or_is_taken_away(
        self, account: CloudAccount
    ) -> None:
        by = make.user()
        made = operations.assign_account(
            account=account,
            partner=make.partner(),
            since=date(2025, 1, 2),
            by=by,
            at=AT,
        )
        with pytest.raises(AssignmentRefusedError, match="before its first"):
            operations.end_assignment(
                assignment=made, on=date(2025, 1, 2), by=by, at=AT
            )

        operations.end_assignment(assignment=made, on=None, by=by, at=AT)

        assert not AccountAssignment.objects.exists()

    @pytest.mark.parametrize(
        ("hole", "left"),
        [
            ((None, date(2025, 1, 1)), [(date(2025, 1, 5), None)]),
            ((date(2025, 1, 1), date(2025, 1, 5)), [(date(2025, 1, 5), None)]),
            ((date(2025, 1, 1), date(2025, 1, 8)), [(date(2025, 1, 8), None)]),
            (
                (date(2025, 1, 6), date(2025, 1, 8)),
                [(date(2025, 1, 5), date(2025, 1, 6)), (date(2025, 1, 8), None)],
            ),
            ((None, None), []),
        ],
    )
    def test_days_that_are_left(
        self,
        hole: tuple[date | None, date | None],
        left: list[tuple[date | None, date | None]],
    ) -> None:
        assert without((date(2025, 1, 5), None), hole) == left


class TestRerolls:
    def test_one_worker_at_a_time_and_only_what_counts(
        self, load: Loader, tmp_path: Path
    ) -> None:
        first = load(file_of(tmp_path, 1))
        load(file_of(tmp_path, 1, 2, name="b.csv"))
        asked = UsageReroll.objects.create(source=first.source, requested_at=AT)
        UsageReroll.objects.filter(pk=asked.pk).update(
            owner="other", lease_until=datetime(2100, 1, 1, tzinfo=UTC)
        )
        assert not operations.run_reroll(reroll=asked, owner="me", at=AT)

        UsageReroll.objects.filter(pk=asked.pk).update(lease_until=LONG_AGO)
        assert operations.run_reroll(reroll=asked, owner="me", at=AT)

        assert DailyUsage.objects.count() == 2

    def test_what_was_withdrawn_meanwhile_is_passed_over(
        self, load: Loader, tmp_path: Path
    ) -> None:
        months = [
            exports.day(1, BillingPeriodStart=f"2025-0{n}-01T00:00:00Z", SkuId=str(n))
            for n in (1, 2)
        ]
        done = load(exports.write(tmp_path / "a.csv", months))
        steps = rerolls.reroll_source(source=done.source, at=AT)

        first = next(steps)
        other = done.deliveries.exclude(pk=first.pk).get()
        operations.withdraw_delivery(
            delivery=other, reason="wrong", by=make.user(), at=AT
        )

        assert list(steps) == []
        assert DailyUsage.objects.count() == 1

    def test_another_worker_may_take_over_in_between(
        self, load: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = load(file_of(tmp_path, 1))
        asked = UsageReroll.objects.create(source=done.source, requested_at=AT)
        rolled = rerolls.reroll_source

        def late(**arguments: Any) -> Any:
            UsageReroll.objects.update(owner="other")
            return rolled(**arguments)

        monkeypatch.setattr(rerolls, "reroll_source", late)

        assert not operations.run_reroll(reroll=asked, owner="me", at=AT)


class TestTasks:
    def test_what_is_gone_is_passed_over(self, usage_store: Path) -> None:
        assert usage_store.is_dir()
        tasks.run_load(load_id=0)
        tasks.reroll(reroll_id=0)
        tasks.take_arrival(arrival_id=0)

        assert not UsageLoad.objects.exists()

    def test_a_drop_that_does_not_answer_is_asked_again(
        self, usage_store: Path, settings: Settings
    ) -> None:
        settings.USAGE_DROP = f"nothing{usage_store}://x"
        arrival = UsageArrival.objects.create(
            address="a/b", source_name="a", seen_at=AT
        )

        tasks.look_for_arrivals()
        tasks.take_arrival(arrival_id=arrival.pk)

        arrival.refresh_from_db()
        assert arrival.state == "seen"


def test_two_writers_of_one_file_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.touch()

    with store.appending(path, at=0) as first, store.appending(path, at=0) as second:
        assert first is not None
        assert second is None


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (MeteredEvent(origin="gateway", event_id="7"), "gateway 7"),
        (UsageUpload(file_name="jan.csv"), "jan.csv"),
        (UsageArrival(address="acme/jan.csv"), "acme/jan.csv"),
    ],
)
def test_rows_are_called_by_what_people_know(one: object, name: str) -> None:
    assert str(one) == name
