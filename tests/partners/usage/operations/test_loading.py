"""What a load must survive: repetition, shorter and double exports, corrections."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from pytest_django.fixtures import Settings

from partners.usage.models import (
    DailyUsage,
    DeliveryMode,
    DeliveryStatus,
    LoadState,
    MonthlyUsage,
    UsageDelivery,
    UsageLoad,
)
from partners.usage.operations import rollups
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

pytestmark = pytest.mark.django_db

AFTER_CLOSE = datetime(2025, 6, 1, tzinfo=UTC)


def billed(**filters: object) -> Decimal:
    return DailyUsage.objects.filter(**filters).aggregate(s=Sum("billed_cost"))[
        "s"
    ] or Decimal(0)


def error_of(load: UsageLoad) -> dict[str, Any]:
    """Return why a load was refused."""
    assert load.state == LoadState.REFUSED
    assert load.error is not None
    return dict(load.error)


def days(*numbers: int, cost: str = "1.00") -> Iterator[dict[str, str]]:
    for number in numbers:
        yield exports.day(number, BilledCost=cost, EffectiveCost=cost)


def file_of(folder: Path, name: str, *numbers: int, cost: str = "1.00") -> Path:
    return exports.write(folder / name, days(*numbers, cost=cost))


class TestLoadTheRealSample:
    def test_makes_two_deliveries_with_exact_totals(self, load: Loader) -> None:
        done = load(exports.shared("real_1.0/focus_sample.csv"))

        assert done.state == LoadState.LOADED
        assert [
            (f"{d.billing_month:%Y-%m}", d.rows, d.status)
            for d in done.deliveries.order_by("billing_month")
        ] == [("2024-09", 999, "current"), ("2024-10", 1, "current")]
        assert done.totals["USD"]["billed"] == "20.52022672899"
        assert billed() == Decimal("20.52022672899")
        monthly = MonthlyUsage.objects.aggregate(s=Sum("effective_cost"))
        assert monthly["s"] == Decimal("14.97651418586")

    def test_says_which_costs_are_missing(self, load: Loader) -> None:
        done = load(exports.shared("real_1.0/focus_sample.csv"))

        assert done.notices[1:] == [
            "2024-09: 6 rows have no contracted cost; it stays empty.",
            "2024-10: 1 rows have no contracted cost; it stays empty.",
        ]


class TestLoadAgain:
    def test_the_same_content_is_a_no_op(self, load: Loader, tmp_path: Path) -> None:
        path = file_of(tmp_path, "a.csv", 1, 2)
        first = load(path)

        second = load(path.rename(tmp_path / "renamed.csv"))

        assert second.state == LoadState.NO_OP
        assert second.same_as == first
        assert billed() == 2

    def test_the_same_rows_in_another_file_are_a_no_op(
        self, load: Loader, tmp_path: Path
    ) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2))

        again = load(file_of(tmp_path, "b.csv.gz", 2, 1))

        assert again.state == LoadState.NO_OP
        assert [d.status for d in again.deliveries.all()] == [DeliveryStatus.NO_OP]
        assert billed() == 2

    def test_a_longer_snapshot_replaces(self, load: Loader, tmp_path: Path) -> None:
        first = load(file_of(tmp_path, "a.csv", 1, 2))

        second = load(file_of(tmp_path, "b.csv", 1, 2, 3, cost="2"))

        assert second.state == LoadState.LOADED
        assert billed() == 6
        old = first.deliveries.get()
        assert old.status == DeliveryStatus.SUPERSEDED
        assert old.superseded_by == second.deliveries.get()

    def test_a_shorter_snapshot_is_held(self, load: Loader, tmp_path: Path) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2, 3))

        shorter = load(file_of(tmp_path, "b.csv", 1, 2))

        assert shorter.state == LoadState.HELD
        codes = {reason["code"] for reason in shorter.deliveries.get().reasons}
        assert codes == {"shorter", "shrunk"}
        assert "2025-01-03" in shorter.notices[0]
        assert billed() == 3

    def test_a_doubled_export_is_held(self, load: Loader, tmp_path: Path) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2, 3))

        doubled = load(file_of(tmp_path, "b.csv", 1, 1, 2, 2, 3, 3))

        assert doubled.state == LoadState.HELD
        assert "Twice the rows" in doubled.notices[0]
        assert billed() == 3

    def test_a_first_export_with_each_row_twice_is_held(
        self, load: Loader, tmp_path: Path
    ) -> None:
        doubled = load(file_of(tmp_path, "a.csv", *range(1, 11), *range(1, 11)))

        assert doubled.state == LoadState.HELD
        assert billed() == 0

    def test_a_changed_closed_month_is_held(self, load: Loader, tmp_path: Path) -> None:
        load(file_of(tmp_path, "a.csv", *range(1, 32)), at=AFTER_CLOSE)

        changed = load(
            file_of(tmp_path, "b.csv", *range(1, 32), cost="1.01"), at=AFTER_CLOSE
        )

        assert changed.state == LoadState.HELD
        assert "billed +0.31 USD" in changed.notices[0]
        assert billed() == 31

    def test_a_complete_month_may_change_while_it_is_open(
        self, load: Loader, tmp_path: Path
    ) -> None:
        load(file_of(tmp_path, "a.csv", *range(1, 32)))

        load(file_of(tmp_path, "b.csv", *range(1, 32), cost="1.01"))

        assert billed() == Decimal("31.31")

    def test_old_rows_are_not_taken_for_new(self, load: Loader, tmp_path: Path) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2, cost="2"))
        load(file_of(tmp_path, "b.csv", 1, 2, cost="3"))

        old = load(file_of(tmp_path, "c.csv", 2, 1, cost="2"))

        assert old.state == LoadState.HELD
        assert "old-again" in {r["code"] for r in old.deliveries.get().reasons}

    def test_a_second_export_of_the_same_accounts_is_held(
        self, load: Loader, tmp_path: Path
    ) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2), scope="daily")

        other = load(file_of(tmp_path, "b.csv", 1, 2, 3), scope="one-off")

        assert other.state == LoadState.HELD
        assert "“daily”" in other.notices[0]
        assert billed() == 2

    def test_two_files_of_one_content_are_refused(
        self, load: Loader, tmp_path: Path
    ) -> None:
        done = load(file_of(tmp_path, "a.csv", 1), file_of(tmp_path, "b.csv", 1))

        assert done.state == LoadState.REFUSED
        assert error_of(done)["code"] == "usage.file-twice"


class TestMinorityMonth:
    def test_that_would_shrink_is_held_alone(
        self, load: Loader, tmp_path: Path
    ) -> None:
        load(file_of(tmp_path, "december.csv", 1))
        UsageDelivery.objects.update(status=DeliveryStatus.CURRENT)
        february = [
            exports.day(
                number,
                month="2025-02",
                BillingPeriodStart="2025-02-01T00:00:00Z",
                BillingPeriodEnd="2025-03-01T00:00:00Z",
            )
            for number in range(1, 20)
        ]
        stray = exports.day(1, BilledCost="0.10", EffectiveCost="0.10")

        mixed = load(exports.write(tmp_path / "b.csv", [*february, stray]))

        statuses = dict(mixed.deliveries.values_list("billing_month", "status"))
        assert statuses == {
            date(2025, 1, 1): DeliveryStatus.HELD,
            date(2025, 2, 1): DeliveryStatus.CURRENT,
        }
        assert mixed.state == LoadState.LOADED
        assert billed(billing_month=date(2025, 1, 1)) == 1


class TestDaysThenMonth:
    def test_the_month_replaces_the_days(self, load: Loader, tmp_path: Path) -> None:
        mode = DeliveryMode.DAILY_THEN_MONTH
        for number in (1, 2, 3):
            load(file_of(tmp_path, f"{number}.csv", number), delivery_mode=mode)
        assert billed() == 3

        load(file_of(tmp_path, "month.csv", *range(1, 32), cost="2"))

        assert billed() == 62
        assert UsageDelivery.objects.filter(status=DeliveryStatus.CURRENT).count() == 1

    def test_a_day_after_the_month_is_held(self, load: Loader, tmp_path: Path) -> None:
        mode = DeliveryMode.DAILY_THEN_MONTH
        load(file_of(tmp_path, "month.csv", *range(1, 32)), delivery_mode=mode)

        late = load(file_of(tmp_path, "day.csv", 31, cost="2"))

        assert late.state == LoadState.HELD

    def test_a_day_delivered_again_is_held(self, load: Loader, tmp_path: Path) -> None:
        mode = DeliveryMode.DAILY_THEN_MONTH
        load(file_of(tmp_path, "1.csv", 1), delivery_mode=mode)

        again = load(file_of(tmp_path, "1b.csv", 1, cost="2"))

        assert again.state == LoadState.HELD


class TestAppend:
    def test_adds_and_refuses_a_file_that_is_there(
        self, load: Loader, tmp_path: Path
    ) -> None:
        first = file_of(tmp_path, "a.csv", 1)
        load(first, delivery_mode=DeliveryMode.APPEND)
        load(file_of(tmp_path, "b.csv", 2))
        assert billed() == 2

        both = load(first, file_of(tmp_path, "c.csv", 3))

        assert both.state == LoadState.REFUSED
        assert error_of(both)["code"] == "usage.file-again"
        assert billed() == 2


class TestCorrections:
    OPEN = {
        "BillingPeriodStart": "2025-02-01T00:00:00Z",
        "BillingPeriodEnd": "2025-03-01T00:00:00Z",
        "ChargeClass": "Correction",
    }

    @pytest.mark.parametrize(
        "amounts", [["-0.25"], ["-1.00", "0.75"]], ids=["delta", "ledger"]
    )
    def test_change_the_day_and_not_the_billed_month(
        self, load: Loader, tmp_path: Path, amounts: list[str]
    ) -> None:
        load(file_of(tmp_path, "january.csv", 1, 2))
        rows = [
            exports.day(1, BilledCost=text, EffectiveCost=text, **self.OPEN)
            for text in amounts
        ]

        load(exports.write(tmp_path / "february.csv", rows))

        assert billed(billing_month=date(2025, 1, 1)) == 2
        assert billed(charge_day=date(2025, 1, 1)) == Decimal("0.75")
        by_month = dict(
            MonthlyUsage.objects.filter(charge_month=date(2025, 1, 1))
            .values_list("billing_month")
            .annotate(s=Sum("billed_cost"))
        )
        assert by_month == {
            date(2025, 1, 1): Decimal(2),
            date(2025, 2, 1): Decimal("-0.25"),
        }


class TestRejects:
    def test_above_the_share_nothing_is_loaded(
        self, load: Loader, tmp_path: Path
    ) -> None:
        rows = [*days(1, 2), exports.day(3, BilledCost="abc", EffectiveCost="4")]

        done = load(exports.write(tmp_path / "a.csv", rows))

        assert done.state == LoadState.REFUSED
        assert error_of(done)["line"] == 4
        assert error_of(done)["column"] == "BilledCost"
        assert error_of(done)["value"] == "abc"
        assert done.rejected_totals["USD"]["effective"] == "4"
        assert billed() == 0
        assert not UsageDelivery.objects.exists()

    def test_below_it_the_rest_is_loaded(
        self, load: Loader, tmp_path: Path, settings: Settings
    ) -> None:
        settings.USAGE_REJECT_SHARE = "0.5"
        rows = [*days(1, 2), exports.day(3, BilledCost="abc")]

        done = load(exports.write(tmp_path / "a.csv", rows))

        assert done.state == LoadState.LOADED
        assert (done.rows_read, done.rows_loaded, done.rows_rejected) == (3, 2, 1)
        assert done.rejects[0]["line"] == 4
        assert billed() == 2


class TestTotals:
    def test_that_disagree_refuse_the_load(
        self, load: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load(file_of(tmp_path, "a.csv", 1, 2))
        monkeypatch.setattr(rollups, "totals_of", lambda _ids: {})

        broken = load(file_of(tmp_path, "b.csv", 1, 2, 3))

        assert broken.state == LoadState.REFUSED
        assert error_of(broken)["code"] == "usage.totals-disagree"
        assert billed() == 2
        assert UsageDelivery.objects.filter(status=DeliveryStatus.CURRENT).count() == 1
