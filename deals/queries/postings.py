"""Which ledgers do not follow usage yet, and what they hold; constant queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import md5
from typing import Any, NamedTuple

from django.db import connection

from deals.models import Commitment, DrawdownEntry, DrawdownState, EntryKind
from deals.queries.promises import Promise, promises_of
from partners.usage.models import UsageDelivery
from partners.usage.queries import counting as usage
from partners.usage.queries.counting import Sources

NOTHING = Sources(deliveries={}, mark="")


@dataclass(frozen=True, kw_only=True)
class Due:
    """One partner whose ledgers are to be told anew from a day on."""

    partner_id: int
    since: date
    deliveries: tuple[int, ...]
    mark: str
    closed_until: date


def due_partners(
    *, at: datetime, partner_ids: Sequence[int] | None = None
) -> tuple[list[Due], dict[int, list[Promise]]]:
    """Return the partners whose ledgers are behind, and their promises.

    A ledger is behind when a delivery of a closed month came, went or was replaced, when
    accounts or terms changed, when a month closed, or when a rate was missing before.

    :param partner_ids: only these; None for all with commitments.
    """
    rows = Commitment.objects.drawn_by_usage().with_terms()
    if partner_ids is not None:
        rows = rows.filter(partner_id__in=partner_ids)
    promises = promises_of(rows)
    partners = sorted(promises)
    sources = usage.closed_sources(partners, at=at)
    states = DrawdownState.objects.in_bulk(partners)
    closed_until = usage.closed_until(at=at)
    gone = _first_days_of_gone(states.values(), sources)
    found = []
    for partner in partners:
        known = sources.get(partner, NOTHING)
        due = Due(
            partner_id=partner,
            since=min(promise.row.start_on for promise in promises[partner]),
            deliveries=tuple(sorted(known.deliveries)),
            mark=_mark(promises[partner], known),
            closed_until=closed_until,
        )
        since = _since(due, states.get(partner), promises[partner], known, gone)
        if since is not None:
            found.append(_from(due, since))
    return found, promises


def _from(due: Due, since: date) -> Due:
    return Due(
        partner_id=due.partner_id,
        since=max(since, due.since),
        deliveries=due.deliveries,
        mark=due.mark,
        closed_until=due.closed_until,
    )


def _since(
    due: Due,
    state: DrawdownState | None,
    promises: Sequence[Promise],
    sources: Sources,
    gone: Mapping[int, date],
) -> date | None:
    """Return from when on the ledgers are behind; None when they are not."""
    if state is None or state.problem or state.mark != due.mark:
        return due.since
    days = [
        sources.deliveries.get(delivery) or gone.get(delivery, due.since)
        for delivery in {*state.deliveries} ^ {*due.deliveries}
    ]
    if state.closed_until != due.closed_until:
        days += _judged_since(promises, state.closed_until or due.since, due)
    return min(days, default=None)


def _judged_since(
    promises: Sequence[Promise], closed_before: date, due: Due
) -> list[date]:
    """Return days from which on closing months alone brings something to post."""
    days = [
        milestone.due_on
        for promise in promises
        for milestone in promise.milestones
        if closed_before < milestone.due_on <= due.closed_until
    ]
    if any(promise.is_continuous for promise in promises):
        days.append(min(closed_before, due.closed_until))
    return days


def _mark(promises: Sequence[Promise], sources: Sources) -> str:
    terms = ",".join(f"{p.row.pk}:{p.row.version}" for p in promises)
    return f"{sources.mark}|{md5(terms.encode(), usedforsecurity=False).hexdigest()}"


def _first_days_of_gone(
    states: Iterable[DrawdownState], sources: Mapping[int, Sources]
) -> dict[int, date]:
    """Return the first charge day of deliveries that were posted and count no more."""
    ids = {
        delivery
        for state in states
        for delivery in state.deliveries
        if delivery not in sources.get(state.partner_id, NOTHING).deliveries
    }
    if not ids:
        return {}
    rows = UsageDelivery.objects.filter(pk__in=ids).values_list("pk", "days")
    return {pk: min(days) for pk, days in rows if days}


LineKey = tuple[int | EntryKind, date]
"""The delivery, or what else it comes from; and the day its line begins with."""


class Amounts(NamedTuple):
    """What one line says."""

    counted: Decimal = Decimal(0)
    overage: Decimal = Decimal(0)
    shortfall: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One entry of a ledger that comes from usage, or from a day that is over."""

    id: int
    kind: str
    delivery_id: int | None
    period_on: date
    amounts: Amounts
    is_reversed: bool

    @property
    def line(self) -> LineKey:
        return self.delivery_id or EntryKind(self.kind), self.period_on


@dataclass(kw_only=True)
class Ledger:
    """What the ledger of one commitment holds.

    :ivar committed: what opening and amendments come to.
    :ivar drawn: counted usage of periods before the day asked for; `overage` likewise.
    :ivar lacked: what milestones before that day lacked.
    :ivar lines: entries of periods from that day on, reversed ones included.
    """

    number: int = 0
    balance: Decimal = Decimal(0)
    committed: Decimal = Decimal(0)
    drawn: Decimal = Decimal(0)
    overage: Decimal = Decimal(0)
    total_drawn: Decimal = Decimal(0)
    total_overage: Decimal = Decimal(0)
    lacked: Decimal = Decimal(0)
    lines: list[Posted] = field(default_factory=list)


SUMS = """
SELECT e.commitment_id, max(e.number),
    COALESCE(-sum(e.amount) FILTER (WHERE e.posted_at <= w.seen), 0),
    COALESCE(-sum(e.amount) FILTER
        (WHERE e.kind IN ('opening', 'amendment') AND e.posted_at <= w.seen), 0),
    COALESCE(sum(e.amount) FILTER
        (WHERE e.delivery_id IS NOT NULL AND e.period_on < w.since), 0),
    COALESCE(sum(e.overage) FILTER
        (WHERE e.delivery_id IS NOT NULL AND e.period_on < w.since), 0),
    COALESCE(sum(e.amount) FILTER
        (WHERE e.delivery_id IS NOT NULL AND e.posted_at <= w.seen), 0),
    COALESCE(sum(e.overage) FILTER
        (WHERE e.delivery_id IS NOT NULL AND e.posted_at <= w.seen), 0),
    COALESCE(sum(e.shortfall) FILTER (WHERE e.period_on < w.since), 0)
FROM (SELECT *, COALESCE(%(at)s::timestamptz, 'infinity') AS seen
    FROM unnest(%(ids)s::bigint[], %(since)s::date[]) AS t(id, since)) AS w
JOIN deals_drawdownentry e ON e.commitment_id = w.id
GROUP BY 1
"""


def ledgers(
    since: Mapping[int, date], *, at: datetime | None = None, with_lines: bool = False
) -> dict[int, Ledger]:
    """Return the ledgers of commitments. One query, two with lines.

    :param since: by commitment, the day at which its sums are divided.
    :param at: None for now; entries posted later are not in balance, committed and totals; what usage
        drew before a day does not depend on when it was posted.
    """
    found = {pk: Ledger() for pk in since}
    values: dict[str, Any] = {
        "ids": list(since),
        "since": list(since.values()),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(SUMS, values)
        for pk, *sums in cursor.fetchall():
            names = (
                "number", "balance", "committed", "drawn", "overage",
                "total_drawn", "total_overage", "lacked",
            )  # fmt: skip
            found[pk] = Ledger(**dict(zip(names, sums, strict=True)))
    if with_lines and since:
        _add_lines(found, since)
    return found


def _add_lines(found: Mapping[int, Ledger], since: Mapping[int, date]) -> None:
    rows = (
        DrawdownEntry.objects.filter(
            commitment_id__in=since,
            period_on__gte=min(since.values()),
            kind__in=[EntryKind.USAGE, EntryKind.EXPIRY, EntryKind.MILESTONE],
        )
        .order_by("commitment_id", "number")
        .values_list(
            "commitment_id", "id", "kind", "delivery_id", "period_on", "amount",
            "overage", "shortfall", "reversed_by__id",
        )
    )  # fmt: skip
    for pk, entry, kind, delivery, period, *amounts, undone in rows:
        if period is None or period < since[pk]:
            continue
        found[pk].lines.append(
            Posted(
                id=entry,
                kind=kind,
                delivery_id=delivery,
                period_on=period,
                amounts=Amounts(*amounts),
                is_reversed=undone is not None,
            )
        )
