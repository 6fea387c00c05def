"""The at-risk list: letter, number that tripped it, owner, next step, weeks."""

from django.utils.translation import gettext as _

from crm.figures import blocks, links
from crm.figures.blocks import Align, Block, Value
from crm.figures.facts import Facts
from crm.watch.queries.at_risk import AtRisk

MOST_ROWS = 100


def at_risk(facts: Facts) -> list[Block]:
    """Return the cooperations at risk, the longest first."""
    if not facts.frame.partner_ids:
        return []
    rows = facts.risks.rows
    columns: list[tuple[str, Align]] = [
        (_("Cooperation"), "left"),
        (_("Rule and number"), "left"),
        (_("Owner"), "left"),
        (_("Next step"), "left"),
        (_("Due"), "right"),
        (_("Weeks"), "right"),
        (_("Spend × 13"), "right"),
    ]
    return [
        blocks.table(
            columns,
            [_row(row) for row in rows[:MOST_ROWS]],
            title="",
            total_count=len(rows),
            empty=_("No cooperation is at risk."),
        )
    ]


def _row(row: AtRisk) -> list[Value]:
    cooperation = row.cooperation
    due = cooperation.next_step_due_on
    return [
        blocks.text(
            f"{cooperation.partner.display_name}: {cooperation.title}",
            url=links.cooperation(cooperation.pk),
        ),
        blocks.text("; ".join(f"({r.letter}) {r.words}" for r in row.reasons)),
        blocks.text(str(cooperation.owner or "")),
        blocks.text(cooperation.next_step),
        blocks.text("") if due is None else blocks.day(due),
        blocks.count(max(row.weeks, 1)),
        blocks.unknown()
        if row.spend is None
        else blocks.money(round(row.spend[0], 2), row.spend[1]),
    ]
