"""Spend and tokens: charts of twelve weeks, leaders and laggards, and the detail."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.figures import blocks, links, words
from crm.figures.blocks import Align, Block, Value
from crm.figures.facts import Facts
from crm.figures.frame import DAY
from crm.figures.headline import grown, money
from crm.figures.usage import Amount, Compared
from partners.usage import queries as usage
from partners.usage.queries import Dimension, Scope

MOST_MOVERS = 5
SHOWN_CATEGORIES = ("Usage", "Adjustment", "Credit", "Purchase", "Tax")
ZERO = Decimal(0)


def spend(facts: Facts) -> list[Block]:
    """Return spend and tokens by week as charts."""
    if facts.usage.is_empty:
        return []
    return [_spend_chart(facts), _token_chart(facts)]


def _weeks(facts: Facts, measure: str) -> list[Decimal | None]:
    """Return a measure per week; None where a week has no data or no rate."""
    figures = facts.usage
    return [
        figures.total(measure, week).value if figures.is_known(week) else None
        for week in figures.weeks()
    ]


def week_labels(facts: Facts) -> list[str]:
    """Return the ISO number of each week shown, by its last day."""
    return [f"W{week[-1].isocalendar().week:02}" for week in facts.usage.weeks()]


def _spend_chart(facts: Facts) -> Block:
    whole, ai = _weeks(facts, "spend"), _weeks(facts, "ai")
    other = [
        None if one is None or part is None else one - part
        for one, part in zip(whole, ai, strict=True)
    ]
    growth = facts.usage.four_week_growth("spend")
    return blocks.chart(
        "stacked",
        title=_("Spend by week, %(currency)s") % {"currency": facts.frame.currency},
        labels=week_labels(facts),
        series=[(_("AI services"), _round(ai)), (_("Other cloud"), _round(other))],
        unit=facts.frame.currency,
        sentence=_four_weeks(_("Spend"), growth, facts),
    )


def _token_chart(facts: Facts) -> Block:
    growth = facts.usage.four_week_growth("tokens")
    return blocks.chart(
        "lines",
        title=_("Tokens by week"),
        labels=week_labels(facts),
        series=[
            (_("Input"), _weeks(facts, "tokens_in")),
            (_("Output"), _weeks(facts, "tokens_out")),
        ],
        unit="count",
        sentence=_four_weeks(_("AI tokens"), growth, facts),
    )


def _round(values: Iterable[Decimal | None]) -> list[Decimal | None]:
    return [None if value is None else round(value, 2) for value in values]


def _four_weeks(what: str, growth: Compared | None, facts: Facts) -> str:
    shown = words.signed(grown(growth), facts.frame.language)
    days = growth.days if growth else 0
    return _(
        "%(what)s of the last 28 days against the 28 before: %(growth)s (%(days)d days compared)."
    ) % {"what": what, "growth": shown, "days": days}


@dataclass(frozen=True, slots=True)
class Mover:
    """How one partner's spend changed."""

    partner_id: int
    growth: Compared


def movers_of(facts: Facts) -> tuple[list[Mover], list[Mover]]:
    """Return who grew and who shrank most by amount; partners without change are neither."""
    rows = [
        Mover(each.partner_id, growth)
        for each in facts.partners.values()
        if (growth := each.growth(now="four", before="four_before")) is not None
    ]
    up = [row for row in rows if row.growth.change > 0]
    down = [row for row in rows if row.growth.change < 0]
    up.sort(key=lambda row: (-row.growth.change, row.partner_id))
    down.sort(key=lambda row: (row.growth.change, row.partner_id))
    return up[:MOST_MOVERS], down[:MOST_MOVERS]


def movers(facts: Facts) -> list[Block]:
    """Return leaders and laggards of the last 28 days, by amount and by share."""
    leaders, laggards = movers_of(facts)
    if not leaders and not laggards:
        return []
    names = facts.names
    return [
        _mover_table(
            facts, leaders, names, _("Leaders, 28 days against the 28 before")
        ),
        _mover_table(facts, laggards, names, _("Laggards")),
    ]


def _mover_table(
    facts: Facts, rows: Sequence[Mover], names: dict[int, str], title: str
) -> Block:
    currency = facts.frame.currency
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("28 days"), "right"),
        (pgettext("figures", "Change"), "right"),
        (pgettext("figures", "Growth"), "right"),
    ]
    return blocks.table(
        columns,
        [
            [
                blocks.text(names[row.partner_id], url=links.partner(row.partner_id)),
                blocks.money(round(row.growth.now, 2), currency),
                blocks.money(round(row.growth.change, 2), currency),
                grown(row.growth),
            ]
            for row in rows
        ],
        title=title,
        total_count=len(rows),
        empty=_("Nobody."),
    )


# --- the detail for finance and for one partner


def detail(facts: Facts) -> list[Block]:
    """Return spend by charge category beside billed cost, tokens, GPU hours, storage."""
    if facts.usage.is_empty:
        return []
    return [_measures(facts), _categories(facts)]


def _measures(facts: Facts) -> Block:
    columns: list[tuple[str, Align]] = [
        (_("Measure"), "left"),
        (_("Period"), "right"),
        (_("Period before"), "right"),
        (_("28 days"), "right"),
        (_("One year"), "right"),
    ]
    rows = [
        _measure_row(facts, label, name)
        for label, name in (
            (_("Spend (effective cost)"), "spend"),
            (_("of which AI"), "ai"),
            (_("Billed cost"), "billed"),
            (_("Input tokens"), "tokens_in"),
            (_("Output tokens"), "tokens_out"),
            (_("GPU hours"), "gpu_hours"),
        )
    ]
    rows[1:1] = [_constant(facts)]
    rows += [_per_million(facts), _per_active(facts), *_storage(facts)]
    return blocks.table(
        columns, rows, title="", total_count=len(rows), empty=_("Nothing was used.")
    )


def _measure_row(facts: Facts, label: str, name: str) -> list[Value]:
    figures = facts.usage
    total = figures.total(name, figures.period)
    is_money = name in {"spend", "ai", "billed"}
    value = (
        money(total, facts.frame.currency)
        if is_money
        else blocks.large(round(total.value or ZERO, 0))
    )
    return [
        blocks.text(label),
        value,
        _compared(figures.period_growth(name)),
        _compared(figures.four_week_growth(name)),
        _compared(figures.year_growth(name)),
    ]


def _compared(growth: Compared | None) -> Value:
    """Return a growth with the number of days behind it where they are not all."""
    value = grown(growth)
    if growth is not None and 0 < growth.days < growth.length:
        value["days"] = f"{growth.days}/{growth.length}"
    return value


def _per_million(facts: Facts) -> list[Value]:
    """Return the blended cost of a million tokens: AI spend of token meters' days."""
    figures = facts.usage
    ai = figures.total("ai", figures.period)
    tokens = figures.total("tokens", figures.period).value or ZERO
    value = blocks.unknown()
    if ai.value is not None and tokens > 0:
        each = Amount(ai.value / tokens * 1_000_000, ai.rate_on)
        value = money(each, facts.frame.currency)
    blank = blocks.text("")
    return [blocks.text(_("AI spend per million tokens")), value, blank, blank, blank]


def _constant(facts: Facts) -> list[Value]:
    """Return the growth of spend at one rate for all days: exchange rates left out."""
    figures = facts.usage
    return [
        blocks.text(_("at constant exchange rates")),
        money(figures.total("constant", figures.period), facts.frame.currency),
        _compared(figures.period_growth("constant")),
        _compared(figures.four_week_growth("constant")),
        _compared(figures.year_growth("constant")),
    ]


def _per_active(facts: Facts) -> list[Value]:
    """Return the tokens of the period per active AI partner."""
    active = sum(each.is_active() for each in facts.partners.values())
    tokens = facts.usage.total("tokens", facts.usage.period).value or ZERO
    value = blocks.large(round(tokens / active, 0)) if active else blocks.unknown()
    value["n"] = active
    blank = blocks.text("")
    return [blocks.text(_("Tokens per active AI partner")), value, blank, blank, blank]


def _storage(facts: Facts) -> list[list[Value]]:
    """Return the mean of the period, and what is stored more at its end than before."""
    frame = facts.frame

    def stored(since: date, until: date) -> Decimal:
        scope = Scope(partner_ids=frame.partner_ids)
        return usage.storage_mean(scope, since=since, until=until) / 1000

    start = frame.first - frame.length * DAY
    now, before = stored(frame.first, frame.after), stored(start, frame.first)
    more = stored(frame.after - DAY, frame.after) - stored(
        frame.first - DAY, frame.first
    )
    blank = blocks.text("")
    return [
        [
            blocks.text(_("Storage, mean TB")),
            blocks.number(round(now, 2)),
            blocks.growth(now, before),
            blank,
            blank,
        ],
        [
            blocks.text(_("Storage, change in TB to the end")),
            blocks.number(round(more, 2)),
            blank,
            blank,
            blank,
        ],
    ]


def _categories(facts: Facts) -> Block:
    points = usage.daily_usage(
        Scope(partner_ids=facts.frame.partner_ids),
        since=facts.frame.first,
        until=facts.frame.after,
        by=Dimension.CHARGE_CATEGORY,
        charge_categories=SHOWN_CATEGORIES,
    )
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for point in points:
        both = sums.setdefault((point.key, point.currency), [ZERO, ZERO])
        both[0] += point.effective
        both[1] += point.billed
    columns: list[tuple[str, Align]] = [
        (_("Charge category"), "left"),
        (_("Effective cost"), "right"),
        (_("Billed cost"), "right"),
    ]
    rows = [
        [
            blocks.text(category_name(category)),
            blocks.money(round(effective, 2), currency),
            blocks.money(round(billed, 2), currency),
        ]
        for (category, currency), (effective, billed) in sorted(sums.items())
    ]
    return blocks.table(
        columns,
        rows,
        title=_("By charge category, in the currency billed"),
        total_count=len(rows),
        empty=_("Nothing was charged."),
    )


def category_name(category: str) -> str:
    """Return a charge category of FOCUS in words."""
    names = {
        "Usage": _("Usage"),
        "Adjustment": _("Adjustment"),
        "Credit": _("Credit"),
        "Purchase": _("Purchase (not spend)"),
        "Tax": _("Tax (not spend)"),
    }
    return names.get(category, category)
