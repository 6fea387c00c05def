"""Commitments by pace: the furthest behind first, with what is projected."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from deals.queries.commitments import CommitmentStanding

MOST_ROWS = 100


def commitments(facts: Facts) -> list[Block]:
    """Return the active commitments with drawn share, pace and projection."""
    found = facts.promises
    if not found.rows:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("Commitment"), "left"),
        (_("Committed"), "right"),
        (_("Drawn"), "right"),
        (_("Planned"), "right"),
        (_("Pace"), "right"),
        (_("Projected shortfall"), "right"),
        (_("Ends"), "right"),
    ]
    table = blocks.table(
        columns,
        [_row(row) for row in found.rows[:MOST_ROWS]],
        title="",
        total_count=len(found.rows),
        empty="",
    )
    return [table, blocks.figures(_figures(facts))]


def _row(row: CommitmentStanding) -> list[Value]:
    commitment, standing = row.commitment, row.arithmetic
    index = standing.pace_index
    return [
        blocks.text(commitment.partner.display_name),
        blocks.text(
            commitment.title,
            url=links.page("admin:deals_commitment_change", commitment.pk),
        ),
        _quantity(row, row.promise.terms.amount),
        blocks.ratio(round(standing.attainment, 6)),
        blocks.ratio(round(standing.planned_share, 6)),
        blocks.text(str(standing.pace.label))
        if index is None
        else blocks.text(f"{index:.2f} · {standing.pace.label}"),
        _quantity(row, standing.projected_shortfall),
        blocks.day(commitment.end_on),
    ]


def _quantity(row: CommitmentStanding, amount: Decimal) -> Value:
    """Return an amount in the commitment's own currency or unit."""
    if row.commitment.currency:
        return blocks.money(round(amount, 2), row.commitment.currency)
    return blocks.large(round(amount, 0))


def _figures(facts: Facts) -> list[Figure]:
    found, currency = facts.promises, facts.frame.currency
    if found.missing:
        return [
            Figure(
                label=_("Committed in all"), value=blocks.unknown(), note=found.missing
            )
        ]
    amounts = (
        (_("Committed in all"), found.amount),
        (_("Not drawn yet"), found.backlog),
        (_("Projected shortfall"), found.shortfall),
    )
    return [
        Figure(
            label=label,
            value=blocks.money(round(amount, 2), currency, rate_on=found.rate_on),
            note=_("n = %(count)d in money") % {"count": found.money_count},
        )
        for label, amount in amounts
    ]
