"""The board of deals: how many stand in each stage, and the cards of each column."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.expressions import OrderBy

from deals.models import Deal
from deals.pipeline import CLOSED, OPEN, DealStage

CARDS = 30
"""How many cards one column shows."""

DECIDED_DAYS = 90
"""How long a decided deal stays on the board."""


@dataclass(frozen=True, kw_only=True)
class StageColumn:
    """One stage: its first cards, and what all its deals are."""

    stage: DealStage
    deals: Sequence[Deal]
    count: int
    sums: Sequence[tuple[str, Decimal]]


def board_of(rows: QuerySet[Deal], *, on: date) -> list[StageColumn]:
    """Return every stage with its deals, the earliest target first; three queries.

    :param rows: what the person may see, narrowed as they wish.
    """
    recent = rows.filter(
        Q(stage__in=OPEN) | Q(closed_on__gte=on - timedelta(days=DECIDED_DAYS))
    )
    counts: defaultdict[str, int] = defaultdict(int)
    sums: defaultdict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    grouped = recent.order_by("stage", "currency").values_list("stage", "currency")
    for stage, currency, count, total in grouped.annotate(Count("pk"), Sum("amount")):
        counts[stage] += count
        if total:
            sums[stage].append((currency, total))
    cards = _cards(recent)
    return [
        StageColumn(
            stage=stage,
            deals=cards[stage],
            count=counts[stage],
            sums=sums[stage],
        )
        for stage in DealStage
    ]


def _cards(rows: QuerySet[Deal]) -> dict[str, list[Deal]]:
    """Return the first cards of each stage: their keys by index, then the rows at once."""
    parts = [
        rows.filter(stage=stage).order_by(*_order(stage)).values("pk")[:CARDS]
        for stage in DealStage
    ]
    first, *others = parts
    keys = [each["pk"] for each in first.union(*others, all=True)]
    found = Deal.objects.filter(pk__in=keys).select_related("partner", "owner")
    cards: dict[str, list[Deal]] = {stage: [] for stage in DealStage}
    by_key = {deal.pk: deal for deal in found}
    for key in keys:
        cards[by_key[key].stage].append(by_key[key])
    return cards


def _order(stage: DealStage) -> tuple[OrderBy | str, ...]:
    if stage in CLOSED:
        return (F("closed_on").desc(), "pk")
    return (F("target_close_on").asc(nulls_last=True), "pk")
