"""Where a cooperation stands, as its page shows it: the ladder, its clock, its gates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm.accounts.models import User
from partners import stages
from partners.models import Cooperation, StageDefinition, StageTransition
from partners.queries.ladder import Gate, gates_of
from partners.stages import Pace, StageType


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One stage of the ladder, seen from one cooperation."""

    stage: StageDefinition
    is_current: bool
    is_behind: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """All that the head of a cooperation's page says."""

    rungs: Sequence[Rung]
    days: int
    expected_days: int | None
    pace: Pace
    gates: Sequence[Gate]
    next_gate: Gate | None
    other_gates: Sequence[Gate]
    stays: Sequence[StageTransition]


def standing_of(*, cooperation: Cooperation, by: User, at: datetime) -> Standing:
    """Return where a cooperation stands now; about ten queries whatever its history.

    :param cooperation: loaded `with_stage`.
    :param by: the person who looks; their approvals count as given by moving.
    """
    stays = list(
        cooperation.transitions.select_related("to_stage", "by")
        .prefetch_related("holds")
        .order_by("-entered_at", "-pk")
    )
    expected = cooperation.stage.expected_days
    days = _time_in_stage(stays[0], at) / stages.DAY
    gates = gates_of(cooperation=cooperation, by=by, at=at)
    forward = next((g for g in gates if g.rule.kind == stages.MoveKind.ADVANCE), None)
    return Standing(
        rungs=_rungs(cooperation),
        days=int(days),
        expected_days=expected,
        pace=stages.pace_of(days=days, expected_days=expected),
        gates=gates,
        next_gate=forward,
        other_gates=[gate for gate in gates if gate is not forward],
        stays=stays,
    )


def _time_in_stage(stay: StageTransition, at: datetime) -> timedelta:
    until = stay.exited_at or at
    held = sum(
        (
            stages.overlap(
                began_at=hold.began_at,
                ended_at=hold.ended_at,
                start=stay.entered_at,
                end=until,
            )
            for hold in stay.holds.all()
        ),
        timedelta(),
    )
    return stages.time_in_stage(entered_at=stay.entered_at, until=until, held=held)


def _rungs(cooperation: Cooperation) -> list[Rung]:
    current = cooperation.stage
    ladder = StageDefinition.objects.filter(stage_type=StageType.OPEN).order_by("order")
    rungs = [
        Rung(
            stage=stage,
            is_current=stage.pk == current.pk,
            is_behind=stage.order < current.order
            and current.stage_type == StageType.OPEN,
        )
        for stage in ladder
    ]
    if current.stage_type != StageType.OPEN:
        rungs.append(Rung(stage=current, is_current=True, is_behind=False))
    return rungs
