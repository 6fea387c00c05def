"""How far the data reaches, per source, and which days can be trusted to be complete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How far one source reaches.

    :ivar latest_day: latest charge day that lay in the past when it was delivered.
    :ivar is_late: whether it reaches less far than its expected lateness allows.
    :ivar held: deliveries that wait for a person.
    """

    source_id: int
    source: str
    latest_day: date | None
    delivered_at: datetime | None
    lateness_days: int
    is_late: bool
    held: int


LATEST = """
SELECT s.id, s.name, s.lateness_days, max(known.day), max(v.decided_at)
        FILTER (WHERE v.status = 'current'),
    count(DISTINCT v.id) FILTER (WHERE v.status = 'held')
FROM usage_billingsource s
LEFT JOIN usage_usagedelivery v ON v.source_id = s.id
    AND v.status IN ('current', 'held')
LEFT JOIN LATERAL (
    SELECT max(day) AS day FROM unnest(v.days) AS one(day)
    WHERE v.status = 'current' AND day < (v.decided_at AT TIME ZONE 'UTC')::date
) AS known ON TRUE
WHERE s.is_active
GROUP BY s.id ORDER BY s.name, s.id
"""


def freshness(*, today: date) -> list[Freshness]:
    """Return how far each active source reaches.

    :param today: the current day, UTC; a source is expected to reach
        `today - lateness_days - 1`.
    """
    with connection.cursor() as cursor:
        cursor.execute(LATEST)
        rows = cursor.fetchall()
    return [
        Freshness(
            source_id=pk,
            source=name,
            latest_day=latest,
            delivered_at=delivered,
            lateness_days=lateness,
            is_late=latest is None or latest < today - timedelta(days=lateness + 1),
            held=held,
        )
        for pk, name, lateness, latest, delivered, held in rows
    ]


def complete_days(partner_ids: Sequence[int], *, since: date, until: date) -> set[date]:
    """Return the days whose data is all there, for the accounts of these partners.

    A day counts where every source of the partners has reached it: delivered after the
    day was over. A source that has begun later, or ended before, is not waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH mine AS (
                SELECT DISTINCT a.source_id FROM usage_accountownership o
                JOIN usage_cloudaccount a ON a.id = o.account_id
                WHERE o.partner_id = ANY(%(partners)s)
            ), reach AS (
                SELECT v.source_id, min(day) AS first, max(day) AS last
                FROM usage_usagedelivery v JOIN mine USING (source_id),
                    unnest(v.days) AS one(day)
                WHERE v.status = 'current'
                    AND day < (v.decided_at AT TIME ZONE 'UTC')::date
                GROUP BY v.source_id
            )
            SELECT min(first), max(last),
                min(last) FILTER (WHERE last > (SELECT max(last) FROM reach) - 35)
            FROM reach""",
            {"partners": list(partner_ids)},
        )
        row = cursor.fetchone()
    if not row or row[0] is None:
        return set()
    first, _latest, reached = row
    start, end = max(first, since), min(reached + timedelta(days=1), until)
    return {start + timedelta(days=at) for at in range((end - start).days)}
