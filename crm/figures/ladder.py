"""Facts of partners and cooperations: where they stand, what moved, what is next."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from crm.core import bulk
from crm.figures.frame import DAY, Frame
from crm.figures.tempo import Rate, Tempo, between
from crm.journal.models import Event
from partners.models import (
    Cooperation,
    GateCheck,
    Partner,
    Poc,
    Proposal,
    StageDefinition,
    StageTransition,
)
from partners.queries import StageStatistics, stage_statistics
from partners.stages import MoveKind, Stage, StageType

FORWARD = (MoveKind.ADVANCE, MoveKind.SKIP)
CLOSED = (MoveKind.COMPLETE, MoveKind.TERMINATE)
PAPER = (Stage.MOU, Stage.STRATEGIC_AGREEMENT)
TRAILING = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What moved in a period, in order."""

    rows: Sequence[StageTransition]

    @property
    def advanced(self) -> int:
        return sum(row.kind in FORWARD for row in self.rows)

    @property
    def regressed(self) -> int:
        return sum(row.kind == MoveKind.REGRESS for row in self.rows)

    @property
    def closed(self) -> int:
        return sum(row.kind in CLOSED for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """Open cooperations per stage at the end and at the beginning of a period."""

    stages: Sequence[StageDefinition]
    now: Mapping[str, int]
    earlier: Mapping[str, int]

    @property
    def open(self) -> int:
        return sum(self.now.values())

    @property
    def open_earlier(self) -> int:
        return sum(self.earlier.values())


def funnel(frame: Frame) -> Funnel:
    """Return how many cooperations are in each open stage; one query."""
    stages: list[Any] = list(
        StageDefinition.objects.filter(stage_type=StageType.OPEN)
        .annotate(
            at_end=Coalesce(Subquery(_stays(frame, frame.cut_off)), 0),
            at_start=Coalesce(Subquery(_stays(frame, frame.starts_at)), 0),
        )
        .order_by("order")
    )
    return Funnel(
        stages=stages,
        now={stage.code: stage.at_end for stage in stages},
        earlier={stage.code: stage.at_start for stage in stages},
    )


def _stays(frame: Frame, at: datetime) -> QuerySet[Any]:
    """Return how many stays there were in a stage at an instant, for a subquery."""
    return (
        StageTransition.objects.filter(
            Q(exited_at__isnull=True) | Q(exited_at__gt=at),
            cooperation__partner_id__in=frame.partner_ids,
            to_stage=OuterRef("code"),
            entered_at__lt=at,
        )
        .order_by()
        .values("to_stage")
        .annotate(count=Count("pk"))
        .values("count")
    )


@dataclass(frozen=True, kw_only=True)
class Transitions:
    """All that moved and began in a period, and what moved in the one before."""

    moves: Moves
    before: Moves
    begun: Sequence[StageTransition]


def transitions(frame: Frame) -> Transitions:
    """Read the moves of both periods with the gate checks; two queries."""
    checks = GateCheck.objects.select_related("criterion").order_by("pk")
    rows = list(
        StageTransition.objects.filter(
            cooperation__partner_id__in=frame.partner_ids,
            entered_at__gte=frame.before().starts_at,
            entered_at__lt=frame.cut_off,
        )
        .select_related("cooperation__partner", "from_stage", "to_stage", "by")
        .prefetch_related(Prefetch("gate_results", queryset=checks, to_attr="looked"))
        .order_by("entered_at", "pk")
    )
    moved = [row for row in rows if row.kind != MoveKind.START]
    return Transitions(
        moves=Moves(rows=[r for r in moved if r.entered_at >= frame.starts_at]),
        before=Moves(rows=[r for r in moved if r.entered_at < frame.starts_at]),
        begun=[
            row
            for row in rows
            if row.kind == MoveKind.START and row.entered_at >= frame.starts_at
        ],
    )


def new_partners(frame: Frame) -> list[Partner]:
    """Return the partners that were registered in the period, as the journal says."""
    # A row is never older than its entry in the journal, which has no index by time.
    young = Partner.objects.filter(
        pk__in=frame.partner_ids, created_at__gte=frame.starts_at - DAY
    )
    registered = Event.objects.filter(
        kind="partner.registered",
        partner_id__in=young.values("pk"),
        at__gte=frame.starts_at,
        at__lt=frame.cut_off,
    )
    return list(
        Partner.objects.filter(pk__in=registered.values("partner_id")).order_by(
            "display_name", "pk"
        )
    )


def statistics(frame: Frame) -> list[StageStatistics]:
    """Return days in stage and conversion of each stage; two queries."""
    ids = bulk.these(frame.partner_ids, BigIntegerField())
    seen = Cooperation.objects.filter(partner_id__in=ids)
    return stage_statistics(seen, at=frame.cut_off)


@dataclass(frozen=True, kw_only=True)
class Climbing:
    """How fast cooperations come to production, and how many that signed have.

    :ivar to_production: days from first contact, of those that came to production in
        the trailing twelve months; `steps` the same per pair of neighbouring stages.
    :ivar paper: of those that signed an MoU or agreement 6 to 18 months ago, those in
        production or later now.
    """

    to_production: Tempo
    steps: Sequence[tuple[StageDefinition, StageDefinition, Tempo]]
    paper: Rate


def climbing(frame: Frame, ladder: Sequence[StageDefinition]) -> Climbing:
    """Return the speed of the climb; one query, one row per stage that was reached."""
    rows = (
        StageTransition.objects.filter(
            cooperation__partner_id__in=frame.partner_ids,
            entered_at__lt=frame.cut_off,
            to_stage__stage_type=StageType.OPEN,
        )
        .values("cooperation_id", "to_stage_id", "cooperation__stage__order")
        .annotate(first=Min("entered_at"))
        .order_by("cooperation_id")
    )
    climbs: dict[int, dict[str, date]] = defaultdict(dict)
    reached: dict[int, int] = {}
    for row in rows:
        day = row["first"].astimezone(frame.zone).date()
        climbs[row["cooperation_id"]][str(row["to_stage_id"])] = day
        reached[row["cooperation_id"]] = row["cooperation__stage__order"]
    since = (frame.cut_off - TRAILING).astimezone(frame.zone).date()
    every = list(climbs.values())
    return Climbing(
        to_production=between(
            every, start=Stage.FIRST_CONTACT, end=Stage.PRODUCTION, since=since
        ),
        steps=[
            (one, other, between(every, start=one.code, end=other.code, since=since))
            for one, other in itertools.pairwise(ladder)
        ],
        paper=_paper(climbs, reached, ladder, frame),
    )


def _paper(
    climbs: Mapping[int, Mapping[str, date]],
    reached: Mapping[int, int],
    ladder: Sequence[StageDefinition],
    frame: Frame,
) -> Rate:
    earliest, latest = frame.after - 548 * DAY, frame.after - 183 * DAY
    goal = next((s.order for s in ladder if s.code == Stage.PRODUCTION), None)
    signed = [
        pk
        for pk, climb in climbs.items()
        if any(earliest <= climb[s] < latest for s in map(str, PAPER) if s in climb)
    ]
    top = max((stage.order for stage in ladder), default=0)
    made = [pk for pk in signed if goal is not None and goal <= reached[pk] <= top]
    return Rate(some=len(made), all=len(signed))


def steps_until(frame: Frame, *, until: date) -> QuerySet[Cooperation]:
    """Return running cooperations whose next step is due before a day, overdue first."""
    return (
        Cooperation.objects.running()
        .filter(partner_id__in=frame.partner_ids, next_step_due_on__lt=until)
        .select_related("partner", "owner", "stage")
        .order_by("next_step_due_on", "pk")
    )


def stage_targets(frame: Frame, *, until: date) -> QuerySet[Cooperation]:
    """Return running cooperations that want their next stage between T and a day."""
    return (
        Cooperation.objects.running()
        .filter(
            Q(target_stage_on__gte=frame.today, target_stage_on__lt=until)
            | Q(production_planned_on__gte=frame.today, production_planned_on__lt=until)
        )
        .filter(partner_id__in=frame.partner_ids)
        .select_related("partner", "owner", "stage")
        .order_by("target_stage_on", "pk")
    )


def proofs_ending(frame: Frame, *, until: date) -> QuerySet[Poc]:
    """Return undecided proofs that are planned to end before a day."""
    return (
        Poc.objects.undecided()
        .filter(cooperation__partner_id__in=frame.partner_ids, planned_end_on__lt=until)
        .select_related("cooperation__partner", "cooperation__owner")
        .order_by("planned_end_on", "pk")
    )


def open_proposals(frame: Frame) -> QuerySet[Proposal]:
    """Return moves that the evidence suggests and nobody decided."""
    return (
        Proposal.objects.filter(
            cooperation__partner_id__in=frame.partner_ids,
            state=Proposal.State.OPEN,
            proposed_at__lt=frame.cut_off,
        )
        .select_related("cooperation__partner", "cooperation__owner", "to_stage")
        .order_by("proposed_at", "pk")
    )
