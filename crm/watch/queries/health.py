"""Health as it reads today: the latest snapshot, or what a person said instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Subquery

from crm.watch.health import NUMBERS, Colour, Measure, colour_of
from crm.watch.models import HealthOverride, HealthScheme, HealthSnapshot
from crm.watch.words import say
from partners.models import Cooperation


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one cooperation fares today.

    :ivar override: what a person said, while it holds; the computed score stays beside it.
    """

    snapshot: HealthSnapshot | None
    override: HealthOverride | None
    numbers: Mapping[str, int]

    @property
    def overall(self) -> int | None:
        if self.override is not None:
            return self.override.overall
        return None if self.snapshot is None else self.snapshot.overall

    @property
    def colour(self) -> Colour:
        return colour_of(self.overall, self.numbers)


@dataclass(frozen=True, slots=True)
class MeasureRead:
    """One measure with its reasons in words."""

    label: str
    score: int | None
    reasons: Sequence[str]


def readings(cooperation_ids: Sequence[int], *, today: date) -> dict[int, Reading]:
    """Return how these cooperations fare; two queries, a third before the first look."""
    latest = HealthScheme.objects.order_by("-version").values("numbers")[:1]
    snapshots = {
        row.cooperation_id: row
        for row in HealthSnapshot.objects.filter(
            cooperation_id__in=cooperation_ids, is_latest=True
        ).annotate(numbers=Subquery(latest))
    }
    overrides = {
        row.cooperation_id: row
        for row in HealthOverride.objects.filter(
            cooperation_id__in=cooperation_ids,
            withdrawn_at__isnull=True,
            ends_on__gt=today,
        ).select_related("by")
    }
    told = next((row.numbers for row in snapshots.values()), None)
    numbers = told or numbers_in_force()
    return {
        pk: Reading(
            snapshot=snapshots.get(pk), override=overrides.get(pk), numbers=numbers
        )
        for pk in cooperation_ids
    }


def readings_over(
    cooperation_ids: Sequence[int], *, first: date, last: date
) -> dict[int, tuple[Reading, int | None]]:
    """Return how these cooperations fared on a day, and their score on an earlier one.

    Three queries for any number. The score of the earlier day is the computed one.
    """
    asked = HealthSnapshot.objects.filter(cooperation_id__in=cooperation_ids)
    rows = HealthSnapshot.objects.filter(
        Q(pk__in=_in_force(asked, last)) | Q(pk__in=_in_force(asked, first))
    ).order_by("valid_from")
    then = {row.cooperation_id: row for row in rows}
    earlier = {
        row.cooperation_id: row.overall for row in rows if row.valid_from <= first
    }
    overrides = {
        row.cooperation_id: row
        for row in HealthOverride.objects.filter(
            Q(withdrawn_at__isnull=True) | Q(withdrawn_at__date__gt=last),
            cooperation_id__in=cooperation_ids,
            at__date__lte=last,
            ends_on__gt=last,
        )
        .select_related("by")
        .order_by("at")
    }
    numbers = numbers_in_force()
    return {
        pk: (
            Reading(snapshot=then.get(pk), override=overrides.get(pk), numbers=numbers),
            earlier.get(pk),
        )
        for pk in cooperation_ids
    }


def _in_force(rows: QuerySet[HealthSnapshot], day: date) -> QuerySet[Any]:
    """Return the snapshot of each cooperation that held on a day, by number."""
    held = rows.filter(valid_from__lte=day).order_by("cooperation", "-valid_from")
    return held.distinct("cooperation").values("pk")


def numbers_in_force() -> Mapping[str, int]:
    """Return the numbers of the latest scheme."""
    row = HealthScheme.objects.order_by("-version").first()
    return NUMBERS if row is None else row.numbers


def measures_of(snapshot: HealthSnapshot) -> list[MeasureRead]:
    """Return the measures of a snapshot that count in its stage, with reasons in words."""
    told: dict[str, list[str]] = {}
    for driver in snapshot.drivers:
        values = {k: v for k, v in driver.items() if k not in ("measure", "code")}
        told.setdefault(driver["measure"], []).append(say(driver["code"], values))
    return [
        MeasureRead(
            label=str(measure.label),
            score=getattr(snapshot, measure.value),
            reasons=told[measure.value],
        )
        for measure in Measure
        if measure.value in told
    ]


def history(cooperation: Cooperation, *, since: date) -> list[HealthSnapshot]:
    """Return the snapshots from a day on, and the one in force then, in order."""
    rows = HealthSnapshot.objects.filter(cooperation=cooperation)
    before = rows.filter(valid_from__lt=since).order_by("-valid_from")[:1]
    return [*before, *rows.filter(valid_from__gte=since).order_by("valid_from")]
