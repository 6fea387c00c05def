"""What is the matter with usage on a day: late data, spend of nobody, held, anomalies.

Questions only; `operations.raise_signals` keeps the answers. An anomaly is a complete day
outside the same-weekday median of the eight weeks before by more than four times the
median absolute deviation; the arithmetic is part of the answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection

from partners.usage import trends
from partners.usage.models import DeliveryStatus, SignalKind, UsageDelivery
from partners.usage.queries.freshness import freshness
from partners.usage.queries.series import DAYS, SPEND
from partners.usage.trends import Anomaly

LOOKED_AT = 7
"""So many of the latest complete days are held against their pattern."""

UNASSIGNED_DAYS = 62


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One thing that is the matter now; the ids say what it is about."""

    kind: SignalKind
    source_id: int | None = None
    account_id: int | None = None
    delivery_id: int | None = None
    partner_id: int | None = None
    day: date | None = None
    currency: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others; facts may change while it stands."""
        return (
            self.kind.value,
            self.source_id,
            self.account_id,
            self.delivery_id,
            self.partner_id,
            self.day,
            self.currency,
        )


def signs(*, today: date) -> Iterator[Sign]:
    """Yield all that is the matter; a fixed number of queries.

    :param today: the current day, UTC.
    """
    yield from late_sources(today=today)
    yield from held_deliveries()
    yield from unassigned_accounts(since=today - timedelta(days=UNASSIGNED_DAYS))
    yield from anomalies(today=today)


def late_sources(*, today: date) -> Iterator[Sign]:
    """Yield sources that once had data and reach less far than they should."""
    for one in freshness(today=today):
        if one.is_late and one.latest_day is not None:
            yield Sign(
                kind=SignalKind.LATE,
                source_id=one.source_id,
                day=one.latest_day,
                facts={
                    "source": one.source,
                    "latest_day": one.latest_day.isoformat(),
                    "lateness_days": one.lateness_days,
                },
            )


def held_deliveries() -> Iterator[Sign]:
    """Yield deliveries that wait for a person, with the reasons."""
    held = UsageDelivery.objects.filter(status=DeliveryStatus.HELD)
    for one in held.select_related("source").order_by("pk"):
        yield Sign(
            kind=SignalKind.HELD,
            delivery_id=one.pk,
            facts={
                "source": one.source.name,
                "billing_month": one.billing_month.isoformat(),
                "reasons": one.reasons,
            },
        )


def unassigned_accounts(*, since: date) -> Iterator[Sign]:
    """Yield accounts with spend that belongs to nobody, per currency."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT account_id, currency, sum(effective_cost), min(charge_month)
            FROM usage_monthlyusage
            WHERE partner_id IS NULL AND charge_month >= date_trunc('month', %s::date)
                AND charge_category = ANY(%s)
            GROUP BY 1, 2 HAVING sum(effective_cost) <> 0 ORDER BY 1, 2""",
            [since, list(SPEND)],
        )
        rows = cursor.fetchall()
    for account_id, currency, amount, month in rows:
        yield Sign(
            kind=SignalKind.UNASSIGNED,
            account_id=account_id,
            currency=currency,
            facts={"effective": f"{amount:f}", "since": month.isoformat()},
        )


SERIES = f"""
WITH sources AS (
    SELECT DISTINCT o.partner_id, a.source_id FROM usage_accountownership o
    JOIN usage_cloudaccount a ON a.id = o.account_id
), spans AS (
    SELECT v.source_id, min(day) AS first, max(day) AS latest
    FROM usage_usagedelivery v, unnest(v.days) AS one(day)
    WHERE v.status = 'current' AND day < (v.decided_at AT TIME ZONE 'UTC')::date
    GROUP BY v.source_id
), reach AS (
    SELECT partner_id, min(first) AS first,
        min(latest) FILTER (WHERE latest > newest - 35) AS latest
    FROM (SELECT s.partner_id, p.first, p.latest,
            max(p.latest) OVER (PARTITION BY s.partner_id) AS newest
        FROM sources s JOIN spans p USING (source_id)) one
    GROUP BY partner_id
)
SELECT o.partner_id, d.currency, reach.first, reach.latest, d.charge_day,
    sum(d.effective_cost)
{DAYS}
JOIN reach ON reach.partner_id = o.partner_id
WHERE reach.latest >= %(fresh)s
    AND d.charge_category = ANY(%(spend)s)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 5
"""


def anomalies(*, today: date) -> Iterator[Sign]:
    """Yield days of partners' spend outside their own pattern; one query.

    A partner whose data stopped more than a week ago is left out: that it is late is a
    signal of its own.
    """
    back = LOOKED_AT * 2 + trends.WEEKS_BACK * 7
    values: dict[str, Any] = {
        "since": today - timedelta(days=back),
        "until": today,
        "fresh": today - timedelta(days=LOOKED_AT),
        "spend": list(SPEND),
    }
    with connection.cursor() as cursor:
        cursor.execute(SERIES, values)
        rows: Iterator[tuple[Any, ...]] = iter(cursor.fetchone, None)
        for (partner_id, currency, first, latest), days in groupby(
            rows, key=lambda row: row[:4]
        ):
            series = {day: amount or Decimal(0) for *_key, day, amount in days}
            for found in _outside(series, first=first, latest=latest, back=back):
                yield Sign(
                    kind=SignalKind.ANOMALY,
                    partner_id=partner_id,
                    day=found.day,
                    currency=currency,
                    facts=arithmetic(found),
                )


def _outside(
    series: dict[date, Decimal], *, first: date, latest: date, back: int
) -> Iterator[Anomaly]:
    known = {latest - timedelta(days=at) for at in range(back)}
    complete = {day for day in known if day >= first}
    for at in range(LOOKED_AT):
        found = trends.anomaly(
            series, day=latest - timedelta(days=at), complete=complete
        )
        if found is not None:
            yield found


def arithmetic(found: Anomaly) -> dict[str, Any]:
    """Return the numbers that make a day an anomaly, as exact texts."""
    return {
        "value": f"{found.value:f}",
        "median": f"{found.median:f}",
        "deviation": f"{found.deviation:f}",
        "low": f"{found.low:f}",
        "high": f"{found.high:f}",
        "weeks": found.weeks,
        "is_drop": found.is_drop,
    }
