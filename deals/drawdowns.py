"""How usage drains commitments: in order of time and priority, and what is left over.

No database. A *flow* is a piece of usage with what each commitment would count of it. It
drains the commitments of its family in their order: what one has no room for goes on to
the next, and what none has room for is overage of the last. A flow below zero gives back
in the opposite order, overage first. Nothing is lost on the way: what was counted and
what is overage add up to what was eligible.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from django.db import models
from django.utils.translation import gettext_lazy as _

ZERO = Decimal(0)
SMALLEST = Decimal(1).scaleb(-18)
WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
"""Wide enough for sums of amounts with 20 digits before and 18 after the point."""


class Interval(models.TextChoices):
    """How often a continuous commitment starts afresh."""

    DAILY = "daily", _("daily")
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")
    QUARTERLY = "quarterly", _("quarterly")
    SEMI_ANNUAL = "semi_annual", _("half-yearly")
    ANNUAL = "annual", _("yearly")
    FULL_PERIOD = "full_period", _("the whole term")


MONTHS = {
    Interval.MONTHLY: 1,
    Interval.QUARTERLY: 3,
    Interval.SEMI_ANNUAL: 6,
    Interval.ANNUAL: 12,
}
DAYS = {Interval.DAILY: 1, Interval.WEEKLY: 7}
MOST_INTERVALS = 5000


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a shorter month."""
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, index + 1, 1)
    following = (first + timedelta(days=32)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def starts_of(interval: str, *, start_on: date, end_on: date) -> list[date]:
    """Return the first days of all intervals of a term."""
    starts: list[date] = []
    day = start_on
    while day < end_on and len(starts) < MOST_INTERVALS:
        starts.append(day)
        day = _start(interval, start_on, len(starts), end_on)
    return starts


def fits(interval: str, *, start_on: date, end_on: date) -> bool:
    """Tell whether a term is a whole number of intervals."""
    count = len(starts_of(interval, start_on=start_on, end_on=end_on))
    return _start(interval, start_on, count, end_on) == end_on


def _start(interval: str, start_on: date, number: int, end_on: date) -> date:
    if interval in DAYS:
        return start_on + timedelta(days=DAYS[Interval(interval)] * number)
    if interval in MONTHS:
        return months_later(start_on, MONTHS[Interval(interval)] * number)
    return end_on if number else start_on


@dataclass(kw_only=True)
class Pot:
    """One commitment while usage drains it.

    :ivar family: commitments of one family (money, tokens, GPU-Hours) share usage.
    :ivar measure: what is counted, for example `billed EUR`; equal measures pass on exactly.
    :ivar interval_amount: of a continuous commitment; None otherwise.
    :ivar starts: first days of the intervals of a continuous commitment.
    :ivar cuts: days before which the sum is asked for: its milestones.
    """

    commitment_id: int
    family: str
    measure: str
    start_on: date
    end_on: date
    amount: Decimal
    interval_amount: Decimal | None = None
    starts: Sequence[date] = ()
    cuts: Sequence[date] = ()
    drawn: Decimal = ZERO
    overage: Decimal = ZERO
    by_interval: dict[date, Decimal] = field(default_factory=dict)
    """What each interval of a continuous commitment has drawn."""

    def is_open_on(self, day: date) -> bool:
        return self.start_on <= day < self.end_on

    def interval_of(self, day: date) -> date:
        """Return the first day of the interval that a day lies in."""
        return max((start for start in self.starts if start <= day), default=day)

    def slice_of(self, day: date) -> date:
        """Return the first day of the ledger's line that a day belongs to.

        A line lies within one calendar month, within one interval, and on one side of
        every milestone.
        """
        first = max(day.replace(day=1), self.start_on)
        if self.starts:
            first = max(first, self.interval_of(day))
        return max([first, *(cut for cut in self.cuts if cut <= day)])

    def room(self, day: date) -> Decimal:
        """Return how much can still be counted on a day."""
        left = self.amount - self.drawn
        if self.interval_amount is not None:
            used = self.by_interval.get(self.interval_of(day), ZERO)
            left = min(left, self.interval_amount - used)
        return max(left, ZERO)

    def draw(self, amount: Decimal, day: date) -> None:
        self.drawn += amount
        if self.interval_amount is not None:
            start = self.interval_of(day)
            self.by_interval[start] = self.by_interval.get(start, ZERO) + amount


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """A piece of usage, and what each commitment would count of it.

    :ivar amounts: by commitment, in its own unit; commitments it is not eligible for are
        not among them.
    """

    day: date
    delivery_id: int
    amounts: Mapping[int, Decimal]


Key = tuple[int, int, date]
"""Commitment, delivery, first day of the slice."""


@dataclass(slots=True)
class Line:
    """What one commitment gets of one delivery in one slice."""

    counted: Decimal = ZERO
    overage: Decimal = ZERO

    @property
    def eligible(self) -> Decimal:
        return self.counted + self.overage


def allocate(pots: Sequence[Pot], flows: Iterable[Flow]) -> dict[Key, Line]:
    """Drain the commitments of one partner; return the lines, and leave the pots drained.

    :param pots: in the order of priority, with what was drawn before.
    :param flows: in the order of time.
    """
    lines: dict[Key, Line] = {}
    families: dict[str, list[Pot]] = {}
    for pot in pots:
        families.setdefault(pot.family, []).append(pot)
    with localcontext(WIDE):
        for flow in flows:
            for family in families.values():
                chain = [
                    pot
                    for pot in family
                    if pot.commitment_id in flow.amounts and pot.is_open_on(flow.day)
                ]
                if chain:
                    _drain(chain, flow, lines)
    return lines


def _drain(chain: Sequence[Pot], flow: Flow, lines: dict[Key, Line]) -> None:
    first = chain[0]
    if flow.amounts[first.commitment_id] < 0:
        _give_back(chain, flow, lines)
        return
    left, rest = Decimal(1), ZERO
    passed: tuple[str, Decimal] | None = None
    for pot in chain:
        amount = _share(flow.amounts[pot.commitment_id], pot.measure, left, passed)
        taken = min(amount, pot.room(flow.day))
        pot.draw(taken, flow.day)
        _line(lines, pot, flow).counted += taken
        rest = amount - taken
        if rest <= 0:
            return
        left *= rest / amount
        passed = (pot.measure, rest)
    last = chain[-1]
    last.overage += rest
    _line(lines, last, flow).overage += rest


def _share(
    amount: Decimal, measure: str, left: Decimal, passed: tuple[str, Decimal] | None
) -> Decimal:
    """Return what is left of a flow for the next commitment, in its own measure."""
    if passed is None:
        return amount
    if passed[0] == measure:
        return passed[1]
    return (amount * left).quantize(SMALLEST)


def _give_back(chain: Sequence[Pot], flow: Flow, lines: dict[Key, Line]) -> None:
    """Take an amount below zero off the overage of the last, then off what was drawn.

    Commitments of one measure give back one after the other; where measures differ, the
    first takes it all, for there is no amount that both mean.
    """
    rest = -flow.amounts[chain[0].commitment_id]
    same = [pot for pot in chain if pot.measure == chain[0].measure]
    last = same[-1]
    back = min(rest, max(last.overage, ZERO))
    last.overage -= back
    _line(lines, last, flow).overage -= back
    rest -= back
    for pot in reversed(same[1:]):
        back = min(rest, max(pot.drawn, ZERO))
        pot.draw(-back, flow.day)
        _line(lines, pot, flow).counted -= back
        rest -= back
    if rest:
        same[0].draw(-rest, flow.day)
        _line(lines, same[0], flow).counted -= rest


def _line(lines: dict[Key, Line], pot: Pot, flow: Flow) -> Line:
    key = (pot.commitment_id, flow.delivery_id, pot.slice_of(flow.day))
    return lines.setdefault(key, Line())


def expiries(pot: Pot, *, until: date, since: date) -> dict[date, Decimal]:
    """Return what each interval lost that is over: use it or lose it.

    :param since: only intervals that begin then or later.
    :param until: intervals that end later are not over yet.
    """
    if pot.interval_amount is None:
        return {}
    ends = [*pot.starts[1:], pot.end_on]
    return {
        start: unused
        for start, end in zip(pot.starts, ends, strict=True)
        if since <= start
        and end <= until
        and (unused := pot.interval_amount - pot.by_interval.get(start, ZERO)) > 0
    }
