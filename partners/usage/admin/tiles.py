"""The numbers on top of a usage page, and what they are held against."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.core import numbers
from partners.usage import queries
from partners.usage.queries import Point, Sums
from partners.usage.trends import Growth


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number on top of the page, and what it is held against."""

    title: str
    value: str
    note: str = ""
    tone: str = ""


def tiles_of(
    whole: Sequence[Point],
    *,
    end: date,
    complete: Collection[date],
    cost: str,
    currency: str,
) -> list[Tile]:
    """Return the numbers on top: spend and its growth, AI share, tokens, GPU hours."""
    start = end - timedelta(days=28)
    sums = Sums()
    for point in whole:
        if start <= point.day < end:
            sums = sums.plus(point)
    spend = queries.growths(
        queries.series_of(whole, figure=cost), end=end, complete=complete
    )
    tokens = queries.growths(
        queries.series_of(whole, figure="tokens"), end=end, complete=complete
    )
    now = sums.billed if cost == "billed" else sums.effective
    return [
        Tile(
            title=_("Spend, 28 days"),
            value=f"{numbers.short(now)} {currency}",
            note=grown(spend["four_weeks"], _("against the 28 days before")),
            tone=tone(spend["four_weeks"]),
        ),
        _growth_tile(_("Week over week"), spend["week"]),
        _growth_tile(_("Year over year"), spend["year"]),
        Tile(title=_("AI share"), value=numbers.share(sums.ai_share)),
        _token_tile(sums, tokens["four_weeks"]),
        Tile(title=_("GPU hours, 28 days"), value=numbers.short(sums.gpu_hours)),
    ]


def _token_tile(sums: Sums, growth: Growth) -> Tile:
    return Tile(
        title=_("Tokens, 28 days"),
        value=numbers.short(sums.tokens_in + sums.tokens_out),
        note=_("%(in)s in, %(out)s out; %(growth)s")
        % {
            "in": numbers.short(sums.tokens_in),
            "out": numbers.short(sums.tokens_out),
            "growth": grown(growth),
        },
    )


def _growth_tile(title: str, growth: Growth) -> Tile:
    value = numbers.percent(growth.ratio)
    if growth.ratio is None:
        value = _("n/a (new)") if growth.now > 0 else "–"
    note = _("%(days)d of %(length)d days") % {
        "days": growth.days,
        "length": growth.length,
    }
    return Tile(title=title, value=value, note=note, tone=tone(growth))


def grown(growth: Growth, words: str = "") -> str:
    """Return growth in words; an incomplete period says how many days it compares."""
    told = numbers.percent(growth.ratio)
    if growth.ratio is None:
        told = _("n/a (new)") if growth.now > 0 else "–"
    if not growth.is_whole:
        words = _("%(words)s (%(days)d of %(length)d days)") % {
            "words": words,
            "days": growth.days,
            "length": growth.length,
        }
    return f"{told} {words}".strip()


def tone(growth: Growth) -> str:
    """Return how a change is coloured: a drop of 30 % or more, and any rise."""
    if growth.ratio is None:
        return ""
    if growth.ratio <= Decimal("-0.3"):
        return "bad"
    return "good" if growth.ratio > 0 else ""
