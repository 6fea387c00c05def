"""Health snapshots: a new one where something changed, the earlier ones kept as they were."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from crm.core import bulk
from crm.core.sql import among
from crm.watch.facts import Facts
from crm.watch.health import Health, Measure, Scheme, assess
from crm.watch.models import HealthScheme, HealthSnapshot

COMPARED = (
    "stage",
    *Measure.values,
    "overall",
    "confidence",
    "scheme_version",
)


def scheme_in_force() -> Scheme:
    """Return the latest scheme; the seeds where there is none."""
    row = HealthScheme.objects.order_by("-version").first()
    if row is None:
        return Scheme()
    return Scheme(weights=row.weights, numbers=row.numbers, version=row.version)


@transaction.atomic
def store_health(*, facts: Sequence[Facts], scheme: Scheme, at: datetime) -> int:
    """Assess these cooperations and keep what changed; return how many changed.

    The second look of a day replaces what the first one stored that day.
    """
    today = at.date()
    ids = [each.cooperation_id for each in facts]
    latest = {
        row.pop("cooperation_id"): row
        for row in HealthSnapshot.objects.filter(
            cooperation_id__in=among(ids), is_latest=True
        ).values("cooperation_id", "valid_from", *COMPARED)
    }
    changed = []
    for each in facts:
        made = _snapshot(each, assess(each, scheme), scheme, today)
        known = latest.get(each.cooperation_id)
        if known is None or any(known[n] != getattr(made, n) for n in COMPARED):
            changed.append(made)
    _replace(changed, today)
    return len(changed)


def _replace(changed: Sequence[HealthSnapshot], today: date) -> None:
    ids = [made.cooperation_id for made in changed]
    rows = HealthSnapshot.objects.filter(cooperation_id__in=among(ids), is_latest=True)
    rows.filter(valid_from__gte=today).delete()
    rows.update(is_latest=False)
    bulk.append(HealthSnapshot, changed)


def _snapshot(
    facts: Facts, health: Health, scheme: Scheme, today: date
) -> HealthSnapshot:
    scores = {measure: part.score for measure, part in health.parts.items()}
    return HealthSnapshot(
        cooperation_id=facts.cooperation_id,
        partner_id=facts.partner_id,
        valid_from=today,
        is_latest=True,
        stage=facts.stage,
        overall=health.overall,
        confidence=health.confidence,
        drivers=health.drivers,
        scheme_version=scheme.version,
        **scores,
    )
