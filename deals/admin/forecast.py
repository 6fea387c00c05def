"""The forecast of a quarter: roll-ups, coverage, and how right we were before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.models import User
from crm.core.periods import Days, PeriodRefusedError, Quarter, read_quarter
from crm.web.acting import acting_user
from deals import figures
from deals.admin.commitment_figures import percent, ratio
from deals.figures import shown
from deals.pipeline import OPEN, QUALIFIED_OR_LATER, DealStage, ForecastCategory
from deals.queries import track_record
from deals.queries.forecast import (
    DIMENSIONS,
    Forecast,
    ForecastLine,
    Slice,
    forecast,
    needed_coverage,
)
from deals.queries.realisation import realised, realised_by
from deals.queries.sums import Total
from deals.queries.track_record import Accuracy, Slippage, Velocity, WinRate

LINKED = {
    "team": "team__id__exact",
    "owner": "owner__id__exact",
    "industry": "partner__industry__exact",
    "region": "partner__country__exact",
}
NAMES = {
    "": gettext_lazy("no division"),
    "team": gettext_lazy("team"),
    "owner": gettext_lazy("owner"),
    "industry": gettext_lazy("industry"),
    "region": gettext_lazy("region"),
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number: how it reads, the list behind it, what qualifies it."""

    text: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FigureCell:
    """A number with its name and how it was computed."""

    name: str
    cell: Cell
    formula: str = ""


def forecast_view(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the forecast; the address says the quarter and the division."""
    person = acting_user(request)
    if not request.user.has_perm("deals.view_deal"):
        raise PermissionDenied
    at = timezone.now()
    quarter = _quarter(request.GET.get("quarter", ""), at)
    by = request.GET.get("by", "team")
    page = page_of(
        person=person, quarter=quarter, by=by if by in DIMENSIONS else "team", at=at
    )
    return TemplateResponse(request, "deals/forecast.html", {**context, **page})


def _quarter(text: str, at: datetime) -> Quarter:
    try:
        return read_quarter(text)
    except PeriodRefusedError:
        return Quarter.of(at.date())


def page_of(*, person: User, quarter: Quarter, by: str, at: datetime) -> dict[str, Any]:
    """Return all that the page says; the number of queries does not depend on the deals."""
    of = Slice(user=person)
    currency = person.currency
    found = forecast(period=quarter.days, at=at, currency=currency, of=of, by=by)
    wins = track_record.win_rate(at=at, currency=currency, of=of)
    speed = track_record.velocity(at=at, currency=currency, rate=wins, of=of)
    slipped = track_record.slippage(
        period=quarter.days, at=at, currency=currency, of=of
    )
    before = track_record.accuracy(
        quarter=Quarter.of(at.date()).shifted(-1), currency=currency, of=of
    )
    launched = realised(at=at, of=of)
    return {
        "title": _("Forecast"),
        "forecast": found,
        "quarter": quarter,
        "quarters": [Quarter.of(at.date()).shifted(n) for n in range(-2, 5)],
        "by": by,
        "divisions": list(NAMES.items()),
        "figures": list(_headline(found, wins)),
        "record": list(_record(wins, speed, slipped, before)),
        "rows": [_row(found, line) for line in (*found.lines, found.total)],
        "realised": [_launch(one) for one in launched[:20]],
        "realised_by": [
            (share.name, share.count, _ratio(share.ratio), share.refusal)
            for share in realised_by(
                launched,
                lambda deal: str(deal.owner or "–"),
                currency=currency,
                at=at,
            )
        ],
        "rate_note": _rate_note(found.total),
    }


# --- numbers with their lists


def deals_url(**lookups: Any) -> str:
    """Return the list of deals, filtered."""
    query = {
        name: ",".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        for name, value in lookups.items()
    }
    return f"{reverse('admin:deals_deal_changelist')}?{urlencode(query)}"


def _within(period: Days) -> dict[str, Any]:
    return {"target_close_on__gte": period.start, "target_close_on__lt": period.end}


def _won_within(period: Days) -> dict[str, Any]:
    return {
        "stage__exact": DealStage.LAUNCHED.value,
        "closed_on__gte": period.start,
        "closed_on__lt": period.end,
    }


def _open() -> dict[str, Any]:
    return {"stage__in": [stage.value for stage in OPEN]}


def money(total: Total, **lookups: Any) -> Cell:
    """Return a sum with its list; a refused one says which rate is missing."""
    url = deals_url(**lookups) if lookups else ""
    if total.amount is None:
        return Cell(text=_("not added up"), url=url, note=total.refusal)
    return Cell(text=figures.rounded(total.amount, total.currency), url=url)


def _headline(found: Forecast, wins: WinRate) -> Iterator[FigureCell]:
    one, period = found.total, found.period
    yield FigureCell(
        name=_("Open pipeline"),
        cell=money(one.pipeline, **_open()),
        formula=_("%(count)d open deals, whenever they close")
        % {"count": one.open_count},
    )
    yield FigureCell(
        name=_("Expected spend a year"),
        cell=money(one.annualised, **_open()),
        formula=_("Σ expected monthly spend × 12"),
    )
    yield FigureCell(
        name=_("Weighted"),
        cell=money(one.weighted, **_open(), **_within(period)),
        formula=_("Σ amount × probability, %(count)d deals closing in the quarter")
        % {"count": one.open_in_period},
    )
    yield FigureCell(
        name=_("Won"),
        cell=money(one.won, **_won_within(period)),
        formula=_("%(count)d deals") % {"count": one.won_count},
    )
    yield FigureCell(
        name=_("Target"),
        cell=money(one.target) if one.target else Cell(text=_("none set")),
    )
    yield _coverage(one, wins, period)


def _coverage(one: ForecastLine, wins: WinRate, period: Days) -> FigureCell:
    need = needed_coverage(wins.by_count)
    text = ratio(one.coverage) if one.coverage is not None else "–"
    if one.is_target_met:
        text = _("target met")
    wanted = ratio(need) if need is not None else "–"
    return FigureCell(
        name=_("Coverage"),
        cell=Cell(
            text=text,
            url=deals_url(
                stage__in=[stage.value for stage in QUALIFIED_OR_LATER],
                **_within(period),
            ),
        ),
        formula=_("qualified ÷ (target − won); needed is 1 ÷ win rate = %(need)s")
        % {"need": wanted},
    )


def _record(
    wins: WinRate, speed: Velocity, slipped: Slippage, before: Accuracy
) -> Iterator[FigureCell]:
    yield FigureCell(
        name=_("Win rate, by count"),
        cell=Cell(text=_small(wins.won, wins.decided, wins.by_count)),
        formula=_("won ÷ (won + lost after Qualified), latest four quarters, n = %(n)d")
        % {"n": wins.decided},
    )
    yield FigureCell(
        name=_("Win rate, by value"),
        cell=Cell(
            text="–" if wins.by_value is None else percent(wins.by_value),
            note=wins.won_amount.refusal or wins.lost_amount.refusal,
        ),
        formula=_("by amounts, at the rates of the days they closed"),
    )
    yield FigureCell(
        name=_("Velocity a day"),
        cell=Cell(
            text="–"
            if speed.per_day is None
            else f"{shown(speed.per_day, speed.currency)} {speed.currency}",
            note=speed.refusal,
        ),
        formula=_velocity_in_numbers(speed),
    )
    yield _slipped(slipped)
    yield _accuracy(before)


def _slipped(slipped: Slippage) -> FigureCell:
    return FigureCell(
        name=_("Slipped since last week"),
        cell=Cell(
            text=f"{slipped.count} · {money(slipped.amount).text}",
            url=deals_url(id__in=list(slipped.deal_ids)) if slipped.deal_ids else "",
            note=slipped.amount.refusal,
        ),
        formula=_("target close was in the quarter and is after it now"),
    )


def _accuracy(before: Accuracy) -> FigureCell:
    return FigureCell(
        name=_("Accuracy of %(quarter)s") % {"quarter": before.quarter},
        cell=Cell(
            text="–" if before.share is None else percent(before.share),
        ),
        formula=_("1 − |forecast of week 4 − actual| ÷ actual")
        if before.week_on
        else _("No snapshot of its fourth week."),
    )


def _small(won: int, decided: int, rate: Decimal | None) -> str:
    """Return a rate; of fewer than five as a fraction."""
    if rate is None:
        return "–"
    return f"{won} / {decided}" if decided < 5 else percent(rate)


def _velocity_in_numbers(speed: Velocity) -> str:
    parts: Iterable[Any] = (
        speed.open_deals,
        "–" if speed.win_rate is None else percent(speed.win_rate),
        "–"
        if speed.median_amount is None
        else shown(speed.median_amount, speed.currency),
        "–" if speed.median_cycle_days is None else f"{speed.median_cycle_days:g}",
    )
    return _(
        "open qualified × win rate × median won ÷ median days: %(a)s × %(b)s × %(c)s"
        " ÷ %(d)s"
    ) % dict(zip("abcd", parts, strict=True))


def _row(found: Forecast, line: ForecastLine) -> dict[str, Any]:
    """Return one line of the table, each number with the list behind it."""
    who: dict[str, Any] = {}
    is_total = line is found.total
    if not is_total and line.key:
        who[LINKED[found.dimension]] = line.key
    elif not is_total:
        name = {"team": "team", "owner": "owner"}.get(found.dimension)
        who = {f"{name}__isnull": "True"} if name else {}
    period, opened = _within(found.period), {**_open(), **who}
    categories: tuple[str, ...] = ()
    cells = [money(line.won, **_won_within(found.period), **who)]
    for total, category in (
        (line.commit, ForecastCategory.COMMIT),
        (line.best_case, ForecastCategory.BEST_CASE),
        (line.in_period, ForecastCategory.PIPELINE),
    ):
        categories = (*categories, category.value)
        cells.append(money(total, **opened, **period, category__in=categories))
    return {
        "name": _("All") if is_total else line.name or "–",
        "is_total": is_total,
        "open": money(line.pipeline, **opened),
        "weighted": money(line.weighted, **opened, **period),
        "rolled": cells,
        "target": money(line.target) if line.target else None,
        "coverage": _("target met") if line.is_target_met else _ratio(line.coverage),
    }


def _ratio(number: Decimal | None) -> str:
    return "–" if number is None else ratio(number)


def _launch(one: Any) -> dict[str, Any]:
    deal = one.deal
    return {
        "deal": deal,
        "url": reverse("admin:deals_deal_change", args=[deal.pk]),
        "days": f"{one.since} – {one.until - timedelta(days=1)}",
        "spend": "–" if one.spend is None else shown(one.spend, deal.currency),
        "expected": shown(one.expected, deal.currency),
        "ratio": _ratio(one.ratio),
        "note": one.refusal,
    }


def _rate_note(total: ForecastLine) -> str:
    """Say at which day's rates sums over several currencies were made."""
    dates = [t.rate_on for t in (total.pipeline, total.weighted) if t.rate_on]
    if not dates:
        return ""
    oldest: date = min(dates)
    return _("Open deals are converted at rates of %(day)s.") % {"day": oldest}
