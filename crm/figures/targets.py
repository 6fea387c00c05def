"""Facts of targets: what the partners of a frame shall reach, where somebody said so.

A target belongs to a frame when its partners are exactly those that the frame tells of:
all there are, those of a team and the teams below, those of an owner, or of a country.
Of a part of them there is no target.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.core.money import Money
from crm.core.periods import Days, Quarter
from crm.figures.book import Book
from crm.figures.frame import DAY, Frame
from crm.rates.queries import RateMissingError
from deals.models import Metric, Target
from partners.models import Partner

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One amount to reach, at T's rate; the rate's day where one was needed."""

    amount: Decimal
    rate_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What is to be reached; None where nobody said so, or a rate is missing.

    :ivar won: in the quarter that the last day of the frame lies in.
    :ivar spend: in the period; a longer target counts with its share of days.
    """

    won: Goal | None = None
    spend: Goal | None = None
    ai_spend: Goal | None = None

    @property
    def ai_share(self) -> Decimal | None:
        """The AI share that both targets of spend ask for together."""
        if self.spend is None or self.ai_spend is None or self.spend.amount <= 0:
            return None
        return self.ai_spend.amount / self.spend.amount


def targets(frame: Frame, book: Book) -> Targets:
    """Read the targets of a frame: one query without any, two and rates with some."""
    quarter = Quarter.of(frame.after - DAY).days
    first, after = min(quarter.start, frame.first), max(quarter.end, frame.after)
    rows = list(
        Target.objects.filter(start_on__lt=after, end_on__gt=first)
        .select_related("team")
        .order_by("pk")
    )
    mine = _of(frame, rows)
    if not mine:
        return Targets()
    converter = book.converter({frame.currency, *(row.currency for row in mine)})

    def goal(metric: Metric, days: Days) -> Goal | None:
        chosen = [row for row in mine if row.metric == metric]
        total, used = ZERO, []
        for row, share in _shares(chosen, days):
            money = Money(row.amount * share, row.currency)
            try:
                found = converter.convert(money, to=frame.currency, on=frame.today)
            except RateMissingError:
                return None
            total += found.money.amount
            if row.currency != frame.currency:
                used.append(found.rate.rate_on)
        return Goal(amount=total, rate_on=min(used, default=None)) if total else None

    return Targets(
        won=goal(Metric.WON, quarter),
        spend=goal(Metric.SPEND, frame.days),
        ai_spend=goal(Metric.AI_SPEND, frame.days),
    )


def _of(frame: Frame, rows: Sequence[Target]) -> list[Target]:
    """Return those that are set for exactly the partners of the frame."""
    if not rows or not frame.partner_ids:
        return []
    partners: list[Any] = list(
        Partner.objects.live()
        .filter(is_test=False)
        .order_by("pk")
        .values("pk", "owner_id", "team__path", "country")
    )
    told = set(frame.partner_ids)
    return [
        row for row in rows if {p["pk"] for p in partners if _is_of(row, p)} == told
    ]


def _is_of(target: Target, partner: Any) -> bool:
    if target.team is not None:
        return str(partner["team__path"] or "").startswith(target.team.path)
    if target.owner_id is not None:
        return bool(partner["owner_id"] == target.owner_id)
    return target.region in {"", partner["country"]}


def _shares(rows: Iterable[Target], days: Days) -> list[tuple[Target, Decimal]]:
    """Return which part of each target falls into some days, the shortest first.

    :return: nothing when a day has no target: a sum with holes would be too small.
    """
    by_length = sorted(rows, key=lambda row: (row.end_on - row.start_on, row.pk))
    counts: dict[int, int] = {}
    day = days.start
    while day < days.end:
        chosen = next((r for r in by_length if r.start_on <= day < r.end_on), None)
        if chosen is None:
            return []
        counts[chosen.pk] = counts.get(chosen.pk, 0) + 1
        day += DAY
    return [
        (row, Decimal(counts[row.pk]) / (row.end_on - row.start_on).days)
        for row in by_length
        if row.pk in counts
    ]
