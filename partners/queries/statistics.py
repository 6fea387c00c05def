"""Statistics of the ladder, computed in the database (DOMAIN 4.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from partners.models import Cooperation, StageDefinition, StageTransition
from partners.models.cooperation import CooperationQuerySet
from partners.stages import DAY, MoveKind, StageType

WINDOW = timedelta(days=365)
"""Trailing time in which stays are counted, and cohorts gathered."""


class Percentile(Aggregate):
    """The value below which a fraction of the rows lies, between rows interpolated."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()

    def __init__(self, expression: Any, *, fraction: float, **extra: Any) -> None:
        super().__init__(expression, fraction=f"{fraction:.4f}", **extra)


@dataclass(frozen=True)
class StageStatistics:
    """How one stage goes: stays completed in the window, and how many went on.

    :ivar running: cooperations in the stage now; on_hold are those of them that rest.
    :ivar completed: stays that ended in the trailing window; median and 85th percentile
        of their days (without holds) are None without any.
    :ivar entered: cooperations that entered in the cohort window, which ends twice the
        expected days before `at`; reached are those that came to a later open stage
        within twice the expected days. None where the stage has no expected days.
    """

    stage: StageDefinition
    running: int
    on_hold: int
    completed: int
    median_days: float | None
    percentile_85_days: float | None
    entered: int | None
    reached: int | None

    @property
    def conversion(self) -> float | None:
        """Share that went on, 0 to 1; None without a cohort."""
        if not self.entered or self.reached is None:
            return None
        return self.reached / self.entered


def stage_statistics(
    cooperations: CooperationQuerySet, *, at: datetime
) -> list[StageStatistics]:
    """Return one row per stage in the order of the ladder; costs four queries.

    :param cooperations: limited to what the person may see; `Cooperation.objects.all()`
        counts everything.
    """
    moves = StageTransition.objects.all()
    if cooperations.query.where or cooperations.query.is_sliced:
        moves = moves.filter(cooperation__in=cooperations.order_by().values("pk"))
    now = {row["stage__code"]: row for row in _running(cooperations)}
    stays = {row["to_stage__code"]: row for row in _completed(moves, at)}
    cohorts = {row["to_stage__code"]: row for row in _cohorts(moves, at)}
    return [
        _statistics(
            stage,
            now.get(stage.code, {}),
            stays.get(stage.code, {}),
            cohorts.get(stage.code),
        )
        for stage in StageDefinition.objects.order_by("order")
    ]


def _running(cooperations: CooperationQuerySet) -> QuerySet[Cooperation, Any]:
    return (
        cooperations.running()
        .order_by()
        .values("stage__code")
        .annotate(
            running=Count("pk"),
            resting=Count("pk", filter=Q(on_hold_since__isnull=False)),
        )
    )


def _completed(
    moves: QuerySet[StageTransition], at: datetime
) -> QuerySet[StageTransition, Any]:
    length = ExpressionWrapper(
        F("exited_at")
        - F("entered_at")
        - F("held_seconds") * Value(timedelta(seconds=1)),
        output_field=DurationField(),
    )
    return (
        moves.filter(exited_at__gt=at - WINDOW, exited_at__lte=at)
        .order_by()
        .values("to_stage__code")
        .annotate(
            completed=Count("pk"),
            median=Percentile(length, fraction=0.5),
            percentile_85=Percentile(length, fraction=0.85),
        )
    )


def _cohorts(
    moves: QuerySet[StageTransition], at: datetime
) -> QuerySet[StageTransition, Any]:
    horizon = ExpressionWrapper(
        F("to_stage__expected_days") * Value(2 * DAY), output_field=DurationField()
    )
    window_end = ExpressionWrapper(
        Value(at, output_field=DateTimeField()) - horizon, output_field=DateTimeField()
    )
    later = StageTransition.objects.filter(
        cooperation_id=OuterRef("cooperation_id"),
        to_stage__stage_type=StageType.OPEN,
        to_stage__order__gt=OuterRef("to_stage__order"),
        entered_at__gte=OuterRef("entered_at"),
        entered_at__lte=ExpressionWrapper(
            OuterRef("entered_at") + OuterRef("horizon"), output_field=DateTimeField()
        ),
    ).exclude(kind=MoveKind.REOPEN)
    return (
        moves.filter(
            to_stage__stage_type=StageType.OPEN,
            to_stage__expected_days__isnull=False,
            entered_at__gt=ExpressionWrapper(
                window_end - Value(WINDOW), output_field=DateTimeField()
            ),
            entered_at__lte=window_end,
        )
        .order_by()
        .annotate(horizon=horizon)
        .annotate(went_on=Exists(later))
        .values("to_stage__code")
        .annotate(
            entered=Count("cooperation_id", distinct=True),
            reached=Count("cooperation_id", distinct=True, filter=Q(went_on=True)),
        )
    )


def _statistics(
    stage: StageDefinition,
    now: dict[str, Any],
    stays: dict[str, Any],
    cohort: dict[str, Any] | None,
) -> StageStatistics:
    has_cohort = stage.expected_days is not None
    cohort = cohort or {"entered": 0, "reached": 0}
    return StageStatistics(
        stage=stage,
        running=now.get("running", 0),
        on_hold=now.get("resting", 0),
        completed=stays.get("completed", 0),
        median_days=_days(stays.get("median")),
        percentile_85_days=_days(stays.get("percentile_85")),
        entered=cohort["entered"] if has_cohort else None,
        reached=cohort["reached"] if has_cohort else None,
    )


def _days(length: timedelta | None) -> float | None:
    return None if length is None else length / DAY
