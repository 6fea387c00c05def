"""What is likely to be won in a period: pipeline, weighted, roll-ups, coverage.

Open deals are converted at the rate of the day of the question, closed ones at that of
the day they closed. Deals without a target close count as open pipeline of no period.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from crm.accounts.models import User
from crm.core.periods import Days
from deals import pipeline
from deals.models import Deal, Metric, Target
from deals.pipeline import OPEN, QUALIFIED_OR_LATER, DealStage, ForecastCategory
from deals.queries.sums import Adder, Part, Total

ZERO = Decimal(0)
DIMENSIONS = {
    "": (),
    "team": ("team_id", "team__name"),
    "owner": ("owner_id", "owner__name"),
    "industry": ("partner__industry", "partner__industry"),
    "region": ("partner__country", "partner__country"),
}
"""By what a forecast can be divided: key and name."""


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Which deals are looked at; what is empty narrows nothing.

    :ivar user: only what this person may see; None for what the product itself asks.
    :ivar regions: countries of the partner, two letters.
    """

    user: User | None = None
    team_ids: Sequence[int] = ()
    owner_ids: Sequence[int] = ()
    industries: Sequence[str] = ()
    regions: Sequence[str] = ()
    partner_ids: Sequence[int] | None = None

    def deals(self) -> QuerySet[Deal]:
        """Return the deals."""
        rows = Deal.objects.all()
        if self.user is not None:
            rows = Deal.objects.visible_to(self.user)
        if self.partner_ids is not None:
            rows = rows.filter(partner_id__in=self.partner_ids)
        wanted: dict[str, Sequence[Any]] = {
            "team_id__in": self.team_ids,
            "owner_id__in": self.owner_ids,
            "partner__industry__in": self.industries,
            "partner__country__in": self.regions,
        }
        return rows.filter(**{name: list(v) for name, v in wanted.items() if v})


EVERYTHING = Slice()


@dataclass(frozen=True, kw_only=True)
class ForecastLine:
    """One line of a forecast: everything, or one team, owner, industry or region.

    :ivar key: of the dimension; empty for deals without one.
    :ivar open_count: open deals, whenever they close; `pipeline` is their amount.
    :ivar annualised: expected monthly spend × 12 of open deals.
    :ivar weighted: Σ amount × probability ÷ 100 of open deals closing in the period.
    :ivar commit: cumulative, as `best_case` and `in_period`: each holds those before it.
    :ivar qualified: open, qualified or later, closing in the period.
    :ivar target: of this line and period; None without one.
    :ivar coverage: qualified ÷ (target − won); None when the target is met or unknown.
    """

    key: str
    name: str
    open_count: int
    open_in_period: int
    won_count: int
    pipeline: Total
    annualised: Total
    weighted: Total
    won: Total
    commit: Total
    best_case: Total
    in_period: Total
    qualified: Total
    target: Total | None = None
    coverage: Decimal | None = None
    is_target_met: bool = False


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The forecast of one period.

    :ivar total: of everything that was asked for.
    :ivar lines: by the dimension, the largest weighted amount first.
    """

    period: Days
    at: datetime
    currency: str
    dimension: str
    total: ForecastLine
    lines: tuple[ForecastLine, ...] = ()


def forecast(
    *,
    period: Days,
    at: datetime,
    currency: str,
    of: Slice = EVERYTHING,
    by: str = "",
) -> Forecast:
    """Return the forecast of a period; four queries, whatever the number of deals.

    :param by: a key of `DIMENSIONS`.
    """
    rows = _open(of, period, by)
    won = _won(of, period, by)
    targets = _targets(of, period, by)
    today = at.date()
    adder = Adder(
        currency,
        currencies=[
            *(row["currency"] for row in [*rows, *won]),
            *(target.currency for target in targets.values()),
        ],
        days=[today, *(row["closed_on"] for row in won)],
    )
    whole, parts = _summed(adder, today, rows, won)
    lines = [
        sums.line(key, name, targets.get(key)) for (key, name), sums in parts.items()
    ]
    lines.sort(key=lambda one: (-(one.weighted.amount or ZERO), one.name, one.key))
    return Forecast(
        period=period,
        at=at,
        currency=currency,
        dimension=by,
        total=whole.line("", "", targets.get(ALL)),
        lines=tuple(lines) if by else (),
    )


def _summed(
    adder: Adder,
    today: date,
    rows: list[dict[str, Any]],
    won: list[dict[str, Any]],
) -> "tuple[_Sums, dict[tuple[str, str], _Sums]]":
    """Add the rows up, all together and by line."""
    whole = _Sums(adder, today)
    parts: dict[tuple[str, str], _Sums] = {}
    for row in rows:
        whole.add(row)
        parts.setdefault(_who(row), _Sums(adder, today)).add(row)
    for row in won:
        whole.add_won(row)
        parts.setdefault(_who(row), _Sums(adder, today)).add_won(row)
    return whole, parts


ALL = "*"


def _open(of: Slice, period: Days, by: str) -> list[dict[str, Any]]:
    """Add open deals up by currency, category, and whether they close in the period."""
    within = Q(target_close_on__gte=period.start, target_close_on__lt=period.end)
    rows: Any = of.deals().filter(stage__in=OPEN)
    rows = rows.annotate(
        is_in=Case(When(within, then=Value(1)), default=Value(0)),
        is_qualified=Case(
            When(stage__in=QUALIFIED_OR_LATER, then=Value(1)), default=Value(0)
        ),
    )
    return list(
        _named(rows, by)
        .values("who", "label", "currency", "category", "is_in", "is_qualified")
        .annotate(
            count=Count("pk"),
            total=Coalesce(Sum("amount"), ZERO),
            monthly=Coalesce(Sum("monthly_spend"), ZERO),
            weighted=Coalesce(Sum(F("amount") * F("probability")), ZERO),
        )
        .order_by()
    )


def _won(of: Slice, period: Days, by: str) -> list[dict[str, Any]]:
    rows = of.deals().filter(
        stage=DealStage.LAUNCHED, closed_on__gte=period.start, closed_on__lt=period.end
    )
    return list(
        _named(rows, by)
        .values("who", "label", "currency", "closed_on")
        .annotate(count=Count("pk"), total=Coalesce(Sum("amount"), ZERO))
        .order_by()
    )


def _named(rows: Any, by: str) -> Any:
    if not by:
        return rows.annotate(who=Value(""), label=Value(""))
    key, name = DIMENSIONS[by]
    return rows.annotate(who=F(key), label=F(name))


def _who(row: dict[str, Any]) -> tuple[str, str]:
    key, name = row["who"], row["label"]
    return ("" if key is None else str(key), "" if name is None else str(name))


def _targets(of: Slice, period: Days, by: str) -> dict[str, Target]:
    """Return the targets for won amounts of exactly this period, by key of the line."""
    rows = Target.objects.filter(
        metric=Metric.WON, start_on=period.start, end_on=period.end
    ).order_by("pk")
    found: dict[str, Target] = {}
    for row in rows:
        keys = {
            "team": row.team_id,
            "owner": row.owner_id,
            "region": row.region or None,
        }
        said = [key for key in keys.values() if key is not None]
        if not said and _is_whole(of):
            found[ALL] = row
        elif said and by in keys and keys[by] is not None:
            found[str(keys[by])] = row
        if _is_of(of, keys):
            found[ALL] = row
    return found


def _is_whole(of: Slice) -> bool:
    return not (of.team_ids or of.owner_ids or of.industries or of.regions) and (
        of.partner_ids is None
    )


def _is_of(of: Slice, keys: dict[str, Any]) -> bool:
    """Tell whether a target is that of the slice: one team, one owner or one region."""
    asked = {"team": of.team_ids, "owner": of.owner_ids, "region": of.regions}
    said = {name: list(values) for name, values in asked.items() if values}
    if of.industries or of.partner_ids is not None or len(said) != 1:
        return False
    ((name, values),) = said.items()
    return values == [keys[name]]


@dataclass
class _Sums:
    """Adds the rows of one line up."""

    adder: Adder
    today: date
    open_count: int = 0
    open_in_period: int = 0
    won_count: int = 0
    pipeline: list[Part] = field(default_factory=list)
    annualised: list[Part] = field(default_factory=list)
    weighted: list[Part] = field(default_factory=list)
    qualified: list[Part] = field(default_factory=list)
    won: list[Part] = field(default_factory=list)
    by_category: dict[str, list[Part]] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        currency = row["currency"]
        self.open_count += row["count"]
        self.pipeline.append((currency, self.today, row["total"]))
        self.annualised.append((currency, self.today, row["monthly"] * 12))
        if not row["is_in"]:
            return
        self.open_in_period += row["count"]
        part = (currency, self.today, row["total"])
        self.by_category.setdefault(row["category"], []).append(part)
        self.weighted.append((currency, self.today, row["weighted"] / 100))
        if row["is_qualified"]:
            self.qualified.append(part)

    def add_won(self, row: dict[str, Any]) -> None:
        self.won_count += row["count"]
        self.won.append((row["currency"], row["closed_on"], row["total"]))

    def rolled(self, *categories: ForecastCategory) -> Total:
        """Return what is won and the open deals of these categories, cumulative."""
        parts: list[Part] = [*self.won]
        for category in categories:
            parts += self.by_category.get(category, ())
        return self.adder.total(parts)

    def line(self, key: str, name: str, target: Target | None) -> ForecastLine:
        won, qualified = self.adder.total(self.won), self.adder.total(self.qualified)
        goal = None
        if target is not None:
            goal = self.adder.total([(target.currency, self.today, target.amount)])
        coverage, is_met = coverage_of(qualified, goal, won)
        commit = (ForecastCategory.COMMIT,)
        best = (*commit, ForecastCategory.BEST_CASE)
        return ForecastLine(
            key=key,
            name=name,
            open_count=self.open_count,
            open_in_period=self.open_in_period,
            won_count=self.won_count,
            pipeline=self.adder.total(self.pipeline),
            annualised=self.adder.total(self.annualised),
            weighted=self.adder.total(self.weighted),
            won=won,
            commit=self.rolled(*commit),
            best_case=self.rolled(*best),
            in_period=self.rolled(*best, ForecastCategory.PIPELINE),
            qualified=qualified,
            target=goal,
            coverage=coverage,
            is_target_met=is_met,
        )


def coverage_of(
    qualified: Total, target: Total | None, won: Total
) -> tuple[Decimal | None, bool]:
    """Return the coverage, and whether the target is met; nothing where a sum is refused."""
    amounts = [qualified.amount, target.amount if target else None, won.amount]
    if target is None or None in amounts:
        return None, False
    found = pipeline.coverage(
        qualified_open=qualified.known, target=target.known, won=won.known
    )
    return found, found is None


def needed_coverage(win_rate: Decimal | None) -> Decimal | None:
    """Return 1 ÷ trailing win rate: so much qualified pipeline a target needs."""
    return 1 / win_rate if win_rate else None


def currencies_of(lines: Iterable[ForecastLine]) -> tuple[str, ...]:
    """Return the currencies that stand behind some lines."""
    return tuple(sorted({c for line in lines for c in line.pipeline.by_currency}))
