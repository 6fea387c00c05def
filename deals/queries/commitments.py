"""How commitments stand: final and provisional drawdown, pace, projection; in few queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from crm.accounts.models import User
from deals import commitments, drawdowns
from deals.commitments import CommitmentStatus, Pace, PaceLimits, Standing, Window
from deals.models import (
    Commitment,
    ContractCommitment,
    DrawdownState,
)
from deals.models.commitment import CommitmentQuerySet
from deals.queries import postings, promises
from deals.queries.postings import Ledger
from deals.queries.promises import Promise
from partners.usage.queries import counting as usage

ZERO = Decimal(0)
SEEDS = PaceLimits()


@dataclass(frozen=True, kw_only=True)
class CommitmentStanding:
    """Where one commitment stands, and how far that can be trusted.

    :ivar arithmetic: the figures of the KPI dictionary; its `drawn` is `final` and
        `provisional` together, overage included.
    :ivar final: what the ledger holds: usage of closed months.
    :ivar provisional: usage of months that may still change, or that is not posted yet.
    :ivar expired: what intervals that are over lost; of continuous commitments.
    :ivar complete_until: first day whose data is not all there; None without any data.
    :ivar window: the days behind the run rate, half-open, and what they drew.
    :ivar told_from: from this day on usage itself is read, before it the ledger.
    :ivar by_month: drawn by month, from that day on.
    :ivar drawn_before: drawn before the day that was asked for; None when none was.
    :ivar problem: why usage could not be counted, for example a missing rate.
    """

    commitment: Commitment
    promise: Promise
    arithmetic: Standing
    final: Decimal
    provisional: Decimal
    expired: Decimal
    complete_until: date | None
    final_until: date | None
    window_on: tuple[date, date]
    window: Window
    told_from: date
    by_month: Mapping[date, Decimal] = field(default_factory=dict)
    drawn_before: Decimal | None = None
    problem: str = ""
    has_contract: bool = False

    @property
    def pace(self) -> Pace:
        return self.arithmetic.pace

    @property
    def is_provisional(self) -> bool:
        return self.provisional != 0


def standings(
    *,
    at: datetime,
    commitment_ids: Iterable[int] | None = None,
    partner_ids: Iterable[int] | None = None,
    visible_to: User | None = None,
    limits: PaceLimits = SEEDS,
    mark: date | None = None,
) -> dict[int, CommitmentStanding]:
    """Return how commitments stand at an instant, by id; the order is that of their ends.

    Costs four queries, and one for rates where usage is in another currency. Days count
    up to the first one whose data is not complete. What is asked for is narrowed by every
    argument that is given; cancelled ones are left out.

    :param visible_to: only what this person may see.
    :param mark: an earlier day; tell as well what was drawn before it.
    """
    asked = Commitment.objects.exclude(status=CommitmentStatus.CANCELLED)
    if commitment_ids is not None:
        asked = asked.filter(pk__in=list(commitment_ids))
    if partner_ids is not None:
        asked = asked.filter(partner_id__in=list(partner_ids))
    if visible_to is not None:
        asked = asked.visible_to(visible_to)
    rows = _with_neighbours(asked)
    if not rows:
        return {}
    with localcontext(drawdowns.WIDE):
        return _Book(rows, at=at, limits=limits, mark=mark).standings()


def _with_neighbours(asked: CommitmentQuerySet) -> list[Any]:
    """Return what is asked for, and other commitments that may draw its usage first."""
    state = DrawdownState.objects.filter(partner_id=OuterRef("partner_id"))
    is_neighbour = Q(partner_id__in=asked.values("partner_id")) & ~Q(
        status=CommitmentStatus.CANCELLED
    )
    rows = (
        Commitment.objects.filter(
            Q(pk__in=asked.values("pk")) | is_neighbour & Q(settled_at__isnull=True)
        )
        .with_people()
        .with_terms()
        .annotate(
            is_asked=Case(
                When(pk__in=asked.values("pk"), then=Value(value=True)),
                default=Value(value=False),
            ),
            posted_until=Subquery(state.values("closed_until")),
            posting_problem=Subquery(state.values("problem")),
            has_contract=Exists(
                ContractCommitment.objects.filter(commitment=OuterRef("pk"))
            ),
        )
        .order_by("end_on", "pk")
    )
    return list(rows)


class _Book:
    """Everything that is read once for many commitments."""

    def __init__(
        self,
        rows: Sequence[Any],
        *,
        at: datetime,
        limits: PaceLimits,
        mark: date | None = None,
    ) -> None:
        self.asked = [row for row in rows if row.is_asked]
        self.at, self.limits, self.mark = at, limits, mark
        partners = sorted({row.partner_id for row in rows})
        self.promises = promises.promises_of(rows)
        self.states = {row.partner_id: row for row in rows}
        self.reach = usage.reach(partners, until=at.date())
        self.as_of = {
            pk: min(self.reach.get(pk, at.date()), at.date()) for pk in partners
        }
        self.live = {
            pk: [p for p in listed if p.row.settled_at is None]
            for pk, listed in self.promises.items()
        }
        self.since = {pk: self._since(pk) for pk in partners}
        self.usage = self._usage()
        self.ledgers = postings.ledgers(
            {
                p.row.pk: self.since[pk]
                for pk, all_ in self.promises.items()
                for p in all_
            },
            at=at,
        )
        self.drawn: dict[int, _Drawn] = {}
        self.marked: dict[int, Decimal] = {}
        for pk in partners:
            self._replay(pk)

    def _usage(self) -> promises.Usage:
        spans = [
            promises.span_of(
                listed,
                since=self.since[pk],
                until=self.as_of[pk],
                cut_on=self._cut(pk),
                mark_on=self.mark,
            )
            for pk, listed in self.live.items()
            if listed
        ]
        return promises.usage_of(self.live, spans)

    def _cut(self, partner: int) -> date:
        return date.fromordinal(
            self.as_of[partner].toordinal() - commitments.RUN_RATE_DAYS
        )

    def _since(self, partner: int) -> date:
        """Return from when on usage itself is read; before it the ledgers are."""
        listed = self.live[partner] or self.promises[partner]
        until = self.states[partner].posted_until
        if until is None or not self.live[partner]:
            return promises.replay_from(listed, date.min.replace(year=1900))
        cut = self._cut(partner)
        return promises.replay_from(listed, min(until, cut, self.mark or cut))

    def _replay(self, partner: int) -> None:
        """Let usage drain the pots of a partner: up to each edge in turn, then on."""
        listed = self.live[partner]
        pots = [
            p.pot(
                drawn=self.ledgers[p.row.pk].drawn,
                overage=self.ledgers[p.row.pk].overage,
            )
            for p in listed
        ]
        cut = self._cut(partner)
        flows = self.usage.flows.get(partner, [])
        edges = [date.min, *sorted({cut, self.mark or cut}), date.max]
        for start, end in pairwise(edges):
            if start == self.mark:
                self._note(listed)
            part = [flow for flow in flows if start <= flow.day < end]
            self._count(drawdowns.allocate(pots, part), is_window=start >= cut)

    def _note(self, listed: Iterable[Promise]) -> None:
        """Keep what usage drew of these before the mark."""
        for promise in listed:
            drawn = self.drawn.get(promise.row.pk, _Drawn())
            self.marked[promise.row.pk] = drawn.total

    def _count(
        self, lines: Mapping[drawdowns.Key, drawdowns.Line], *, is_window: bool
    ) -> None:
        for (pk, _delivery, period), line in lines.items():
            drawn = self.drawn.setdefault(pk, _Drawn())
            drawn.total += line.eligible
            month = period.replace(day=1)
            drawn.by_month[month] = drawn.by_month.get(month, ZERO) + line.eligible
            if is_window:
                drawn.window += line.eligible

    def standings(self) -> dict[int, CommitmentStanding]:
        by_id = {p.row.pk: p for listed in self.promises.values() for p in listed}
        return {row.pk: self._standing(by_id[row.pk]) for row in self.asked}

    def _standing(self, promise: Promise) -> CommitmentStanding:
        row: Any = promise.row
        partner = promise.row.partner_id
        ledger: Ledger = self.ledgers[row.pk]
        replayed = self.drawn.get(row.pk, _Drawn())
        final = ledger.total_drawn + ledger.total_overage
        total = ledger.drawn + ledger.overage + replayed.total
        if row.settled_at is not None:
            total = final
        as_of = self.as_of[partner]
        window_on = commitments.window_of(terms=promise.terms, as_of=as_of)
        window = Window(total=replayed.window, days=(window_on[1] - window_on[0]).days)
        if as_of > row.end_on:
            window = Window(total=ZERO, days=window.days)
        state = self.states[partner]
        return CommitmentStanding(
            commitment=row,
            promise=promise,
            arithmetic=commitments.standing(
                terms=promise.terms,
                as_of=as_of,
                drawn=total,
                window=window,
                limits=self.limits,
            ),
            final=final,
            provisional=total - final,
            expired=_expired(ledger),
            complete_until=self.reach.get(partner),
            final_until=state.posted_until,
            window_on=window_on,
            window=window,
            told_from=self.since[partner],
            by_month=replayed.by_month,
            drawn_before=self._before(promise, ledger, final),
            problem=self.usage.problems.get(partner) or state.posting_problem or "",
            has_contract=row.has_contract,
        )

    def _before(
        self, promise: Promise, ledger: Ledger, final: Decimal
    ) -> Decimal | None:
        """Return what was drawn before the mark; of settled ones it is over."""
        if self.mark is None:
            return None
        if promise.row.settled_at is not None:
            return final
        return ledger.drawn + ledger.overage + self.marked[promise.row.pk]


@dataclass
class _Drawn:
    """What usage itself drew of one commitment since the ledgers were left."""

    total: Decimal = ZERO
    window: Decimal = ZERO
    by_month: dict[date, Decimal] = field(default_factory=dict)


def _expired(ledger: Ledger) -> Decimal:
    """Return what neither usage drew nor is left."""
    return ledger.committed - ledger.balance - ledger.total_drawn
