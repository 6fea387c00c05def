"""Governance: points of four per cooperation, late promises of both sides, what lacks."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links, words
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.sections.cooperations import share
from crm.figures.steering import POINTS, Steered, shown_late

MOST_ROWS = 60


def governance(facts: Facts) -> list[Block]:
    """Return the governance score of the portfolio and the cooperations that lack points."""
    found = facts.steering
    if not found.rows:
        return []
    figures = [
        Figure(
            label=_("Governance score, mean of four points"),
            value=_mean(found.score, len(found.rows)),
            note=_("sponsors named, executives met, business reviewed, promises kept"),
        ),
        Figure(
            label=_("Cooperations with all four"),
            value=share(found.full, len(found.rows)),
        ),
        Figure(
            label=_("Meetings overdue by their rhythm"),
            value=blocks.count(found.late_meetings),
        ),
    ]
    return [blocks.figures(figures), _lacking(facts)]


def _mean(points: int, count: int) -> Value:
    made = blocks.number(round(Decimal(points) / count, 2))
    made["n"] = count
    return made


def _lacking(facts: Facts) -> Block:
    lacking = facts.steering.lacking
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("Cooperation"), "left"),
        (_("Points"), "right"),
        (_("What is lacking"), "left"),
        (_("Ours late"), "right"),
        (_("Theirs late"), "right"),
    ]
    return blocks.table(
        columns,
        [_row(row) for row in lacking[:MOST_ROWS]],
        title=_("Governance to mend, the weakest first"),
        total_count=len(lacking),
        empty=_("Every cooperation has all four points."),
    )


def _row(row: Steered) -> list[Value]:
    cooperation, judged = row.cooperation, row.governance
    return [
        blocks.text(cooperation.partner.display_name),
        blocks.text(cooperation.title, url=links.cooperation(cooperation.pk)),
        blocks.text(f"{judged.score} / {POINTS}"),
        blocks.text(words.names(str(point.label) for point in judged.lost)),
        blocks.text(shown_late(judged.ours)),
        blocks.text(shown_late(judged.theirs)),
    ]
