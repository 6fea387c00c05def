"""Usage in the pieces that a contract may count or not, for many partners at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

LONG_AGO = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Which days of one partner are asked for, and how finely.

    :ivar until: day after the last one.
    :ivar cut_on: a day at which months are cut in two; None for whole months.
    :ivar mark_on: another such day.
    :ivar is_daily: every day by itself instead of whole months.
    :ivar currency: costs in another one come by day, so that they can be converted.
    """

    partner_id: int
    since: date
    until: date
    cut_on: date | None = None
    mark_on: date | None = None
    is_daily: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one partner used of one meter in one account and region, by one delivery.

    :ivar day: the charge day, or the first of the days that were put together.
    :ivar is_refund: an adjustment below zero.
    :ivar quantity: in the meter's base unit.
    :ivar sub_account: empty for what the billing account itself used.
    """

    partner_id: int
    delivery_id: int
    source_id: int
    billing_month: date
    day: date
    account_id: int
    meter_id: int
    region: str
    charge_category: str
    currency: str
    is_refund: bool
    quantity: Decimal
    billed: Decimal
    contracted: Decimal
    effective: Decimal
    service_category: str
    service: str
    base_unit: str
    is_ai: bool
    billing_account: str
    sub_account: str


COUNTED = """
WITH span AS (
    SELECT * FROM unnest(%(partners)s::bigint[], %(since)s::date[], %(until)s::date[],
        %(cut)s::date[], %(mark)s::date[], %(daily)s::boolean[], %(currency)s::text[])
        AS s(partner_id, since, until, cut_on, mark_on, is_daily, currency)
), counted AS (
SELECT s.partner_id, d.delivery_id, v.source_id, d.billing_month,
    CASE WHEN s.is_daily OR (s.currency <> '' AND d.currency <> s.currency)
        THEN d.charge_day
        ELSE GREATEST(s.since, date_trunc('month', d.charge_day)::date,
            CASE WHEN d.charge_day >= s.cut_on THEN s.cut_on END,
            CASE WHEN d.charge_day >= s.mark_on THEN s.mark_on END) END AS day,
    d.account_id, d.meter_id, d.region, d.charge_category, d.currency,
    d.charge_category = 'Adjustment'
        AND COALESCE(d.billed_cost, d.effective_cost, 0) < 0 AS is_refund,
    COALESCE(sum(d.quantity * m.factor), 0), COALESCE(sum(d.billed_cost), 0),
    COALESCE(sum(d.contracted_cost), 0), COALESCE(sum(d.effective_cost), 0)
FROM span s
JOIN usage_accountownership o ON o.partner_id = s.partner_id
JOIN usage_dailyusage d ON d.account_id = o.account_id
    AND d.charge_day >= s.since AND d.charge_day < s.until
    AND COALESCE(o.during @> d.charge_day, FALSE)
    AND (d.tag_bucket = o.tag_bucket OR (o.tag_bucket = '' AND NOT EXISTS (
        SELECT 1 FROM usage_accountownership t
        WHERE t.account_id = d.account_id AND t.tag_bucket = d.tag_bucket
            AND t.during @> d.charge_day)))
JOIN usage_usagemeter m ON m.id = d.meter_id
JOIN usage_usagedelivery v ON v.id = d.delivery_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
)
SELECT c.*, m.service_category, m.service, m.base_unit, m.is_ai,
    a.billing_account_id, a.sub_account_id
FROM counted c
JOIN usage_usagemeter m ON m.id = c.meter_id
JOIN usage_cloudaccount a ON a.id = c.account_id
ORDER BY c.partner_id, c.day, c.delivery_id, c.account_id, c.meter_id, c.region,
    c.charge_category, c.currency, c.is_refund
"""


def counted_usage(spans: Sequence[Span]) -> list[Counted]:
    """Return usage by partner, then by day; one query however many partners."""
    if not spans:
        return []
    values: dict[str, list[Any]] = {
        "partners": [span.partner_id for span in spans],
        "since": [span.since for span in spans],
        "until": [span.until for span in spans],
        "cut": [span.cut_on for span in spans],
        "mark": [span.mark_on for span in spans],
        "daily": [span.is_daily for span in spans],
        "currency": [span.currency for span in spans],
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, values)
        return [Counted(*row) for row in cursor.fetchall()]


REACH = """
WITH mine AS (
    SELECT DISTINCT o.partner_id, a.source_id FROM usage_accountownership o
    JOIN usage_cloudaccount a ON a.id = o.account_id
    WHERE o.partner_id = ANY(%(partners)s)
), reach AS (
    SELECT v.source_id, max(day) AS latest
    FROM usage_usagedelivery v, unnest(v.days) AS one(day)
    WHERE v.status = 'current' AND day < (v.decided_at AT TIME ZONE 'UTC')::date
        AND day < %(until)s AND v.source_id IN (SELECT source_id FROM mine)
    GROUP BY v.source_id
), latest AS (
    SELECT partner_id, latest, max(latest) OVER (PARTITION BY partner_id) AS newest
    FROM mine JOIN reach USING (source_id)
)
SELECT partner_id, min(latest) FROM latest WHERE latest > newest - 35 GROUP BY 1
"""


def reach(partner_ids: Sequence[int], *, until: date) -> dict[int, date]:
    """Return for each partner the first day whose data is not all there yet.

    A source that ended more than 35 days before the others is not waited for. Partners
    without any data are left out. Costs one query.

    :param until: days from here on are not looked at.
    """
    with connection.cursor() as cursor:
        cursor.execute(REACH, {"partners": list(partner_ids), "until": until})
        return {
            partner: date.fromordinal(day.toordinal() + 1)
            for partner, day in cursor.fetchall()
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Which deliveries concern a partner, and a mark of whose accounts are whose.

    :ivar deliveries: current deliveries, with the first charge day of each.
    """

    deliveries: dict[int, date]
    mark: str


CONCERNED = """
WITH owned AS (
    SELECT o.partner_id, a.source_id, o.account_id, o.tag_bucket, o.during
    FROM usage_accountownership o JOIN usage_cloudaccount a ON a.id = o.account_id
    WHERE o.partner_id = ANY(%(partners)s)
), bucketed AS (
    SELECT w.partner_id, count(*) AS taken, COALESCE(max(t.id), 0) AS latest
    FROM owned w JOIN usage_accountownership t ON t.account_id = w.account_id
    WHERE t.tag_bucket <> '' GROUP BY 1
)
SELECT w.partner_id, array_agg(DISTINCT w.source_id),
    md5(string_agg(w.account_id || '/' || w.tag_bucket || '/' || w.during::text, ';'
        ORDER BY w.account_id, w.tag_bucket, w.during::text))
        || COALESCE(max('/' || b.taken || '/' || b.latest), '')
FROM owned w LEFT JOIN bucketed b USING (partner_id) GROUP BY 1
"""

CURRENT = """
SELECT v.source_id, v.id, (SELECT min(day) FROM unnest(v.days) AS one(day))
FROM usage_usagedelivery v JOIN usage_billingsource s ON s.id = v.source_id
WHERE v.status = 'current' AND v.billing_month + INTERVAL '1 month'
    + make_interval(days => s.close_after_days) <= %(today)s
"""


def closed_sources(partner_ids: Sequence[int], *, at: datetime) -> dict[int, Sources]:
    """Return the deliveries of closed months that concern each partner. Two queries.

    A billing month is closed so many days after its end as its source says.
    """
    with connection.cursor() as cursor:
        cursor.execute(CURRENT, {"today": at.date()})
        by_source: dict[int, dict[int, date]] = {}
        for source, delivery, first in cursor.fetchall():
            by_source.setdefault(source, {})[delivery] = first or LONG_AGO
        cursor.execute(CONCERNED, {"partners": list(partner_ids)})
        return {
            partner: Sources(
                deliveries={
                    delivery: first
                    for source in sources
                    for delivery, first in by_source.get(source, {}).items()
                },
                mark=mark,
            )
            for partner, sources, mark in cursor.fetchall()
        }


def closed_deliveries(*, at: datetime) -> set[int]:
    """Return the current deliveries of billing months that are closed. One query."""
    with connection.cursor() as cursor:
        cursor.execute(CURRENT, {"today": at.date()})
        return {delivery for _source, delivery, _first in cursor.fetchall()}


def closed_until(*, at: datetime) -> date:
    """Return the first day that is not in a closed month of every active source."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(max(close_after_days), 0) FROM usage_billingsource "
            "WHERE is_active"
        )
        row = cursor.fetchone()
    day = date.fromordinal(at.date().toordinal() - int(row[0] if row else 0))
    return day.replace(day=1)
