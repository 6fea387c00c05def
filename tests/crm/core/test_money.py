"""Money is exact, keeps its currency and never mixes."""

from collections.abc import Callable
from decimal import Decimal, getcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.money import (
    AmountRefusedError,
    CurrencyMixRefusedError,
    Money,
    minor_digits,
    total,
    zero,
)

AMOUNTS = st.decimals(min_value=Decimal("-1E20"), max_value=Decimal("1E20"), places=18)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


class TestMoney:
    def test_reads_as_amount_and_currency(self) -> None:
        assert str(eur("1E+3")) == "1000 EUR"
        assert str(eur("0.10")) == "0.10 EUR"

    def test_takes_a_whole_number(self) -> None:
        money = Money(3, "JPY")  # type: ignore[arg-type]  # what a caller may do

        assert money == Money(Decimal(3), "JPY")

    @pytest.mark.parametrize(
        "amount", [0.1, "1", None, True, Decimal("NaN"), Decimal("Infinity")]
    )
    def test_refuses_what_is_not_exact(self, amount: Any) -> None:
        with pytest.raises(AmountRefusedError, match="is no exact amount"):
            Money(amount, "EUR")

    @pytest.mark.parametrize("currency", ["", "eur", "EURO", "E1R", "EUR\n", None])
    def test_refuses_what_is_no_currency(self, currency: Any) -> None:
        with pytest.raises(AmountRefusedError, match="is no currency code"):
            Money(Decimal(1), currency)

    def test_equal_amounts_are_equal_whatever_their_digits(self) -> None:
        assert eur("1.0") == eur("1.00")
        assert hash(eur("1.0")) == hash(eur("1.00"))
        assert eur("1") != Money(Decimal(1), "USD")

    def test_nothing_is_false(self) -> None:
        assert not zero("EUR")
        assert eur("0.000000000000000001")


class TestArithmetic:
    @given(AMOUNTS, AMOUNTS)
    def test_is_exact_beyond_the_digits_of_decimals_own_context(
        self, one: Decimal, other: Decimal
    ) -> None:
        left, right = Money(one, "EUR"), Money(other, "EUR")

        assert Fraction((left + right).amount) == Fraction(one) + Fraction(other)
        assert Fraction((left - right).amount) == Fraction(one) - Fraction(other)
        assert Fraction((left * other).amount) == Fraction(one) * Fraction(other)
        assert (left < right) == (one < other)
        assert left + right - right == left

    @given(st.lists(AMOUNTS, max_size=40))
    def test_a_total_does_not_depend_on_the_order(self, amounts: list[Decimal]) -> None:
        monies = [Money(amount, "EUR") for amount in amounts]

        assert total(monies, currency="EUR") == total(monies[::-1], currency="EUR")
        assert Fraction(total(monies, currency="EUR").amount) == sum(
            map(Fraction, amounts)
        )

    def test_leaves_the_context_of_others_alone(self) -> None:
        before = getcontext().copy()

        eur("1") / 3
        eur("1").rounded()

        assert getcontext().flags == before.flags

    def test_division_keeps_38_digits(self) -> None:
        assert eur("1") / 3 == eur("0." + "3" * 38)
        with pytest.raises(ZeroDivisionError):
            eur("1") / 0

    def test_signs(self) -> None:
        assert -eur("1") == eur("-1")
        assert abs(eur("-1")) == eur("1")
        assert 2 * eur("1.5") == eur("3.0")

    def test_a_share_is_exact(self) -> None:
        assert eur("1").share_of(eur("3")) == Fraction(1, 3)
        with pytest.raises(ZeroDivisionError):
            eur("1").share_of(eur("0"))

    @pytest.mark.parametrize(
        "act",
        [
            lambda money: money * 1.5,
            lambda money: money / 1.5,
            lambda money: money + 1,
            lambda money: money - 1,
            lambda money: money * money,
        ],
    )
    def test_with_anything_inexact_or_bare_is_an_error(
        self, act: Callable[[Money], Any]
    ) -> None:
        with pytest.raises(TypeError):
            act(eur("1"))


class TestMixing:
    @pytest.mark.parametrize(
        "act",
        [
            lambda one, other: one + other,
            lambda one, other: one - other,
            lambda one, other: one < other,
            lambda one, other: one <= other,
            lambda one, other: one > other,
            lambda one, other: one >= other,
            lambda one, other: one.share_of(other),
            lambda one, other: total([one, other], currency="EUR"),
        ],
    )
    def test_is_refused(self, act: Callable[[Money, Money], Any]) -> None:
        with pytest.raises(CurrencyMixRefusedError, match="EUR and USD do not mix"):
            act(eur("1"), Money(Decimal(0), "USD"))

    def test_comparisons_of_one_currency(self) -> None:
        assert eur("1") <= eur("1.0") < eur("2")
        assert eur("2") >= eur("2") > eur("1")


class TestRounded:
    @pytest.mark.parametrize(
        ("amount", "currency", "rounded"),
        [
            ("2.345", "EUR", "2.35"),
            ("-2.345", "EUR", "-2.35"),
            ("2.344999", "EUR", "2.34"),
            ("0.5", "JPY", "1"),
            ("1.0005", "KWD", "1.001"),
            ("7", "CNY", "7.00"),
            ("1" * 30 + ".005", "EUR", "1" * 30 + ".01"),
        ],
    )
    def test_to_the_minor_unit_halves_away_from_zero(
        self, amount: str, currency: str, rounded: str
    ) -> None:
        money = Money(Decimal(amount), currency).rounded()

        assert str(money) == f"{rounded} {currency}"

    def test_an_unknown_currency_has_two_digits(self) -> None:
        assert minor_digits("XXA") == 2
