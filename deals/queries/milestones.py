"""What became of the milestones of a commitment, and what is to be expected of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from deals import commitments
from deals.commitments import Milestone, MilestoneState
from deals.models import DrawdownEntry, EntryKind
from deals.queries.commitments import CommitmentStanding

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class MilestoneLine:
    """One milestone: its target, what is drawn for it, and what it lacks.

    :ivar drawn: before its day; as of now while that is ahead.
    :ivar gap: what lacks: on its day, at today's run rate while that is ahead; below
        zero for what is more than asked for.
    :ivar shortfall: what the ledger says that it lacked, beyond what earlier ones lacked.
    """

    due_on: date
    target: Decimal
    state: MilestoneState
    drawn: Decimal
    gap: Decimal
    shortfall: Decimal = ZERO


def milestone_lines(
    found: CommitmentStanding, entries: Sequence[DrawdownEntry]
) -> list[MilestoneLine]:
    """Return the milestones in their order; no query.

    :param entries: the whole ledger of the commitment.
    """
    undone = {entry.reversal_of_id for entry in entries}
    judged = {
        entry.period_on: entry
        for entry in entries
        if entry.kind == EntryKind.MILESTONE and entry.pk not in undone
    }
    return [
        _line(found, milestone, judged.get(milestone.due_on), entries)
        for milestone in found.promise.milestones
    ]


def _line(
    found: CommitmentStanding,
    milestone: Milestone,
    judged: DrawdownEntry | None,
    entries: Sequence[DrawdownEntry],
) -> MilestoneLine:
    one = found.arithmetic
    if judged is not None:
        drawn = _drawn_before(milestone.due_on, entries)
        state = MilestoneState.MISSED if judged.shortfall else MilestoneState.REACHED
        gap = milestone.target - drawn
    else:
        drawn = one.drawn
        is_ahead = milestone.due_on > one.as_of
        state = MilestoneState.AHEAD if is_ahead else MilestoneState.WAITING
        gap = commitments.gap(
            milestone, as_of=one.as_of, drawn=drawn, rate=one.run_rate
        )
    return MilestoneLine(
        due_on=milestone.due_on,
        target=milestone.target,
        state=state,
        drawn=drawn,
        gap=gap,
        shortfall=judged.shortfall if judged else ZERO,
    )


def _drawn_before(day: date, entries: Sequence[DrawdownEntry]) -> Decimal:
    """Return what usage of closed months drew before a day, overage included."""
    return sum(
        (
            entry.amount + entry.overage
            for entry in entries
            if entry.delivery_id is not None
            and entry.period_on is not None
            and entry.period_on < day
        ),
        ZERO,
    )
