"""The arithmetic of a commitment as its page shows it: formula, numbers, result."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from deals.commitments import Pace
from deals.eligibility import AI, NOT_AI, CostColumn, Dimension, Rule
from deals.figures import shown
from deals.models import Commitment
from deals.queries.commitments import CommitmentStanding

TONES = {
    Pace.ON_TRACK: "green",
    Pace.AMBER: "amber",
    Pace.RED: "red",
    Pace.EARLY_EXHAUSTION: "amber",
    Pace.UNKNOWN: "unknown",
}


@dataclass(frozen=True, kw_only=True)
class FigureRow:
    """One figure: its name, its formula in words, the same with numbers, the result."""

    name: str
    formula: str
    numbers: str
    result: str


def percent(share: Decimal) -> str:
    return f"{round(share * 100, 1):,f}\u00a0%"


def ratio(number: Decimal) -> str:
    return f"{round(number, 2):,f}"


def day(value: date) -> str:
    return value.isoformat()


def counts_of(rule: Rule, row: Commitment) -> list[str]:
    """Return what counts towards a commitment, one statement a line."""
    lines = [str(CostColumn(row.cost_column).label)] if row.currency else []
    lines += [
        _("only %(what)s") % {"what": _said(*one)} for one in rule.included.items()
    ]
    lines += [
        _("not %(what)s") % {"what": _said(*one)} for one in rule.excluded.items()
    ]
    if not rule.included and not rule.excluded:
        lines.append(_("all usage"))
    charges = {
        _("credits"): rule.counts_credits,
        _("refunds"): rule.counts_refunds,
        _("purchases"): rule.counts_purchases,
    }
    counting = [name for name, counts in charges.items() if counts]
    others = [*(name for name in charges if name not in counting), _("taxes")]
    if counting:
        lines.append(_("these count, too: %(names)s") % {"names": ", ".join(counting)})
    lines.append(_("these do not count: %(names)s") % {"names": ", ".join(others)})
    return lines


def _said(dimension: str, values: Iterable[str]) -> str:
    if dimension == Dimension.AI:
        names = {AI: _("AI usage"), NOT_AI: _("usage other than AI")}
        return ", ".join(str(names.get(value, value)) for value in sorted(values))
    return f"{Dimension(dimension).label}: {', '.join(sorted(values))}"


def figures_of(found: CommitmentStanding) -> list[FigureRow]:
    """Return all figures of the KPI dictionary about a commitment, with their arithmetic."""
    return [*_drawn(found), *_pace(found), *_projection(found)]


def _drawn(found: CommitmentStanding) -> list[FigureRow]:
    one, row = found.arithmetic, found.commitment
    final, rest = shown(found.final, row.measure), shown(found.provisional, row.measure)
    drawn, amount = shown(one.drawn, row.measure), shown(row.amount, row.measure)
    rows = [
        FigureRow(
            name=_("Drawn"),
            formula=_("final + provisional"),
            numbers=f"{final} + {rest}",
            result=drawn,
        ),
        FigureRow(
            name=_("Attainment"),
            formula=_("drawn ÷ amount"),
            numbers=f"{drawn} ÷ {amount}",
            result=percent(one.attainment),
        ),
        FigureRow(
            name=_("Remaining"),
            formula=_("amount − drawn, at least 0"),
            numbers=f"{amount} − {drawn}",
            result=shown(one.remaining, row.measure),
        ),
    ]
    return [*rows, *_beyond(found, drawn=drawn, amount=amount)]


def _beyond(found: CommitmentStanding, *, drawn: str, amount: str) -> list[FigureRow]:
    one, row = found.arithmetic, found.commitment
    rows = []
    if one.overage:
        rows.append(
            FigureRow(
                name=_("Overage"),
                formula=_("drawn − amount"),
                numbers=f"{drawn} − {amount}",
                result=shown(one.overage, row.measure),
            )
        )
    if found.expired:
        rows.append(
            FigureRow(
                name=_("Lost"),
                formula=_("not used in intervals that are over"),
                numbers="",
                result=shown(found.expired, row.measure),
            )
        )
    return rows


def _pace(found: CommitmentStanding) -> list[FigureRow]:
    one, row = found.arithmetic, found.commitment
    passed = min(
        max((one.as_of - row.start_on).days, 0), (row.end_on - row.start_on).days
    )
    index = _("nothing is planned yet")
    numbers = ""
    if one.pace_index is not None:
        index = ratio(one.pace_index)
        numbers = f"{percent(one.attainment)} ÷ {percent(one.planned_share)}"
    return [
        FigureRow(
            name=_("Time elapsed"),
            formula=_("days passed ÷ days of the term"),
            numbers=f"{passed} ÷ {(row.end_on - row.start_on).days}",
            result=percent(one.time_elapsed),
        ),
        FigureRow(
            name=_("Planned"),
            formula=(
                _("linear between milestones")
                if found.promise.milestones
                else _("the time elapsed, as there are no milestones")
            ),
            numbers="",
            result=percent(one.planned_share),
        ),
        FigureRow(
            name=_("Pace index"),
            formula=_("attainment ÷ planned"),
            numbers=numbers,
            result=index,
        ),
    ]


def _projection(found: CommitmentStanding) -> list[FigureRow]:
    one, row = found.arithmetic, found.commitment
    drawn, rate = shown(one.drawn, row.measure), shown(one.run_rate, row.measure)
    amount, total = (
        shown(row.amount, row.measure),
        shown(one.projected_total, row.measure),
    )
    since, until = found.window_on
    rows = [
        FigureRow(
            name=_("Run rate a day"),
            formula=_("drawn in the latest complete days ÷ these days"),
            numbers=f"{shown(found.window.total, row.measure)} ÷ {found.window.days} "
            f"({day(since)} – {day(until)})",
            result=rate,
        ),
        FigureRow(
            name=_("Projected total"),
            formula=_("drawn + run rate × days left"),
            numbers=f"{drawn} + {rate} × {one.days_left}",
            result=total,
        ),
        FigureRow(
            name=_("Projected shortfall"),
            formula=_("amount − projected total, at least 0"),
            numbers=f"{amount} − {total}",
            result=shown(one.projected_shortfall, row.measure),
        ),
        FigureRow(
            name=_("Used up on"),
            formula=_("as of + remaining ÷ run rate"),
            numbers=f"{day(one.as_of)} + {shown(one.remaining, row.measure)} ÷ {rate}",
            result=day(one.exhaustion_on)
            if one.exhaustion_on
            else _("never at this rate"),
        ),
    ]
    return [*rows, *_gap(found, drawn=drawn, rate=rate)]


def _gap(found: CommitmentStanding, *, drawn: str, rate: str) -> list[FigureRow]:
    one, row = found.arithmetic, found.commitment
    if one.next_milestone is None or one.next_milestone_gap is None:
        return []
    step = one.next_milestone
    return [
        FigureRow(
            name=_("Gap to the next milestone, %(day)s") % {"day": day(step.due_on)},
            formula=_("target − (drawn + run rate × days to it)"),
            numbers=f"{shown(step.target, row.measure)} − ({drawn} + {rate} × "
            f"{(step.due_on - one.as_of).days})",
            result=shown(one.next_milestone_gap, row.measure),
        )
    ]
