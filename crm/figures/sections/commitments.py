"""Commitments by pace: the furthest behind first, with what is projected."""

from decimal import Decimal

from django.utils.translation import gettext as _

from crm.figures import blocks, links
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from deals.commitments import CommitmentKind
from deals.queries.commitments import CommitmentStanding

MOST_ROWS = 100


def commitments(facts: Facts) -> list[Block]:
    """Return the active commitments with drawn share, pace and projection."""
    found = facts.promises
    if not found.rows:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Commitment"), "left"),
        (_("Committed"), "right"),
        (_("Drawn"), "right"),
        (_("Planned"), "right"),
        (_("Time"), "right"),
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
    told = [table, blocks.figures(_figures(facts)), projection(facts)]
    return [*told, *reservations(facts)]


def projection(facts: Facts) -> Block:
    """Return where each commitment is heading: run rate, exhaustion, next milestone."""
    rows = facts.promises.rows
    columns: list[tuple[str, Align]] = [
        (_("Commitment"), "left"),
        (_("Run rate a day"), "right"),
        (_("Projected in all"), "right"),
        (_("Used up on"), "right"),
        (_("Next milestone"), "right"),
        (_("Gap to it"), "right"),
    ]
    return blocks.table(
        columns,
        [_projected(row) for row in rows[:MOST_ROWS]],
        title=_("Projection from the run rate of 28 days"),
        total_count=len(rows),
        empty="",
    )


def _projected(row: CommitmentStanding) -> list[Value]:
    standing, milestone = row.arithmetic, row.arithmetic.next_milestone
    gap, used_up = standing.next_milestone_gap, standing.exhaustion_on
    blank = blocks.text("")
    return [
        named(row),
        _quantity(row, standing.run_rate),
        _quantity(row, standing.projected_total),
        blank if used_up is None else blocks.day(used_up),
        blank if milestone is None else blocks.day(milestone.due_on),
        blank if gap is None else _quantity(row, gap),
    ]


def reservations(facts: Facts) -> list[Block]:
    """Return GPU hours used of those reserved, by reservation; nothing without any."""
    reserved = [
        row
        for row in facts.promises.rows
        if row.commitment.kind == CommitmentKind.GPU_RESERVATION
    ]
    if not reserved:
        return []
    columns: list[tuple[str, Align]] = [
        (_("Reservation"), "left"),
        (_("Reserved hours a day"), "right"),
        (_("Used hours a day"), "right"),
        (_("Utilisation"), "right"),
    ]
    return [
        blocks.table(
            columns,
            [_reserved(row) for row in reserved[:MOST_ROWS]],
            title=_("GPU hours used ÷ reserved, 28 days"),
            total_count=len(reserved),
            empty="",
        )
    ]


def _reserved(row: CommitmentStanding) -> list[Value]:
    terms, used = row.promise.terms, row.arithmetic.run_rate
    a_day = terms.amount / (terms.end_on - terms.start_on).days
    return [
        named(row),
        blocks.number(round(a_day, 1)),
        blocks.number(round(used, 1)),
        blocks.ratio(round(used / a_day, 6)),
    ]


def _row(row: CommitmentStanding) -> list[Value]:
    commitment, standing = row.commitment, row.arithmetic
    index = standing.pace_index
    return [
        named(row),
        _quantity(row, row.promise.terms.amount),
        blocks.ratio(round(standing.attainment, 6)),
        blocks.ratio(round(standing.planned_share, 6)),
        blocks.ratio(round(standing.time_elapsed, 6)),
        blocks.text(str(standing.pace.label))
        if index is None
        else blocks.text(f"{index:.2f} · {standing.pace.label}"),
        _quantity(row, standing.projected_shortfall),
        blocks.day(commitment.end_on),
    ]


def named(row: CommitmentStanding) -> Value:
    """Return whose commitment it is, with a link to it."""
    commitment = row.commitment
    return blocks.text(
        f"{commitment.partner.display_name}: {commitment.title}",
        url=links.page("admin:deals_commitment_change", commitment.pk),
    )


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
        (_("Due within twelve months"), found.due_soon),
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
