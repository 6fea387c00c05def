"""Facts of attribution: what partners brought, what they had a hand in, and what it changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from crm.figures.pipeline import Line, Pipeline, cycle_of
from crm.figures.tempo import Rate, Tempo
from deals.models import AttributionCredit
from deals.pipeline import CreditKind

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(frozen=True, kw_only=True)
class Credited:
    """The deals credited by one kind: each counts with its credited share.

    :ivar won: in the trailing four quarters; amounts are None when a rate is missing.
    """

    kind: CreditKind
    open_count: int
    open: Decimal | None
    won_count: int
    won: Decimal | None


@dataclass(frozen=True, kw_only=True)
class Side:
    """Decided deals with, or without, a partner that has a credit in them."""

    won: Rate
    cycle: Tempo


@dataclass(frozen=True, kw_only=True)
class Credits:
    """Sourced and influenced stand beside each other and are never added up."""

    kinds: Sequence[Credited]
    with_partner: Side
    without_partner: Side

    @property
    def is_empty(self) -> bool:
        return not any(each.open_count or each.won_count for each in self.kinds)


def credits_of(found: Pipeline) -> Credits:
    """Read who is credited with the deals of a pipeline; costs one query."""
    rows = (
        AttributionCredit.objects.filter(deal_id__in=[line.pk for line in found.lines])
        .order_by()
        .values_list("deal_id", "kind")
        .annotate(percent=Sum("percent"))
    )
    shares: dict[tuple[str, int], Decimal] = {
        (kind, deal): percent for deal, kind, percent in rows
    }
    credited = {deal for _kind, deal in shares}
    return Credits(
        kinds=[_credited(kind, found, shares) for kind in CreditKind],
        with_partner=_side(line for line in found.decided if line.pk in credited),
        without_partner=_side(
            line for line in found.decided if line.pk not in credited
        ),
    )


def _credited(
    kind: CreditKind, found: Pipeline, shares: Mapping[tuple[str, int], Decimal]
) -> Credited:
    still = [line for line in found.open if (kind, line.pk) in shares]
    won = [line for line in found.decided if line.is_won and (kind, line.pk) in shares]

    def total(lines: Iterable[Line]) -> Decimal | None:
        if found.missing:
            return None
        parts = ((line.amount or ZERO) * shares[kind, line.pk] for line in lines)
        return sum(parts, ZERO) / HUNDRED

    return Credited(
        kind=kind,
        open_count=len(still),
        open=total(still),
        won_count=len(won),
        won=total(won),
    )


def _side(lines: Iterable[Line]) -> Side:
    chosen = list(lines)
    won = sum(line.is_won for line in chosen)
    return Side(won=Rate(some=won, all=len(chosen)), cycle=cycle_of(chosen))
