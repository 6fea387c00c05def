"""How long cooperations are in their stage, and which of them stall (DOMAIN 4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, Greatest, RowNumber
from django.utils.translation import gettext as _

from partners import stages
from partners.models import Activity, Cooperation, Hold
from partners.models.cooperation import CooperationQuerySet
from partners.stages import DAY, Pace, StallLimits


@dataclass(frozen=True)
class TimeInStage:
    """How one running cooperation stands in its stage.

    :ivar days: in stage, without holds.
    :ivar reasons: in words, why it is late; empty when it is on time.
    """

    cooperation: Cooperation
    days: float
    pace: Pace
    reasons: tuple[str, ...]

    @property
    def is_on_hold(self) -> bool:
        return self.cooperation.on_hold_since is not None


def with_time_in_stage(
    cooperations: CooperationQuerySet, *, at: datetime
) -> QuerySet[Any]:
    """Annotate `time_in_stage` (end or `at`, less entered, less held), in the database.

    A closed cooperation is in its last stage since it closed.
    """
    now = Value(at, output_field=DateTimeField())
    holds = Hold.objects.filter(
        cooperation_id=OuterRef("pk"), stay__exited_at__isnull=True
    )
    nothing = Value(timedelta(), output_field=DurationField())
    gross = ExpressionWrapper(now - F("stage_entered_at"), output_field=DurationField())
    return cooperations.annotate(
        held=rest(holds, at=at),
        time_in_stage=Greatest(
            ExpressionWrapper(gross - F("held"), output_field=DurationField()), nothing
        ),
    )


def rest(holds: QuerySet[Hold], *, at: datetime) -> Coalesce:
    """Return how long these holds of one outer row lasted together, until `at`."""
    now = Value(at, output_field=DateTimeField())
    span = ExpressionWrapper(
        Coalesce(F("ended_at"), now) - F("began_at"), output_field=DurationField()
    )
    total = Func(span, function="SUM", output_field=DurationField())
    lasted = holds.order_by().annotate(total=total).values("total")
    return Coalesce(Subquery(lasted), Value(timedelta(), output_field=DurationField()))


def times_in_stage(
    cooperations: CooperationQuerySet,
    *,
    at: datetime,
    limits: StallLimits | None = None,
) -> list[TimeInStage]:
    """Judge every running cooperation of the queryset, the longest in stage first.

    Costs one query. Cooperations on hold are never late; their clock stands still.

    :param cooperations: already limited to what the person may see.
    """
    latest = (
        Activity.objects.filter(cooperation_id=OuterRef("pk"), happened_at__lte=at)
        .order_by()
        .values("cooperation_id")
        .annotate(latest=Max("happened_at"))
        .values("latest")
    )
    rows = (
        with_time_in_stage(cooperations.running().with_stage(), at=at)
        .annotate(latest_activity_at=Subquery(latest))
        .order_by("-time_in_stage", "pk")
    )
    return [_judged(row, at, limits or StallLimits()) for row in rows]


def first_of_each_stage(
    cooperations: CooperationQuerySet, *, at: datetime, limit: int
) -> list[TimeInStage]:
    """Return the longest in each stage, at most `limit` of each; one query.

    :param cooperations: already limited to what the person may see.
    """
    ranked = (
        cooperations.running()
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=F("stage_id"),
                order_by=[F("stage_entered_at").asc(), F("pk").asc()],
            )
        )
        .filter(rank__lte=limit)
        .values("pk")
    )
    shown = Cooperation.objects.filter(pk__in=ranked)
    return times_in_stage(shown, at=at)


def stalled(
    cooperations: CooperationQuerySet,
    *,
    at: datetime,
    limits: StallLimits | None = None,
) -> list[TimeInStage]:
    """Return the amber and red ones, red first, then the longest in stage."""
    late = [
        each
        for each in times_in_stage(cooperations, at=at, limits=limits)
        if each.pace != Pace.GREEN
    ]
    return sorted(late, key=lambda s: (s.pace != Pace.RED, -s.days, s.cooperation.pk))


def _judged(row: Any, at: datetime, limits: StallLimits) -> TimeInStage:
    days = row.time_in_stage / DAY
    if row.on_hold_since is not None:
        return TimeInStage(row, days, Pace.GREEN, ())
    expected = row.stage.expected_days
    pace = stages.pace_of(days=days, expected_days=expected, limits=limits)
    reasons = tuple(_reasons(row, at, limits))
    if pace != Pace.GREEN:
        words = _("%(days)d days in stage, expected are %(expected)d.")
        reasons = (words % {"days": days, "expected": expected}, *reasons)
    elif reasons:
        pace = Pace.AMBER
    return TimeInStage(row, days, pace, reasons)


def _reasons(row: Any, at: datetime, limits: StallLimits) -> Iterator[str]:
    if row.next_step_due_on is not None:
        overdue = (at.date() - row.next_step_due_on).days
        if overdue > limits.next_step_overdue_days:
            yield _("The next step is overdue for %(days)d days.") % {"days": overdue}
    since = row.latest_activity_at or row.stage_entered_at
    silent = (at - since) / DAY
    if silent > limits.silent_days:
        yield _("Nothing was logged for %(days)d days.") % {"days": silent}


def unconfirmed(cooperations: CooperationQuerySet, *, at: datetime) -> QuerySet[Any]:
    """Keep those whose stage should have been confirmed by now and was not."""
    return cooperations.running().filter(
        Q(confirmed_at__isnull=True, stage__confirm_within_days__isnull=False),
        stage_entered_at__lt=ExpressionWrapper(
            Value(at, output_field=DateTimeField())
            - F("stage__confirm_within_days") * Value(DAY),
            output_field=DateTimeField(),
        ),
    )
