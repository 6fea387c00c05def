"""Deliveries after the load: withdrawn, restored, released, tried out, taken over."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm.journal.models import Event
from partners.usage import operations
from partners.usage.models import (
    DeliveryStatus,
    LoadState,
    MonthlyUsage,
    UsageDelivery,
    UsageLoad,
)
from tests import make
from tests.partners.usage.conftest import Loader
from tests.partners.usage.operations.test_loading import AFTER_CLOSE, billed, file_of

pytestmark = pytest.mark.django_db


class TestWithdrawAndRestore:
    def test_withdraw_takes_the_figures_out(self, load: Loader, tmp_path: Path) -> None:
        delivery = load(file_of(tmp_path, "a.csv", 1, 2)).deliveries.get()
        anna = make.user()

        operations.withdraw_delivery(
            delivery=delivery, reason="wrong customer", by=anna, at=AFTER_CLOSE
        )

        assert billed() == 0
        assert not MonthlyUsage.objects.exists()
        assert Event.objects.filter(kind="usage.delivery-withdrawn", by=anna).exists()

    def test_restore_brings_them_back(self, load: Loader, tmp_path: Path) -> None:
        first = load(file_of(tmp_path, "a.csv", 1, 2)).deliveries.get()
        second = load(file_of(tmp_path, "b.csv", 1, 2, 3)).deliveries.get()

        operations.restore_delivery(delivery=first, by=make.user(), at=AFTER_CLOSE)

        assert billed() == 2
        second.refresh_from_db()
        assert second.status == DeliveryStatus.SUPERSEDED
        assert second.superseded_by == first

    def test_release_applies_what_was_held(self, load: Loader, tmp_path: Path) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2, 3))
        held = load(file_of(tmp_path, "b.csv", 1, 2)).deliveries.get()

        operations.release_delivery(delivery=held, by=make.user(), at=AFTER_CLOSE)

        assert billed() == 2

    def test_a_current_delivery_cannot_be_released(
        self, load: Loader, tmp_path: Path
    ) -> None:
        delivery = load(file_of(tmp_path, "a.csv", 1)).deliveries.get()

        with pytest.raises(operations.DeliveryRefusedError, match="current"):
            operations.release_delivery(
                delivery=delivery, by=make.user(), at=AFTER_CLOSE
            )

    def test_withdraw_needs_a_reason(self, load: Loader, tmp_path: Path) -> None:
        delivery = load(file_of(tmp_path, "a.csv", 1)).deliveries.get()

        with pytest.raises(operations.DeliveryRefusedError, match="why"):
            operations.withdraw_delivery(
                delivery=delivery, reason=" ", by=make.user(), at=AFTER_CLOSE
            )


class TestDryRun:
    def test_changes_nothing(
        self, load: Loader, tmp_path: Path, usage_store: Path
    ) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2))
        source = UsageLoad.objects.get().source

        asked = operations.request_load(
            source=source,
            paths=[file_of(tmp_path, "b.csv", 1)],
            by=None,
            at=AFTER_CLOSE,
            is_dry_run=True,
        )
        tried = operations.run_load(load=asked, owner="test", at=AFTER_CLOSE)

        assert tried.state == LoadState.HELD
        assert UsageDelivery.objects.count() == 1
        assert billed() == 2


class TestTakeOver:
    def test_a_dead_workers_load_is_finished_by_the_next(
        self, load: Loader, tmp_path: Path, usage_store: Path
    ) -> None:
        done = load(file_of(tmp_path, "a.csv", 1))
        asked = operations.request_load(
            source=done.source,
            paths=[file_of(tmp_path, "b.csv", 1, 2)],
            by=None,
            at=AFTER_CLOSE,
        )
        UsageLoad.objects.filter(pk=asked.pk).update(
            state=LoadState.READING,
            owner="dead",
            attempts=1,
            lease_until=datetime(2025, 1, 1, tzinfo=UTC),
        )
        (usage_store / "work" / f"load={asked.pk}").mkdir(parents=True)

        (left,) = operations.clean_up_loads(at=AFTER_CLOSE)
        assert not (usage_store / "work" / f"load={asked.pk}").exists()
        operations.run_load(load=left, owner="next", at=AFTER_CLOSE)

        assert billed() == 2

    def test_a_running_load_is_left_alone(self, load: Loader, tmp_path: Path) -> None:
        done = load(file_of(tmp_path, "a.csv", 1))
        UsageLoad.objects.filter(pk=done.pk).update(
            state=LoadState.READING,
            owner="busy",
            lease_until=datetime(2100, 1, 1, tzinfo=UTC),
        )

        assert operations.clean_up_loads(at=AFTER_CLOSE) == []
        with pytest.raises(operations.LoadRefusedError):
            operations.run_load(load=done, owner="other", at=AFTER_CLOSE)
