"""Statistics of the ladder, computed in the database."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, F, Func, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan

from partners.models import Cooperation, StageDefinition
from partners.models.cooperation import CooperationQuerySet
from partners.stages import DAY

WINDOW = timedelta(days=365)
"""Trailing time in which stays are counted, and cohorts gathered."""


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


Part = tuple[str, list[Any]]
Told = Mapping[str, tuple[int, int, Sequence[float]]]
"""What one question found: two counts and the quantiles, by the code of the stage."""

RUNNING = """
SELECT 'running', stage_id, count(*), count(on_hold_since), NULL::float8[]
FROM partners_cooperation WHERE closed_at IS NULL AND {id_is_seen} GROUP BY stage_id
"""
STAYS = """
SELECT 'stays', %s, count(*), 0,
    percentile_cont(ARRAY[0.5, 0.85]) WITHIN GROUP (ORDER BY lasted_seconds)
FROM partners_stagetransition
WHERE to_stage_id = %s AND exited_at > %s AND exited_at <= %s AND {key_is_seen}
"""
COHORT = """
SELECT 'cohort', %s, count(DISTINCT cooperation_id),
    count(DISTINCT cooperation_id) FILTER (WHERE advanced_at - entered_at <= %s), NULL
FROM partners_stagetransition
WHERE to_stage_id = %s AND entered_at > %s AND entered_at <= %s AND {key_is_seen}
"""


def stage_statistics(
    cooperations: CooperationQuerySet, *, at: datetime
) -> list[StageStatistics]:
    """Return one row per stage in the order of the ladder; costs two queries.

    :param cooperations: limited to what the person may see, not sliced;
        `Cooperation.objects.all()` counts everything.
    """
    rows = StageDefinition.objects.annotate(is_partial=_is_partial(cooperations))
    ladder = list(rows.order_by("order"))
    seen = _seen(cooperations) if any(each.is_partial for each in ladder) else ("", [])
    told: dict[str, dict[str, tuple[int, int, Sequence[float]]]] = defaultdict(dict)
    text, values = _asked(seen, ladder, at)
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        for question, code, *found in cursor.fetchall():
            told[question][code] = tuple(found)
    return [_statistics(stage, told) for stage in ladder]


def _is_partial(cooperations: CooperationQuerySet) -> Combinable:
    """Tell in the database whether anything is left out; for many people nothing is."""
    if not cooperations.query.where:
        return Value(value=False)
    return GreaterThan(_count(Cooperation.objects.all()), _count(cooperations))


def _count(cooperations: CooperationQuerySet) -> Subquery:
    count = Func(F("pk"), function="COUNT", output_field=BigIntegerField())
    return Subquery(cooperations.order_by().annotate(count=count).values("count"))


def _seen(cooperations: CooperationQuerySet) -> Part:
    """Return the rows that count, gathered once for all questions."""
    text, values = cooperations.order_by().values("pk").query.sql_with_params()
    return f"WITH seen (id) AS MATERIALIZED ({text}) ", list(values)


def _asked(seen: Part, ladder: Sequence[StageDefinition], at: datetime) -> Part:
    """Put one question per stage beside each other.

    Each has its bounds as constants and reads one range of an index that holds all it
    needs, in the order in which it counts; so nothing is looked up or sorted but the
    lengths of stays, and the questions share the processors. One grouping over all stages
    took several times as long.
    """
    gathered, values = seen
    is_seen = "{key} IN (SELECT seen.id FROM seen)" if gathered else "true"
    parts = [(RUNNING, list[Any]()), *_questions(ladder, at)]
    text = " UNION ALL ".join(f"({part})" for part, _values in parts).format(
        id_is_seen=is_seen.format(key="id"),
        key_is_seen=is_seen.format(key="cooperation_id"),
    )
    return gathered + text, [*values, *(each for part in parts for each in part[1])]


def _questions(ladder: Sequence[StageDefinition], at: datetime) -> Iterator[Part]:
    for stage in ladder:
        yield STAYS, [stage.code, stage.code, at - WINDOW, at]
        if stage.expected_days is not None:
            horizon = 2 * stage.expected_days * DAY
            end = at - horizon
            yield COHORT, [stage.code, horizon, stage.code, end - WINDOW, end]


def _statistics(stage: StageDefinition, told: Mapping[str, Told]) -> StageStatistics:
    running, on_hold, _none = told["running"].get(stage.code, (0, 0, None))
    completed, _nothing, lengths = told["stays"][stage.code]
    median, percentile_85 = lengths or (None, None)
    entered, reached, _none = told["cohort"].get(stage.code, (None, None, None))
    return StageStatistics(
        stage=stage,
        running=running,
        on_hold=on_hold,
        completed=completed,
        median_days=_days(median),
        percentile_85_days=_days(percentile_85),
        entered=entered,
        reached=reached,
    )


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / DAY.total_seconds()
