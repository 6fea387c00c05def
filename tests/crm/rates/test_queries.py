"""Which rate serves which day, and what is refused."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from crm.core.money import Money
from crm.core.periods import Days
from crm.rates import queries
from crm.rates.models import FxRate
from crm.rates.queries import RateMissingError

Count = Callable[[int], AbstractContextManager[Any]]
DAY = date(2026, 11, 20)
pytestmark = pytest.mark.django_db


def rate(pair: str, number: str, *, days_before: int = 0) -> None:
    base, quote = pair.split("/")
    FxRate.objects.create(
        date=DAY - timedelta(days=days_before),
        base=base,
        quote=quote,
        rate=Decimal(number),
        source="ECB",
    )


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


class TestRateAt:
    def test_is_that_of_the_day(self) -> None:
        rate("EUR/USD", "1.05")
        rate("EUR/USD", "1.04", days_before=1)

        found = queries.rate_at("EUR", "USD", on=DAY)

        assert (found.number, found.rate_on) == (Decimal("1.05"), DAY)

    def test_may_be_seven_days_older_but_not_eight(self) -> None:
        rate("EUR/USD", "1.04", days_before=7)

        assert queries.rate_at("EUR", "USD", on=DAY).rate_on == date(2026, 11, 13)
        with pytest.raises(RateMissingError):
            queries.rate_at("EUR", "USD", on=DAY + timedelta(days=1))

    def test_is_never_of_a_later_day(self) -> None:
        rate("EUR/USD", "1.05", days_before=-1)

        with pytest.raises(RateMissingError):
            queries.rate_at("EUR", "USD", on=DAY)

    def test_may_be_the_other_way_round(self) -> None:
        rate("EUR/USD", "1.25")

        assert queries.rate_at("USD", "EUR", on=DAY).number == Decimal("0.8")

    def test_the_newer_direction_wins_and_the_asked_one_on_the_same_day(self) -> None:
        rate("EUR/USD", "1.25", days_before=1)
        rate("USD/EUR", "0.5", days_before=2)
        rate("EUR/CNY", "8")
        rate("CNY/EUR", "0.2")

        assert queries.rate_at("USD", "EUR", on=DAY).number == Decimal("0.8")
        assert queries.rate_at("CNY", "EUR", on=DAY).number == Decimal("0.2")

    def test_goes_by_way_of_the_euro_where_there_is_no_direct_one(self) -> None:
        rate("EUR/USD", "1.1")
        rate("EUR/CNY", "7.7", days_before=3)

        found = queries.rate_at("USD", "CNY", on=DAY)

        assert found.exact == 7
        assert found.rate_on == DAY - timedelta(days=3)

    def test_a_direct_one_wins_over_the_euro_even_if_older(self) -> None:
        rate("EUR/USD", "1.1")
        rate("EUR/CNY", "7.7")
        rate("USD/CNY", "7.2", days_before=7)

        assert queries.rate_at("USD", "CNY", on=DAY).number == Decimal("7.2")

    def test_never_goes_by_way_of_another_currency(self) -> None:
        rate("GBP/USD", "1.3")
        rate("USD/CNY", "7")

        with pytest.raises(RateMissingError):
            queries.rate_at("GBP", "CNY", on=DAY)

    def test_of_a_currency_to_itself_is_one(self) -> None:
        found = queries.rate_at("CNY", "CNY", on=DAY)

        assert (found.exact, found.rate_on) == (Fraction(1), DAY)


class TestMissing:
    def test_names_the_pair_and_the_days(self) -> None:
        with pytest.raises(RateMissingError) as refusal:
            queries.rate_at("EUR", "USD", on=DAY)

        assert refusal.value.missing == ("EUR/USD 2026-11-13..2026-11-20",)
        assert refusal.value.text == (
            "No exchange rate from EUR to USD for 2026-11-20: missing is EUR/USD "
            "on any day from 2026-11-13 to 2026-11-20."
        )

    @pytest.mark.parametrize(
        ("known", "legs"),
        [
            (None, ("USD/EUR", "EUR/CNY")),
            ("EUR/USD", ("EUR/CNY",)),
            ("EUR/CNY", ("USD/EUR",)),
        ],
    )
    def test_names_only_the_leg_that_is_missing(
        self, known: str | None, legs: tuple[str, ...]
    ) -> None:
        FxRate.objects.bulk_create(
            FxRate(date=DAY, base=p[:3], quote=p[4:], rate=Decimal(2), source="x")
            for p in filter(None, [known])
        )

        with pytest.raises(RateMissingError) as refusal:
            queries.rate_at("USD", "CNY", on=DAY)

        named = tuple(leg.split()[0] for leg in refusal.value.missing)
        assert named == legs


class TestConvert:
    def test_gives_money_rate_and_its_day(self) -> None:
        rate("EUR/CNY", "7.6102", days_before=2)

        converted = queries.convert(cny("100"), to="EUR", on=DAY)

        assert converted.money.currency == "EUR"
        assert converted.money.amount == Decimal(
            "13.140259125909962944469264933904496597"
        )
        assert converted.rate.rate_on == DAY - timedelta(days=2)

    def test_is_not_rounded(self) -> None:
        rate("USD/CNY", "7.123456789012345678")

        converted = queries.convert(Money(Decimal("0.01"), "USD"), to="CNY", on=DAY)

        assert converted.money.amount == Decimal("0.07123456789012345678")

    def test_to_its_own_currency_keeps_every_digit(self) -> None:
        money = cny("1." + "1" * 60)

        assert queries.convert(money, to="CNY", on=DAY).money is money

    def test_there_and_back_loses_less_than_a_trillionth(self) -> None:
        rate("EUR/CNY", "7.6102")
        rate("EUR/USD", "1.0523")

        there = queries.convert(cny("123456.78"), to="USD", on=DAY).money
        back = queries.convert(there, to="CNY", on=DAY).money

        assert abs(back.amount - Decimal("123456.78")) < Decimal("1E-30")


class TestConverter:
    @pytest.mark.parametrize("amounts", [2, 200])
    def test_costs_one_query(
        self, amounts: int, django_assert_num_queries: Count
    ) -> None:
        rate("EUR/CNY", "7.6", days_before=5)
        rate("EUR/USD", "1.05", days_before=5)

        with django_assert_num_queries(1):
            converter = queries.converter(
                currencies=["CNY", "USD"], days=Days(DAY, DAY + timedelta(days=2))
            )
            for number in range(amounts):
                on = DAY + timedelta(days=number % 2)
                converter.convert(cny(str(number)), to="USD", on=on)

    def test_takes_the_rate_of_each_day(self) -> None:
        rate("EUR/CNY", "8", days_before=1)
        rate("EUR/CNY", "4")
        converter = queries.converter(
            currencies=["CNY"], days=Days(DAY - timedelta(days=1), DAY + timedelta(1))
        )

        worth = [
            converter.convert(cny("8"), to="EUR", on=day).money.amount
            for day in (DAY - timedelta(days=1), DAY)
        ]

        assert worth == [1, 2]

    def test_refuses_a_day_it_was_not_made_for(self) -> None:
        converter = queries.converter(currencies=["CNY"], days=Days(DAY, DAY))

        with pytest.raises(ValueError, match="not for 2026-11-20"):
            converter.convert(cny("8"), to="EUR", on=DAY)
