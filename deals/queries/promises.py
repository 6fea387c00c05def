"""Commitments as the arithmetic wants them, and their usage as flows; constant queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property
from typing import Any

from crm.core.money import Money
from crm.core.periods import Days
from crm.rates import queries as rates
from crm.rates.queries import RateMissingError
from deals import drawdowns, eligibility
from deals.commitments import Milestone, Settlement, Terms
from deals.drawdowns import Flow, Interval, Pot
from deals.eligibility import Piece, Rule
from deals.models import Commitment
from partners.usage.queries import counting as usage
from partners.usage.queries.counting import Counted, Span

ZERO = Decimal(0)
SMALLEST = Decimal(1).scaleb(-18)
WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
MONEY = "money"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One commitment with what counts towards it."""

    row: Commitment
    rule: Rule
    milestones: tuple[Milestone, ...] = ()

    @property
    def terms(self) -> Terms:
        return Terms(
            amount=self.row.amount,
            start_on=self.row.start_on,
            end_on=self.row.end_on,
            milestones=self.milestones,
        )

    @property
    def is_continuous(self) -> bool:
        return self.row.settlement == Settlement.CONTINUOUS

    @cached_property
    def starts(self) -> Sequence[date]:
        """First days of the intervals; nothing where it is settled at the end."""
        if not self.is_continuous:
            return ()
        return drawdowns.starts_of(
            self.row.interval, start_on=self.row.start_on, end_on=self.row.end_on
        )

    def pot(self, *, drawn: Decimal = ZERO, overage: Decimal = ZERO) -> Pot:
        row = self.row
        return Pot(
            commitment_id=row.pk,
            family=MONEY if row.is_money else row.unit,
            measure=f"{row.cost_column} {row.currency}" if row.is_money else row.unit,
            start_on=row.start_on,
            end_on=row.end_on,
            amount=row.amount,
            interval_amount=row.interval_amount,
            starts=self.starts,
            cuts=[milestone.due_on for milestone in self.milestones],
            drawn=drawn,
            overage=overage,
        )

    def needs_days(self, since: date, until: date) -> bool:
        """Tell whether whole months are too coarse for it within these days."""
        steps = (milestone.due_on for milestone in self.milestones)
        bounds = (self.row.start_on, self.row.end_on, *steps)
        if any(since < day < until and day.day != 1 for day in bounds):
            return True
        if not self.is_continuous:
            return False
        return (
            self.row.interval in (Interval.DAILY, Interval.WEEKLY)
            or self.row.start_on.day != 1
        )


def promises_of(rows: Iterable[Commitment]) -> dict[int, list[Promise]]:
    """Return the promises by partner, in the order in which they draw.

    :param rows: loaded `with_terms`.
    """
    found: dict[int, list[Promise]] = {}
    for row in sorted(rows, key=lambda one: (one.priority, one.start_on, one.pk)):
        found.setdefault(row.partner_id, []).append(promise_of(row))
    return found


def promise_of(row: Any) -> Promise:
    """Return one commitment, loaded `with_terms`, as a promise."""
    rule = eligibility.rule_of(
        [(c["dimension"], c["value"], c["is_excluded"]) for c in row.said_counts],
        counts_credits=row.counts_credits,
        counts_refunds=row.counts_refunds,
        counts_purchases=row.counts_purchases,
    )
    steps = tuple(
        Milestone(due_on=date.fromisoformat(m["due_on"]), target=Decimal(m["target"]))
        for m in row.said_milestones
    )
    return Promise(row=row, rule=rule, milestones=steps)


def replay_from(promises: Sequence[Promise], day: date) -> date:
    """Return the first day from which ledgers can be told anew for a change on a day.

    It begins a month, and no interval of a continuous commitment lies across it.
    """
    first = min(promise.row.start_on for promise in promises).replace(day=1)
    found = max(day.replace(day=1), first)
    while found > first:
        earlier = min(
            (
                start
                for promise in promises
                if promise.starts
                and (start := promise.pot().interval_of(found)) < found
                and promise.row.end_on > found
            ),
            default=found,
        )
        if earlier == found:
            return found
        found = max(earlier.replace(day=1), first)
    return first


def span_of(
    promises: Sequence[Promise],
    *,
    since: date,
    until: date,
    cut_on: date | None = None,
    mark_on: date | None = None,
) -> Span:
    """Return which usage of the partner is needed, and how finely."""
    currencies = {p.row.currency for p in promises if p.row.is_money}
    return Span(
        partner_id=promises[0].row.partner_id,
        since=since,
        until=max(since, until),
        cut_on=cut_on,
        mark_on=mark_on,
        is_daily=len(currencies) > 1
        or any(promise.needs_days(since, until) for promise in promises),
        currency=next(iter(currencies), ""),
    )


@dataclass(kw_only=True)
class Usage:
    """The usage of many partners, as flows; what could not be converted is named."""

    flows: dict[int, list[Flow]] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)


def usage_of(
    promises: Mapping[int, Sequence[Promise]],
    spans: Sequence[Span],
    *,
    deliveries: set[int] | None = None,
) -> Usage:
    """Return the usage of these spans as flows, in the order of time.

    Costs one query, and one for rates where a currency is foreign.

    :param deliveries: only these; None for all that count now.
    """
    rows = [
        row
        for row in usage.counted_usage(spans)
        if deliveries is None or row.delivery_id in deliveries
    ]
    reader = _Reader(promises, rows)
    found = Usage()
    for row in rows:
        if row.partner_id in found.problems:
            continue
        try:
            amounts = reader.amounts(row)
        except RateMissingError as refusal:
            found.problems[row.partner_id] = str(refusal)
            found.flows.pop(row.partner_id, None)
            continue
        if amounts:
            found.flows.setdefault(row.partner_id, []).append(
                Flow(day=row.day, delivery_id=row.delivery_id, amounts=amounts)
            )
    return found


class _Reader:
    """Tells what each commitment counts of a row; asks a rule once per kind of row."""

    def __init__(
        self, promises: Mapping[int, Sequence[Promise]], rows: Sequence[Counted]
    ) -> None:
        self.promises = promises
        self.taken: dict[tuple[object, ...], tuple[Promise, ...]] = {}
        self.converter = self._converter(rows)

    def _converter(self, rows: Sequence[Counted]) -> rates.Converter | None:
        wanted = {
            promise.row.currency
            for listed in self.promises.values()
            for promise in listed
            if promise.row.is_money
        }
        foreign = {row.currency for row in rows if wanted - {row.currency}}
        if not foreign:
            return None
        days = [row.day for row in rows]
        return rates.converter(
            currencies=foreign | wanted,
            days=Days(min(days), max(days) + timedelta(days=1)),
        )

    def amounts(self, row: Counted) -> dict[int, Decimal]:
        """Return what each commitment counts of this row.

        :raises RateMissingError: when a cost cannot be converted.
        """
        found = {
            promise.row.pk: self._amount(promise.row, row)
            for promise in self._takers(row)
        }
        return {pk: amount for pk, amount in found.items() if amount}

    def _takers(self, row: Counted) -> tuple[Promise, ...]:
        key = (
            row.partner_id,
            row.meter_id,
            row.account_id,
            row.region,
            row.charge_category,
            row.is_refund,
        )
        if key not in self.taken:
            piece = self._piece(row)
            self.taken[key] = tuple(
                promise
                for promise in self.promises.get(row.partner_id, ())
                if (promise.row.is_money or promise.row.unit == piece.base_unit)
                and promise.rule.takes(piece)
            )
        return self.taken[key]

    def _piece(self, row: Counted) -> Piece:
        return Piece(
            service_category=row.service_category,
            service=row.service,
            region=row.region,
            accounts=(row.sub_account, row.billing_account),
            is_ai=row.is_ai,
            charge_category=row.charge_category,
            is_refund=row.is_refund,
            base_unit=row.base_unit,
        )

    def _amount(self, commitment: Commitment, row: Counted) -> Decimal:
        if not commitment.is_money:
            return row.quantity.quantize(SMALLEST, context=WIDE)
        cost: Decimal = getattr(row, commitment.cost_column)
        if row.currency == commitment.currency or not cost:
            return cost
        if self.converter is None:
            raise RuntimeError
        converted = self.converter.convert(
            Money(cost, row.currency), to=commitment.currency, on=row.day
        )
        return converted.money.amount.quantize(SMALLEST, context=WIDE)
