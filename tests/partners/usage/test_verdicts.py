"""What becomes of a delivered month, decided without a database."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from partners.usage import verdicts
from partners.usage.verdicts import Mode, Month

JANUARY = date(2025, 1, 1)


def days(*numbers: int) -> frozenset[date]:
    return frozenset(date(2025, 1, number) for number in numbers)


def month(*numbers: int, cost: int = 1, currency: str = "USD", **fields: Any) -> Month:
    """Return a month with one row and one cost for each day."""
    sums = dict.fromkeys(verdicts.COSTS, Decimal(cost * len(numbers)))
    plain = Month(
        id=7,
        rows=len(numbers),
        days=days(*numbers),
        totals={currency: sums},
        fingerprint=f"{numbers}{cost}{currency}",
    )
    return replace(plain, **fields)


def codes(new: Month, *current: Month, mode: str = Mode.OVERWRITE) -> list[str]:
    verdict = verdicts.judge(
        new,
        current=current,
        earlier=(),
        mode=mode,
        billing_month=JANUARY,
        today=date(2025, 6, 1),
        close_after_days=10,
    )
    return [reason.code for reason in verdict.reasons]


class TestDailyThenMonth:
    @pytest.mark.parametrize(
        ("new", "expected"),
        [
            (month(3), []),
            (month(2, cost=2), ["days-twice"]),
            (month(1, 2, cost=2), []),  # the month so far: replaces
        ],
    )
    def test_days_that_are_there(self, new: Month, expected: list[str]) -> None:
        current = [month(n, is_increment=True) for n in (1, 2)]

        assert codes(new, *current, mode=Mode.DAILY_THEN_MONTH) == expected

    def test_a_day_with_its_only_forerunner_may_be_either(self) -> None:
        first = month(1, is_increment=True)

        assert codes(month(1, 2), first, mode=Mode.DAILY_THEN_MONTH) == ["day-or-month"]

    def test_days_after_the_month(self) -> None:
        whole = month(*range(1, 32))

        assert codes(month(3, cost=2), whole, mode=Mode.DAILY_THEN_MONTH) == [
            "month-is-there"
        ]

    def test_days_that_overlap_in_part_add_up(self) -> None:
        current = [month(n, is_increment=True) for n in (1, 2, 3)]

        assert codes(month(3, 4), *current, mode=Mode.DAILY_THEN_MONTH) == []


class TestDoubled:
    def test_twice_the_rows_with_other_costs_is_not(self) -> None:
        twice = month(1, 2, rows=4, fingerprint="x")

        assert "doubled" not in codes(twice, month(1, 2))

    def test_in_one_currency_only_is_not(self) -> None:
        both = Month(
            rows=4,
            days=days(1),
            totals={
                "USD": dict.fromkeys(verdicts.COSTS, Decimal(2)),
                "CNY": dict.fromkeys(verdicts.COSTS, Decimal(1)),
            },
        )
        current = Month(
            rows=2,
            days=days(1),
            totals={
                currency: dict.fromkeys(verdicts.COSTS, Decimal(1))
                for currency in ("USD", "CNY")
            },
            fingerprint="x",
        )

        assert "doubled" not in codes(both, current)


class TestClosed:
    def test_other_rows_of_the_same_costs_are_said_so(self) -> None:
        whole = month(1, 31)
        other = month(1, 31, rows=2, fingerprint="other", currency="usd")

        assert codes(other, whole) == ["shrunk"] * len(verdicts.COSTS) + ["closed"]

    def test_the_same_totals_in_other_rows_change_nothing(self) -> None:
        assert codes(month(1, 31, fingerprint="other"), month(1, 31)) == []

    def test_the_difference_is_named(self) -> None:
        words = verdicts.difference(month(1, 2, cost=2), month(1, 2, 3))

        assert words.startswith("rows -1, ")
        assert "+1 USD" in words
