"""The pipeline of deals: forecast of the quarter with coverage, win rate and slippage."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links, words
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.pipeline import Pipeline
from crm.figures.sections.cooperations import share


def forecast(facts: Facts) -> list[Block]:
    """Return the cumulative forecast of the quarter and what stands behind it."""
    found = facts.pipeline
    if not found.lines:
        return []
    return [_roll_up(facts, found), blocks.figures(_figures(facts, found))]


def _roll_up(facts: Facts, found: Pipeline) -> Block:
    rolled = found.roll_up()
    columns: list[tuple[str, Align]] = [
        (_("Forecast for %(quarter)s") % {"quarter": found.quarter}, "left"),
        (_("Amount"), "right"),
        (_("Deals"), "right"),
    ]
    lines: list[tuple[str, Decimal | None, int | None]] = [
        (_("Closed, won"), rolled.closed if rolled else None, len(found.won)),
        (_("Commit (with closed)"), rolled.commit if rolled else None, None),
        (_("Best case (with commit)"), rolled.best_case if rolled else None, None),
        (_("Pipeline (with best case)"), rolled.pipeline if rolled else None, None),
        (
            _("Weighted, open deals only"),
            rolled.weighted if rolled else None,
            len(found.closing),
        ),
        (_("Open pipeline, any date"), found.amount(found.open), len(found.open)),
        (_("Expected monthly spend × 12"), found.annualised(), len(found.open)),
    ]
    rows = [
        [
            blocks.text(label),
            in_currency(facts, found, amount),
            blocks.text("") if count is None else blocks.count(count),
        ]
        for label, amount, count in lines
    ]
    return blocks.table(
        columns, rows, title=found.missing, total_count=len(found.lines), empty=""
    )


def in_currency(facts: Facts, found: Pipeline, amount: Decimal | None) -> Value:
    """Return an amount of deals with the day of its rate; unknown without a rate."""
    if amount is None:
        return blocks.unknown()
    return blocks.money(round(amount, 2), facts.frame.currency, rate_on=found.rate_on)


def _figures(facts: Facts, found: Pipeline) -> list[Figure]:
    won, lost = found.win_counts()
    by_value = found.win_rate_by_value()
    rate = found.win_rate()
    cycle = found.cycle()
    return [
        Figure(
            label=_("Win rate"),
            value=share(won, won + lost),
            note=_("decided in four quarters, qualified before"),
            url=links.page("admin:deals_deal_changelist"),
        ),
        Figure(
            label=_("Win rate by value"),
            value=blocks.ratio(None if by_value is None else round(by_value, 6)),
        ),
        Figure(
            label=_("Needed coverage"),
            value=blocks.unknown() if not rate else blocks.number(round(1 / rate, 1)),
            note=_("1 ÷ win rate"),
        ),
        Figure(
            label=_("Sales velocity a day"),
            value=in_currency(facts, found, found.velocity()),
            note=""
            if cycle.days is None
            else _("cycle of %(days)d days, n = %(count)d")
            % {"days": round(cycle.days), "count": cycle.n},
        ),
        Figure(
            label=_("Slipped out of the quarter"),
            value=blocks.count(len(found.slipped)),
            note=_slipped_note(facts, found),
        ),
    ]


def _slipped_note(facts: Facts, found: Pipeline) -> str:
    amount = found.amount(found.slipped)
    if not found.slipped or amount is None:
        return _("since the week before")
    return words.amount(amount, facts.frame.currency, facts.frame.language)
