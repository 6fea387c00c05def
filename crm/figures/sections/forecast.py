"""The pipeline of deals: forecast of the quarter with coverage, win rate and slippage."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links, words
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.pipeline import Pipeline
from crm.figures.sections.cooperations import share
from deals.queries.track_record import push_counts


def forecast(facts: Facts) -> list[Block]:
    """Return the cumulative forecast of the quarter and what stands behind it."""
    found = facts.pipeline
    if not found.lines:
        return []
    told = [_roll_up(facts, found), blocks.figures(_figures(facts, found))]
    return [*told, *_slipped(facts, found)]


def _slipped(facts: Facts, found: Pipeline) -> list[Block]:
    """Return what slipped out of the quarter, with how often each deal was pushed."""
    if not found.slipped:
        return []
    pushes = push_counts([line.pk for line in found.slipped])
    columns: list[tuple[str, Align]] = [
        (_("Slipped deal"), "left"),
        (_("Amount"), "right"),
        (_("Closes now"), "right"),
        (_("Pushed so often"), "right"),
    ]
    rows = [
        [
            blocks.text(line.title, url=links.page("admin:deals_deal_change", line.pk)),
            in_currency(facts, found, line.amount),
            blocks.text("")
            if line.target_close_on is None
            else blocks.day(line.target_close_on),
            blocks.count(pushes.get(line.pk, 0)),
        ]
        for line in found.slipped
    ]
    return [blocks.table(columns, rows, title="", total_count=len(rows), empty="")]


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
        columns, rows, title=found.missing, total_count=len(rows), empty=""
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
        _coverage(facts, found),
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


def _coverage(facts: Facts, found: Pipeline) -> Figure:
    """Return how often the qualified pipeline has what the target still lacks."""
    figure = Figure(label=_("Pipeline coverage"), value=blocks.unknown())
    goal = facts.targets.won
    if goal is None:
        return Figure(**figure, note=_("no target is set"))
    note = _("qualified, closing in the quarter ÷ (target − won)")
    covered = found.coverage(goal.amount)
    if covered is not None:
        figure["value"] = blocks.number(round(covered, 2))
    elif not found.missing:
        figure["value"] = blocks.text(_("target met"))
    figure["target"] = blocks.money(
        round(goal.amount, 2), facts.frame.currency, rate_on=goal.rate_on
    )
    return Figure(**figure, note=found.missing or note)


def _slipped_note(facts: Facts, found: Pipeline) -> str:
    amount = found.amount(found.slipped)
    if not found.slipped or amount is None:
        return _("since the week before")
    return words.amount(amount, facts.frame.currency, facts.frame.language)
