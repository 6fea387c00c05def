"""How a commitment was drawn month by month, and how it would go on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from deals import commitments
from deals.drawdowns import months_later
from deals.models import DrawdownEntry
from deals.queries.commitments import CommitmentStanding

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class BurnPoint:
    """The start of one day: planned, drawn and projected up to it.

    :ivar drawn: None after the data ends.
    :ivar projected: None before it.
    :ivar is_final: whether the months up to here are closed and posted.
    """

    day: date
    planned: Decimal
    drawn: Decimal | None
    projected: Decimal | None
    is_final: bool


def burn_down(
    found: CommitmentStanding, entries: Iterable[DrawdownEntry]
) -> list[BurnPoint]:
    """Return the points at month starts, at the milestones and where the data ends.

    :param entries: the ledger of the commitment.
    """
    by_month = _drawn_by_month(found, entries)
    return [_point(found, by_month, day) for day in _days(found)]


def _drawn_by_month(
    found: CommitmentStanding, entries: Iterable[DrawdownEntry]
) -> dict[date, Decimal]:
    months = dict(found.by_month)
    for entry in entries:
        period = entry.period_on
        if entry.delivery_id is None or period is None or period >= found.told_from:
            continue
        month = period.replace(day=1)
        months[month] = months.get(month, ZERO) + entry.amount + entry.overage
    return months


def _days(found: CommitmentStanding) -> list[date]:
    terms = found.promise.terms
    days = {terms.start_on, terms.end_on}
    days |= set(_month_starts(terms.start_on, terms.end_on))
    days |= {milestone.due_on for milestone in terms.milestones}
    if terms.start_on < found.arithmetic.as_of < terms.end_on:
        days.add(found.arithmetic.as_of)
    return sorted(days)


def _month_starts(start: date, end: date) -> Iterator[date]:
    day = months_later(start.replace(day=1), 1)
    while day < end:
        yield day
        day = months_later(day, 1)


def _point(
    found: CommitmentStanding, by_month: dict[date, Decimal], day: date
) -> BurnPoint:
    terms, arithmetic = found.promise.terms, found.arithmetic
    as_of = arithmetic.as_of
    drawn = None
    if day == as_of or (day > as_of >= terms.end_on):
        drawn = arithmetic.drawn
    elif day < as_of:
        drawn = _drawn_before(found, by_month, day)
    projected = None
    if as_of <= day:
        projected = arithmetic.drawn + arithmetic.run_rate * (day - as_of).days
    return BurnPoint(
        day=day,
        planned=terms.amount * commitments.planned_share(terms=terms, as_of=day),
        drawn=drawn,
        projected=projected,
        is_final=found.final_until is not None and day <= found.final_until,
    )


def _drawn_before(
    found: CommitmentStanding, by_month: dict[date, Decimal], day: date
) -> Decimal:
    """Return what whole months before a day drew, and a share of a month cut by it."""
    total = sum((v for m, v in by_month.items() if m < day.replace(day=1)), ZERO)
    if day.day == 1:
        return total
    month = day.replace(day=1)
    end = min(months_later(month, 1), found.arithmetic.as_of)
    start = max(month, found.promise.terms.start_on)
    if end <= start or day <= start:
        return total
    share = Decimal((day - start).days) / Decimal((end - start).days)
    return total + by_month.get(month, ZERO) * min(share, Decimal(1))


def last_day(found: CommitmentStanding) -> date:
    """Return the last day that belongs to the term."""
    return found.commitment.end_on - timedelta(days=1)
