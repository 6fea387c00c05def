"""How far the data goes: per source, and for which part of the mapped accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.figures.frame import DAY, Frame
from partners.usage.queries import portfolio
from partners.usage.queries.portfolio import Reach

ENOUGH = Decimal("0.95")
LAG = 2
"""Data are expected through T − 2 days."""

ENDED = 35
"""A source so many days behind the furthest one has ended; nobody waits for it."""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Which accounts have data through the day that is expected.

    :ivar reaching: every source, also those that have ended.
    :ivar share: accounts whose source reaches `wanted`, of all mapped ones; None
        without accounts.
    """

    wanted: date
    sources: Sequence[Reach]
    reaching: Sequence[Reach] = ()
    share: Decimal | None

    @property
    def is_enough(self) -> bool:
        """Tell whether the report is not provisional."""
        return self.share is None or self.share >= ENOUGH

    def is_late(self, source: Reach) -> bool:
        """Tell whether this source is behind the day that is expected."""
        return source.latest_day is None or source.latest_day < self.wanted


def coverage_of(sources: Sequence[Reach], *, wanted: date) -> Coverage:
    """Return the coverage by some sources; those that have ended are left out."""
    known = [each.latest_day for each in sources if each.latest_day is not None]
    oldest = max(known, default=wanted) - ENDED * DAY
    running = [s for s in sources if s.latest_day is None or s.latest_day > oldest]
    accounts = sum(each.accounts for each in running)
    there = sum(
        each.accounts
        for each in running
        if each.latest_day is not None and each.latest_day >= wanted
    )
    share = Decimal(there) / accounts if accounts else None
    return Coverage(wanted=wanted, sources=running, reaching=sources, share=share)


def coverage(frame: Frame) -> Coverage:
    """Return how far the data of a frame goes; costs one query."""
    wanted = frame.today - LAG * DAY
    sources = portfolio.reach_of_sources(partner_ids=frame.partner_ids, on=wanted)
    return coverage_of(sources, wanted=wanted)
