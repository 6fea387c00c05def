"""The exchange rates of one report: read once, whoever of its facts asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm.core.periods import Days
from crm.figures.frame import DAY, Frame
from crm.rates import queries as rates
from crm.rates.queries import Converter

REACH = 470
"""Days before T: five quarters, and the weeks of a year ago that usage is compared with."""


@dataclass
class Book:
    """Rates of the days around a frame; read again only when a new currency turns up."""

    days: Days
    currencies: set[str] = field(default_factory=set)
    read: Converter | None = None

    @classmethod
    def of(cls, frame: Frame) -> "Book":
        """Return an empty book for a frame and all that it is compared with."""
        earliest = frame.after - (REACH + 2 * frame.length) * DAY
        return cls(Days(earliest, frame.after + DAY))

    def converter(self, currencies: Iterable[str]) -> Converter:
        """Return a converter among at least these currencies; one query at most."""
        wanted = {*currencies} - {""}
        if self.read is None or not wanted <= self.currencies:
            self.currencies |= wanted
            self.read = rates.converter(currencies=self.currencies, days=self.days)
        return self.read
