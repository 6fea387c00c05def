"""Facts of targets: what the partners of a frame shall reach, where somebody said so.

A target belongs to a frame when its partners are exactly those that the frame tells of:
all there are, those of a team and the teams below, those of an owner, or of a country.
Of a part of them there is no target.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, Value
from django.db.models.lookups import Exact, IsNull

from crm.core.money import Money
from crm.core.periods import Days, Quarter
from crm.figures.book import Book
from crm.figures.frame import DAY, Frame
from crm.rates.queries import RateMissingError
from deals.models import Metric, Target
from partners.models import Partner

ZERO = Decimal(0)

OF_ALL = Q(
    IsNull(OuterRef("team_id"), rhs=True), IsNull(OuterRef("owner_id"), rhs=True)
)
OF_TARGET = Partner.objects.live().filter(
    Q(team__path__startswith=OuterRef("team__path"))
    | Q(owner_id=OuterRef("owner_id"))
    | Q(OF_ALL, Exact(OuterRef("region"), Value("")))
    | Q(OF_ALL, Exact(OuterRef("region"), F("country"))),
    is_test=False,
)
"""The partners that a target is set for: of a team, an owner, a country, or all."""


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
    """Read the targets of a frame; one query and rates."""
    quarter = Quarter.of(frame.after - DAY).days
    first, after = min(quarter.start, frame.first), max(quarter.end, frame.after)
    told = set(frame.partner_ids)
    rows: list[Any] = list(
        Target.objects.filter(start_on__lt=after, end_on__gt=first)
        .annotate(partner_ids=ArraySubquery(OF_TARGET.values("pk")))
        .order_by("pk")
    )
    mine = [row for row in rows if set(row.partner_ids) == told]
    if not mine or not told:
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
