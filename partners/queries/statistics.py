"""Statistics of the ladder, computed in the database (DOMAIN 4.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import JSONObject

from partners.models import Cooperation, StageDefinition, StageTransition
from partners.models.cooperation import CooperationQuerySet
from partners.stages import DAY

WINDOW = timedelta(days=365)
"""Trailing time in which stays are counted, and cohorts gathered."""


FRACTIONS = "ARRAY[0.5, 0.85]"


class Percentiles(Aggregate):
    """The median and the 85th percentile, between rows interpolated, by one sort."""

    function = "PERCENTILE_CONT"
    template = f"%(function)s({FRACTIONS}) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


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
    """Return one row per stage in the order of the ladder; costs two queries.

    :param cooperations: limited to what the person may see; `Cooperation.objects.all()`
        counts everything.
    """
    moves = StageTransition.objects.filter(to_stage=OuterRef("code")).order_by()
    if cooperations.query.where or cooperations.query.is_sliced:
        moves = moves.filter(cooperation__in=cooperations.order_by().values("pk"))
    now = {row["stage__code"]: row for row in _running(cooperations)}
    stages = StageDefinition.objects.annotate(
        stays=Subquery(_completed(moves, at)), cohort=Subquery(_cohort(moves, at))
    )
    return [
        _statistics(stage, now.get(stage.code, {}))
        for stage in stages.order_by("order")
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


# One subquery per stage reads one range of a covering index; a grouping over all
# stages would sort every stay by the text of its stage. The index has no id, so rows are
# counted, not keys.
def _completed(
    moves: QuerySet[StageTransition], at: datetime
) -> QuerySet[StageTransition, Any]:
    return (
        moves.filter(exited_at__gt=at - WINDOW, exited_at__lte=at)
        .values("to_stage__code")
        .annotate(
            told=JSONObject(count=Count("*"), seconds=Percentiles("lasted_seconds"))
        )
        .values("told")
    )


def _cohort(
    moves: QuerySet[StageTransition], at: datetime
) -> QuerySet[StageTransition, Any]:
    horizon = ExpressionWrapper(
        OuterRef("expected_days") * Value(2 * DAY), output_field=DurationField()
    )
    end = ExpressionWrapper(
        Value(at, output_field=DateTimeField()) - horizon, output_field=DateTimeField()
    )
    start = ExpressionWrapper(end - Value(WINDOW), output_field=DateTimeField())
    in_time = ExpressionWrapper(F("entered_at") + horizon, output_field=DateTimeField())
    return (
        moves.filter(entered_at__gt=start, entered_at__lte=end)
        .values("to_stage__code")
        .annotate(
            told=JSONObject(
                entered=Count("cooperation_id", distinct=True),
                reached=Count(
                    "cooperation_id",
                    distinct=True,
                    filter=Q(advanced_at__lte=in_time),
                ),
            )
        )
        .values("told")
    )


def _statistics(stage: Any, now: dict[str, Any]) -> StageStatistics:
    has_cohort = stage.expected_days is not None
    stays = stage.stays or {"count": 0, "seconds": (None, None)}
    cohort = stage.cohort or {"entered": 0, "reached": 0}
    median, percentile_85 = stays["seconds"]
    return StageStatistics(
        stage=stage,
        running=now.get("running", 0),
        on_hold=now.get("resting", 0),
        completed=stays["count"],
        median_days=_days(median),
        percentile_85_days=_days(percentile_85),
        entered=cohort["entered"] if has_cohort else None,
        reached=cohort["reached"] if has_cohort else None,
    )


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / DAY.total_seconds()
