"""Sums over several currencies: converted with dated rates, or refused by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crm.core.money import Money
from crm.core.periods import Days
from crm.rates import queries as rates
from crm.rates.queries import RateMissingError

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Total:
    """One sum in one currency.

    :ivar amount: None where a rate is missing.
    :ivar rate_on: the oldest day of the rates that were used; None where none was needed.
    :ivar refusal: names the missing rate.
    :ivar by_currency: the sums before conversion.
    """

    amount: Decimal | None
    currency: str
    rate_on: date | None = None
    refusal: str = ""
    by_currency: Mapping[str, Decimal]

    @property
    def known(self) -> Decimal:
        """The amount where it is known.

        :raises RateMissingError: where it is not.
        """
        if self.amount is None:
            raise RateMissingError(self.refusal)
        return self.amount


Part = tuple[str, date, Decimal]
"""Currency, the day of its rate, amount."""


class Adder:
    """Adds amounts in one currency; reads the rates of all days at once."""

    def __init__(
        self, currency: str, *, currencies: Iterable[str], days: Iterable[date]
    ) -> None:
        self.currency = currency
        wanted = {*currencies} - {"", currency}
        listed = sorted(days)
        self.converter: rates.Converter | None = None
        if wanted and listed:
            self.converter = rates.converter(
                currencies=wanted | {currency},
                days=Days(listed[0], listed[-1] + timedelta(days=1)),
            )

    def total(self, parts: Iterable[Part]) -> Total:
        """Return the sum, each part at the rate of its day."""
        amount, oldest, refusal = ZERO, None, ""
        by_currency: dict[str, Decimal] = {}
        for currency, day, part in parts:
            by_currency[currency] = by_currency.get(currency, ZERO) + part
            if refusal or not part:
                continue
            try:
                one, rate_on = self.converted(currency, day, part)
            except RateMissingError as error:
                refusal = str(error)
                continue
            amount += one
            if rate_on is not None:
                oldest = rate_on if oldest is None else min(oldest, rate_on)
        return Total(
            amount=None if refusal else amount,
            currency=self.currency,
            rate_on=None if refusal else oldest,
            refusal=refusal,
            by_currency=by_currency,
        )

    def converted(
        self, currency: str, day: date, amount: Decimal
    ) -> tuple[Decimal, date | None]:
        """Return an amount in the currency of the sums, and the day of the rate.

        :raises RateMissingError: when there is none.
        """
        if currency == self.currency or self.converter is None:
            return amount, None
        found = self.converter.convert(
            Money(amount, currency), to=self.currency, on=day
        )
        return found.money.amount, found.rate.rate_on
