"""Exchange rates at a day, and conversion of money with the rate and its date."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.core.money import Money
from crm.core.periods import Days
from crm.rates.models import FxRate

EURO = "EUR"
OLDEST = timedelta(days=7)
"""How much older than the day a rate may be."""

DIGITS = Context(prec=38, rounding=ROUND_HALF_EVEN)


class RateMissingError(DomainError):
    """No rate is recent enough; `missing` names each pair and its days."""

    code = "rates.missing"


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `base` is worth in `quote`, exactly, and from which day that is.

    By way of the euro, `rate_on` is the older of the two days.
    """

    base: str
    quote: str
    exact: Fraction
    rate_on: date

    @property
    def number(self) -> Decimal:
        """The rate with 38 significant digits."""
        return _decimal(self.exact)


@dataclass(frozen=True, slots=True)
class Converted:
    """Money in another currency, with the rate that was used."""

    money: Money
    rate: Rate


class Converter:
    """Converts any number of amounts on the days it was made for; without queries."""

    def __init__(self, rows: Iterable[tuple[str, str, date, Decimal]], days: Days):
        self.days = days
        self.dates: dict[tuple[str, str], list[date]] = defaultdict(list)
        self.rates: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
        self.found: dict[tuple[str, str, date], Rate] = {}
        for base, quote, day, rate in rows:
            self.dates[base, quote].append(day)
            self.rates[base, quote].append(rate)

    def rate_at(self, base: str, quote: str, *, on: date) -> Rate:
        """Return the latest rate at most seven days older than the day.

        Either direction serves, the newer one first; by way of the euro only where
        neither exists.

        :raises RateMissingError: when there is none; says which.
        :raises ValueError: when the converter was not made for that day.
        """
        if on not in self.days:
            raise ValueError(f"This converter has rates for {self.days}, not for {on}.")
        key = (base, quote, on)
        if key not in self.found:
            self.found[key] = self._find(base, quote, on)
        return self.found[key]

    def convert(self, money: Money, *, to: str, on: date) -> Converted:
        """Return the money in another currency at the rate of the day, unrounded.

        The amount has 38 significant digits.

        :raises RateMissingError: when there is no rate; says which.
        """
        rate = self.rate_at(money.currency, to, on=on)
        if money.currency == to:
            return Converted(money, rate)
        amount = _decimal(Fraction(money.amount) * rate.exact)
        return Converted(Money(amount, to), rate)

    def _find(self, base: str, quote: str, on: date) -> Rate:
        if base == quote:
            return Rate(base, quote, Fraction(1), on)
        direct = self._either(base, quote, on)
        if direct is not None:
            return direct
        if EURO in {base, quote}:
            raise missing(base, quote, on=on, legs=[(base, quote)])
        first, second = self._either(base, EURO, on), self._either(EURO, quote, on)
        if first is None or second is None:
            legs = [(base, EURO)] * (first is None) + [(EURO, quote)] * (second is None)
            raise missing(base, quote, on=on, legs=legs)
        older = min(first.rate_on, second.rate_on)
        return Rate(base, quote, first.exact * second.exact, older)

    def _either(self, base: str, quote: str, on: date) -> Rate | None:
        forth, back = self._latest(base, quote, on), self._latest(quote, base, on)
        if forth is not None and (back is None or forth[0] >= back[0]):
            return Rate(base, quote, Fraction(forth[1]), forth[0])
        if back is not None:
            return Rate(base, quote, 1 / Fraction(back[1]), back[0])
        return None

    def _latest(self, base: str, quote: str, on: date) -> tuple[date, Decimal] | None:
        dates = self.dates.get((base, quote), [])
        index = bisect_right(dates, on) - 1
        if index < 0 or dates[index] < on - OLDEST:
            return None
        return dates[index], self.rates[base, quote][index]


def converter(*, currencies: Iterable[str], days: Days) -> Converter:
    """Return a converter among these currencies for these days. Costs one query."""
    codes = {*currencies, EURO}
    rows = FxRate.objects.filter(
        base__in=codes,
        quote__in=codes,
        date__gte=days.start - OLDEST,
        date__lt=days.end,
    ).order_by("base", "quote", "date")
    return Converter(rows.values_list("base", "quote", "date", "rate"), days)


def rate_at(base: str, quote: str, *, on: date) -> Rate:
    """Return the rate of one pair on one day. Costs one query.

    :raises RateMissingError: when there is none; says which.
    """
    return _on(on, base, quote).rate_at(base, quote, on=on)


def convert(money: Money, *, to: str, on: date) -> Converted:
    """Return the money in another currency at the rate of the day. Costs one query.

    :raises RateMissingError: when there is no rate; says which.
    """
    return _on(on, money.currency, to).convert(money, to=to, on=on)


def missing(
    base: str, quote: str, *, on: date, legs: list[tuple[str, str]]
) -> RateMissingError:
    """Return the refusal that names each missing pair and the days it was looked for."""
    earliest = on - OLDEST
    wanted = tuple(f"{one}/{other} {earliest}..{on}" for one, other in legs)
    text = _(
        "No exchange rate from %(base)s to %(quote)s for %(on)s: missing is "
        "%(pairs)s on any day from %(earliest)s to %(on)s."
    ) % {
        "base": base,
        "quote": quote,
        "on": on,
        "earliest": earliest,
        "pairs": ", ".join(f"{one}/{other}" for one, other in legs),
    }
    return RateMissingError(text, missing=wanted)


def _on(day: date, *currencies: str) -> Converter:
    return converter(currencies=currencies, days=Days(day, day + timedelta(days=1)))


def _decimal(number: Fraction) -> Decimal:
    return DIGITS.divide(Decimal(number.numerator), Decimal(number.denominator))
