"""Money: an exact amount and its currency; amounts of two currencies never mix."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from fractions import Fraction

from django.utils.translation import gettext as _

from crm.core.errors import DomainError

CURRENCY = re.compile(r"[A-Z]{3}")

MINOR_DIGITS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0,
    "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0,
    "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip
"""Digits after the point where ISO 4217 has other than two."""

EXACT = Context(
    prec=400,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""Wide enough for sums and products of stored numbers (38 digits) without rounding."""

QUOTIENT_DIGITS = 38


class CurrencyMixRefusedError(DomainError):
    """Amounts of different currencies were added or compared without a rate."""

    code = "money.mixed-currencies"


class AmountRefusedError(DomainError):
    """An amount or a currency code cannot be read."""

    code = "money.bad-amount"
    is_input = True


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency.

    Sums and products with whole numbers, decimals and fractions of them are exact;
    division keeps 38 significant digits. Nothing is rounded to cents before `rounded`.

    :param amount: a finite decimal; an int is taken as decimal, a float is refused.
    :param currency: three capital letters of ISO 4217.
    :raises AmountRefusedError: when either cannot be used.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        amount: object = self.amount
        if type(amount) is int:
            amount = Decimal(amount)
            object.__setattr__(self, "amount", amount)
        if not isinstance(amount, Decimal) or not amount.is_finite():
            raise AmountRefusedError(
                _("%(amount)s is no exact amount.") % {"amount": repr(amount)}
            )
        if not CURRENCY.fullmatch(str(self.currency)):
            raise AmountRefusedError(
                _("%(currency)s is no currency code of three capital letters.")
                % {"currency": repr(self.currency)}
            )

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def __bool__(self) -> bool:
        return self.amount != 0

    def __add__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return self._with(EXACT.add(self.amount, self._same(other)))

    def __sub__(self, other: "Money") -> "Money":
        if not isinstance(other, Money):
            return NotImplemented
        return self._with(EXACT.subtract(self.amount, self._same(other)))

    def __neg__(self) -> "Money":
        return self._with(self.amount.copy_negate())

    def __abs__(self) -> "Money":
        return self._with(self.amount.copy_abs())

    def __mul__(self, factor: Decimal | int) -> "Money":
        if type(factor) is not int and not isinstance(factor, Decimal):
            return NotImplemented
        return self._with(EXACT.multiply(self.amount, Decimal(factor)))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Decimal | int) -> "Money":
        if type(divisor) is not int and not isinstance(divisor, Decimal):
            return NotImplemented
        quotient = Context(prec=QUOTIENT_DIGITS, rounding=ROUND_HALF_EVEN)
        return self._with(quotient.divide(self.amount, Decimal(divisor)))

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def share_of(self, whole: "Money") -> Fraction:
        """Return this amount divided by the whole of the same currency, exactly.

        :raises ZeroDivisionError: when the whole is zero.
        """
        return Fraction(self.amount) / Fraction(self._same(whole))

    def rounded(self) -> "Money":
        """Return the amount in the currency's minor unit, halves away from zero."""
        step = Decimal(1).scaleb(-minor_digits(self.currency))
        return self._with(
            self.amount.quantize(step, rounding=ROUND_HALF_UP, context=EXACT)
        )

    def _with(self, amount: Decimal) -> "Money":
        return Money(amount, self.currency)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMixRefusedError(
                _("%(one)s and %(other)s do not mix without an exchange rate.")
                % {"one": self.currency, "other": other.currency}
            )
        return other.amount


def zero(currency: str) -> Money:
    """Return nothing in that currency."""
    return Money(Decimal(0), currency)


def total(amounts: Iterable[Money], *, currency: str) -> Money:
    """Return the exact sum; nothing in that currency when there are no amounts.

    :raises CurrencyMixRefusedError: when an amount is in another currency.
    """
    return sum(amounts, start=zero(currency))


def minor_digits(currency: str) -> int:
    """Return how many digits the currency's minor unit has, by ISO 4217."""
    return MINOR_DIGITS.get(currency, 2)
