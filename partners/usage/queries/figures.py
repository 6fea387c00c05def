"""What one partner's usage page and endpoints show: whose, by what, grown by how much."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crm.accounts.models import User
from crm.core.money import Money
from crm.core.periods import Days
from crm.rates import queries as rates
from partners.models import Partner
from partners.usage import trends
from partners.usage.models import AccountOwnership
from partners.usage.queries.freshness import Freshness, freshness
from partners.usage.queries.series import Point, Scope
from partners.usage.trends import Growth, Span

ZERO = Decimal(0)
SPANS = {
    "week": Span.WEEK,
    "four_weeks": Span.FOUR_WEEKS,
    "year": Span.YEAR,
}
MOST_KEYS = 8
"""So many values of a dimension are told apart; the rest is added up."""
REST = "…"


def scope_seen(partner: Partner, *, by: User, with_subsidiaries: bool = True) -> Scope:
    """Return a partner and those of its subsidiaries that this person may see."""
    if not with_subsidiaries:
        return Scope(partner_ids=(partner.pk,))
    group = Scope.of_group(partner).partner_ids
    if len(group) == 1:
        return Scope(partner_ids=group)
    seen = Partner.objects.visible_to(by).filter(pk__in=group)
    return Scope(partner_ids=tuple(sorted(seen.values_list("pk", flat=True))))


@dataclass(frozen=True, slots=True)
class Sums:
    """Usage of some days in one currency."""

    effective: Decimal = ZERO
    billed: Decimal = ZERO
    ai: Decimal = ZERO
    tokens_in: Decimal = ZERO
    tokens_out: Decimal = ZERO
    gpu_hours: Decimal = ZERO
    rows: int = 0

    def plus(self, point: Point) -> "Sums":
        """Return the sums with one more point."""
        return Sums(
            effective=self.effective + point.effective,
            billed=self.billed + point.billed,
            ai=self.ai + point.ai,
            tokens_in=self.tokens_in + point.tokens_in,
            tokens_out=self.tokens_out + point.tokens_out,
            gpu_hours=self.gpu_hours + point.gpu_hours,
            rows=self.rows + point.rows,
        )

    @property
    def ai_share(self) -> Decimal | None:
        """Return the share of AI in spend, or None without any."""
        return self.ai / self.effective if self.effective > 0 else None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One value of the dimension: its sums now, and how its cost changed.

    :ivar key: value of the dimension; empty where the data says nothing.
    """

    key: str
    currency: str
    sums: Sums
    growth: Growth


def currencies_of(points: Iterable[Point]) -> list[str]:
    """Return the currencies, the one with most money first."""
    money: dict[str, Decimal] = {}
    for point in points:
        money[point.currency] = money.get(point.currency, ZERO) + abs(point.effective)
    return sorted(money, key=lambda code: (-money[code], code))


def cost_of(point: Point, cost: str) -> Decimal:
    """Return the cost of the view: effective (as used) or billed (as invoiced)."""
    return point.billed if cost == "billed" else point.effective


def series_of(points: Iterable[Point], *, figure: str) -> dict[date, Decimal]:
    """Return one figure per day: a cost, ai, tokens, tokens_in, gpu_hours."""
    series: dict[date, Decimal] = {}
    for point in points:
        if figure == "tokens":
            value = point.tokens_in + point.tokens_out
        else:
            value = Decimal(getattr(point, figure))
        series[point.day] = series.get(point.day, ZERO) + value
    return series


def growths(
    series: Mapping[date, Decimal], *, end: date, complete: Collection[date]
) -> dict[str, Growth]:
    """Return week over week, 28 days and year over year by the report's definitions."""
    return {
        name: trends.growth(series, end=end, span=span, complete=complete)
        for name, span in SPANS.items()
    }


def lines_of(
    points: Iterable[Point],
    *,
    cost: str,
    since: date,
    end: date,
    complete: Collection[date],
) -> list[Line]:
    """Return the values of the dimension in the days shown, most money first.

    :param points: from 28 days before `end` less 28 on, or earlier.
    """
    by_key: dict[tuple[str, str], list[Point]] = {}
    for point in points:
        by_key.setdefault((point.key, point.currency), []).append(point)
    lines = []
    for (key, currency), own in by_key.items():
        sums = Sums()
        for point in own:
            if since <= point.day < end:
                sums = sums.plus(point)
        series = series_of(own, figure=cost)
        growth = trends.growth(series, end=end, span=Span.FOUR_WEEKS, complete=complete)
        if sums.rows or growth.change:
            lines.append(Line(key=key, currency=currency, sums=sums, growth=growth))
    money = "billed" if cost == "billed" else "effective"
    return sorted(
        lines, key=lambda line: (-getattr(line.sums, money), line.currency, line.key)
    )


def movers_of(lines: Iterable[Line], *, count: int = 5) -> list[Line]:
    """Return what changed most in 28 days, up or down."""
    moved = [line for line in lines if line.growth.change]
    return sorted(moved, key=lambda line: (-abs(line.growth.change), line.key))[:count]


def in_currency(points: Iterable[Point], *, currency: str) -> dict[date, Decimal]:
    """Return effective spend per day in one currency, each day at its own rate.

    :raises RateMissingError: naming the pair and the day where a rate is missing.
    """
    known = list(points)
    if not known:
        return {}
    days = Days(
        min(point.day for point in known),
        max(point.day for point in known) + timedelta(days=1),
    )
    converter = rates.converter(
        currencies={currency, *(point.currency for point in known)}, days=days
    )
    series: dict[date, Decimal] = {}
    for point in known:
        money = Money(point.effective, point.currency)
        worth = converter.convert(money, to=currency, on=point.day).money.amount
        series[point.day] = series.get(point.day, ZERO) + worth
    return series


def freshness_of(scope: Scope, *, today: date) -> list[Freshness]:
    """Return how far the sources of these partners reach."""
    sources = set(
        AccountOwnership.objects.filter(partner__in=scope.partner_ids).values_list(
            "account__source_id", flat=True
        )
    )
    return [one for one in freshness(today=today) if one.source_id in sources]
