"""Where a cooperation stands, as its page shows it: the ladder, its clock, its gates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from crm.accounts.models import User
from partners import stages
from partners.governance import Governance
from partners.models import (
    ActionItem,
    BusinessReview,
    Cooperation,
    Hold,
    Proposal,
    Side,
    StageDefinition,
    StageTransition,
)
from partners.models.cooperation import CooperationQuerySet
from partners.queries.ladder import Gate, gates_of
from partners.queries.pace import rest
from partners.queries.steering import governance_of
from partners.stages import Pace, StageType

PLAN_SHOWN = 40


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
    """Return where a cooperation stands now; a fixed number of queries.

    :param cooperation: loaded `with_stage`.
    :param by: the person who looks; their approvals count as given by moving.
    """
    stays = list(
        cooperation.transitions.select_related("to_stage", "by")
        .annotate(held=rest(Hold.objects.filter(stay=OuterRef("pk")), at=at))
        .order_by("-entered_at", "-pk")
    )
    expected = cooperation.stage.expected_days
    stay = stays[0]
    spent = stages.time_in_stage(
        entered_at=stay.entered_at, until=stay.exited_at or at, held=stay.held
    )
    days = spent / stages.DAY
    gates = gates_of(cooperation=cooperation, by=by, at=at, stay=stay)
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


@dataclass(frozen=True, kw_only=True)
class Together:
    """How both sides work on it: proposals, the action plan by side, governance."""

    proposals: Sequence[Proposal]
    plan: Sequence[tuple[Side, Sequence[ActionItem]]]
    governance: Governance
    next_review_on: date | None


def with_next_review(cooperations: CooperationQuerySet) -> QuerySet[Any]:
    """Annotate `next_review_on`, as the latest business review says."""
    latest = (
        BusinessReview.objects.filter(partner_id=OuterRef("partner_id"))
        .filter(Q(cooperation_id=OuterRef("pk")) | Q(cooperation_id=None))
        .order_by("-held_on", "-pk")
        .values("next_due_on")[:1]
    )
    return cooperations.annotate(next_review_on=Subquery(latest))


def together_of(cooperation: Any, *, at: datetime) -> Together:
    """Return what is open between both sides; three queries whatever its history.

    :param cooperation: loaded with its partner and `with_next_review`.
    """
    items = list(
        ActionItem.objects.outstanding()
        .filter(Q(cooperation=cooperation) | Q(cooperation=None))
        .filter(partner=cooperation.partner_id)
        .select_related("owner", "contact")
        .order_by("due_on", "pk")[:PLAN_SHOWN]
    )
    return Together(
        proposals=list(
            cooperation.proposals.filter(state=Proposal.State.OPEN)
            .select_related("to_stage")
            .order_by("-proposed_at")
        ),
        plan=[(side, [each for each in items if each.side == side]) for side in Side],
        governance=governance_of(cooperation, at=at),
        next_review_on=cooperation.next_review_on,
    )


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
