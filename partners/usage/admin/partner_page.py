"""The usage of one partner with its subsidiaries: what the page and its exports show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.models import User
from crm.core import numbers
from crm.core.errors import DomainError
from partners.models import Partner
from partners.usage import queries
from partners.usage.admin import charts, tiles
from partners.usage.models import CloudAccount
from partners.usage.queries import Dimension, Line, Point, Scope

DIMENSIONS: Mapping[str, tuple[Dimension, Any]] = {
    "service": (Dimension.SERVICE, gettext_lazy("Service")),
    "model": (Dimension.MODEL, gettext_lazy("Model")),
    "account": (Dimension.ACCOUNT, gettext_lazy("Account")),
    "region": (Dimension.REGION, gettext_lazy("Region")),
    "ai": (Dimension.AI, gettext_lazy("AI")),
}
COSTS = {
    "effective": gettext_lazy("Effective cost"),
    "billed": gettext_lazy("Billed cost"),
}
LENGTHS = {"28": 28, "91": 91, "364": 364}
COLORS = 8
BACK = 400
"""Days that growth over a year needs before the period shown."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the address says about the page."""

    by: str = "service"
    cost: str = "effective"
    days: int = 91
    currency: str = ""

    @classmethod
    def read(cls, query: Mapping[str, Any]) -> "Choice":
        """Return what is asked for; what is not known is the usual."""
        by, cost = str(query.get("by", "")), str(query.get("cost", ""))
        return cls(
            by=by if by in DIMENSIONS else "service",
            cost=cost if cost in COSTS else "effective",
            days=LENGTHS.get(str(query.get("days", "")), 91),
            currency=str(query.get("currency", ""))[:3],
        )

    def address(self, **changes: Any) -> str:
        """Return the query string of this choice with something changed."""
        other = replace(self, **changes)
        named = {"by": other.by, "cost": other.cost, "days": other.days}
        if other.currency:
            named["currency"] = other.currency
        return f"?{urlencode(named)}"


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One choice that is one click away."""

    title: Any
    url: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything the template shows."""

    partner: Partner
    choice: Choice
    currency: str
    end: date | None
    tiles: Sequence[tiles.Tile]
    worth: str
    chips: Sequence[tuple[str, Sequence[Chip]]]
    chart: charts.Chart | None
    tokens: charts.Chart | None
    lines: Sequence[Mapping[str, Any]]
    movers: Sequence[Mapping[str, Any]]
    days: Sequence[Mapping[str, Any]]
    freshness: Sequence[Any]
    exports: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was read for the page: three queries whatever the choice."""

    scope: Scope
    points: Sequence[Point]
    whole: Sequence[Point]
    complete: set[date]
    end: date
    """Day after the latest complete one."""


def read(partner: Partner, choice: Choice, *, by: User, today: date) -> Figures:
    """Return the figures of a partner as far back as growth over a year needs."""
    scope = queries.scope_seen(partner, by=by)
    complete = queries.complete_days(
        scope.partner_ids, since=today - timedelta(days=800), until=today
    )
    end = max(complete, default=today - timedelta(days=1)) + timedelta(days=1)
    whole = queries.daily_usage(
        scope, since=end - timedelta(days=BACK), until=today + timedelta(days=1)
    )
    points = queries.daily_usage(
        scope,
        since=end - timedelta(days=max(choice.days, 56)),
        until=today + timedelta(days=1),
        by=DIMENSIONS[choice.by][0],
    )
    if choice.by == "account":
        points = _named(points)
    return Figures(scope=scope, points=points, whole=whole, complete=complete, end=end)


def _named(points: Iterable[Point]) -> list[Point]:
    """Return points with the names of accounts instead of their numbers."""
    known = list(points)
    names = {
        str(account.pk): str(account)
        for account in CloudAccount.objects.filter(
            pk__in={int(point.key) for point in known}
        )
    }
    return [replace(point, key=names[point.key]) for point in known]


def build(partner: Partner, choice: Choice, *, by: User, today: date) -> Page:
    """Return the page of a partner."""
    figures = read(partner, choice, by=by, today=today)
    known = queries.currencies_of(figures.whole)
    currency = choice.currency if choice.currency in known else (known or [""])[0]
    own = [point for point in figures.points if point.currency == currency]
    whole = [point for point in figures.whole if point.currency == currency]
    since = figures.end - timedelta(days=choice.days)
    lines = queries.lines_of(
        own,
        cost=choice.cost,
        since=since,
        end=figures.end,
        complete=figures.complete,
    )
    days = _days_between(since, today + timedelta(days=1), whole)
    links = _links(partner, days)
    return Page(
        partner=partner,
        choice=choice,
        currency=currency,
        end=figures.end if figures.complete else None,
        tiles=tiles.tiles_of(
            whole,
            end=figures.end,
            complete=figures.complete,
            cost=choice.cost,
            currency=currency,
        ),
        worth=_worth(figures, by=by) if len(known) > 1 else "",
        chips=_chips(choice, known, currency),
        chart=_cost_chart(own, lines, days, links, choice, currency),
        tokens=_token_chart(whole, days, links),
        lines=[_line(line, choice) for line in lines],
        movers=[_line(line, choice) for line in queries.movers_of(lines)],
        days=_day_rows(whole, days, links),
        freshness=queries.freshness_of(figures.scope, today=today),
        exports=_exports(partner, choice),
    )


def _days_between(since: date, until: date, points: Sequence[Point]) -> list[date]:
    """Return the days shown, up to the latest with data."""
    latest = max((point.day for point in points), default=since)
    end = min(until, latest + timedelta(days=1))
    return [since + timedelta(days=at) for at in range((end - since).days)]


def _links(partner: Partner, days: Iterable[date]) -> dict[date, str]:
    address = reverse("admin:usage_monthlyusage_items", args=(partner.pk,))
    return {day: f"{address}?{urlencode({'day': day.isoformat()})}" for day in days}


# --- all currencies together


def _worth(figures: Figures, *, by: User) -> str:
    """Say what all currencies come to in the reader's, or which rate is missing."""
    start = figures.end - timedelta(days=28)
    recent = [point for point in figures.whole if start <= point.day < figures.end]
    try:
        worth = queries.in_currency(recent, currency=by.currency)
    except DomainError as refusal:
        return str(refusal)
    return _("All currencies, 28 days, at the rate of each day: %(sum)s %(unit)s") % {
        "sum": numbers.short(sum(worth.values(), Decimal(0))),
        "unit": by.currency,
    }


# --- choices


def _chips(
    choice: Choice, known: Sequence[str], currency: str
) -> list[tuple[str, list[Chip]]]:
    named: list[tuple[str, str, Mapping[Any, Any]]] = [
        (
            _("Divided by"),
            "by",
            {key: title for key, (_d, title) in DIMENSIONS.items()},
        ),
        (_("Cost"), "cost", COSTS),
        (_("Days"), "days", {length: str(length) for length in LENGTHS.values()}),
    ]
    groups = [
        (
            title,
            [
                Chip(
                    title=word,
                    url=choice.address(**{name: key}),
                    is_current=getattr(choice, name) == key,
                )
                for key, word in words.items()
            ],
        )
        for title, name, words in named
    ]
    if len(known) > 1:
        chips = [
            Chip(
                title=code,
                url=choice.address(currency=code),
                is_current=code == currency,
            )
            for code in known
        ]
        groups.append((_("Currency"), chips))
    return groups


def _exports(partner: Partner, choice: Choice) -> list[tuple[str, str]]:
    address = reverse("admin:usage_monthlyusage_export", args=(partner.pk,))
    return [
        (kind.upper() if kind != "parquet" else "Parquet",
         f"{address}{choice.address()}&format={kind}")
        for kind in ("csv", "xlsx", "parquet")
    ]  # fmt: skip


# --- charts and tables


def _cost_chart(
    own: Sequence[Point],
    lines: Sequence[Line],
    days: Sequence[date],
    links: Mapping[date, str],
    choice: Choice,
    currency: str,
) -> charts.Chart | None:
    if not own:
        return None
    shown = [line.key for line in lines][: COLORS - 1]
    series: dict[str, dict[date, Decimal]] = {key: {} for key in shown}
    for point in own:
        key = point.key if point.key in series else _("others")
        per_day = series.setdefault(key, {})
        amount = queries.cost_of(point, choice.cost)
        per_day[point.day] = per_day.get(point.day, Decimal(0)) + amount
    return charts.stacked(
        title=str(COSTS[choice.cost]),
        unit=currency,
        days=days,
        series={key or _("none"): own for key, own in series.items()},
        urls=links,
    )


def _token_chart(
    whole: Sequence[Point], days: Sequence[date], links: Mapping[date, str]
) -> charts.Chart | None:
    into = queries.series_of(whole, figure="tokens_in")
    out = queries.series_of(whole, figure="tokens_out")
    if not any(into.values()) and not any(out.values()):
        return None
    return charts.stacked(
        title=_("Tokens"),
        unit="",
        days=days,
        series={_("Tokens in"): into, _("Tokens out"): out},
        urls=links,
    )


def _line(line: Line, choice: Choice) -> dict[str, Any]:
    sums = line.sums
    return {
        "key": line.key or _("none"),
        "currency": line.currency,
        "cost": numbers.grouped(
            sums.billed if choice.cost == "billed" else sums.effective
        ),
        "ai_share": numbers.share(sums.ai_share),
        "tokens": numbers.short(sums.tokens_in + sums.tokens_out),
        "gpu_hours": numbers.short(sums.gpu_hours),
        "growth": tiles.grown(line.growth),
        "change": numbers.grouped(line.growth.change),
        "tone": tiles.tone(line.growth),
    }


def _day_rows(
    whole: Sequence[Point], days: Sequence[date], links: Mapping[date, str]
) -> list[dict[str, Any]]:
    by_day = {point.day: point for point in whole}
    return [
        {
            "day": day,
            "effective": numbers.grouped(by_day[day].effective),
            "billed": numbers.grouped(by_day[day].billed),
            "tokens_in": numbers.grouped(by_day[day].tokens_in, 0),
            "tokens_out": numbers.grouped(by_day[day].tokens_out, 0),
            "gpu_hours": numbers.grouped(by_day[day].gpu_hours, 1),
            "rows": by_day[day].rows,
            "url": links[day],
        }
        for day in reversed(days)
        if day in by_day
    ]


EXPORTED = (
    "day", "key", "currency", "effective_cost", "billed_cost", "list_cost",
    "contracted_cost", "ai_effective_cost", "tokens_in", "tokens_out", "gpu_hours",
    "line_items",
)  # fmt: skip


def exported(
    partner: Partner, choice: Choice, *, by: User, today: date
) -> list[tuple[Any, ...]]:
    """Return the daily figures of the page as rows of a table, in all currencies."""
    figures = read(partner, choice, by=by, today=today)
    since = figures.end - timedelta(days=choice.days)
    return [
        (one.day, one.key, one.currency, one.effective, one.billed, one.listed,
         one.contracted, one.ai, one.tokens_in, one.tokens_out, one.gpu_hours,
         one.rows)
        for one in figures.points
        if one.day >= since
    ]  # fmt: skip
