"""Spend in many windows of days at once: each of its own partner or cooperation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from partners.usage.queries.series import SPEND


@dataclass(frozen=True, kw_only=True, slots=True)
class SpendWindow:
    """Whose spend is asked for, and when.

    :ivar key: tells the windows apart.
    :ivar cooperation_id: only what its rules take, where it has rules.
    :ivar until: day after the last one.
    """

    key: int
    partner_id: int
    cooperation_id: int | None
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Spent:
    """What one window spent on one day in one currency."""

    key: int
    day: date
    currency: str
    amount: Decimal


SPENT = """
WITH w AS (
    SELECT * FROM unnest(%(keys)s::bigint[], %(partners)s::bigint[],
        %(cooperations)s::bigint[], %(since)s::date[], %(until)s::date[])
        AS s(key, partner_id, cooperation_id, since, until)
), asked AS (
    SELECT w.*, EXISTS (SELECT 1 FROM usage_cooperationusage r
        WHERE r.cooperation_id = w.cooperation_id) AS has_rules FROM w
)
SELECT w.key, d.charge_day, d.currency, sum(d.effective_cost)
FROM asked w
JOIN usage_accountownership o ON o.partner_id = w.partner_id
JOIN usage_dailyusage d ON d.account_id = o.account_id
    AND d.charge_day >= w.since AND d.charge_day < w.until
    AND COALESCE(o.during @> d.charge_day, FALSE)
    AND (d.tag_bucket = o.tag_bucket OR (o.tag_bucket = '' AND NOT EXISTS (
        SELECT 1 FROM usage_accountownership t
        WHERE t.account_id = d.account_id AND t.tag_bucket = d.tag_bucket
            AND t.during @> d.charge_day)))
JOIN usage_usagemeter m ON m.id = d.meter_id
JOIN usage_cloudaccount a ON a.id = d.account_id
WHERE d.charge_category = ANY(%(spend)s) AND d.effective_cost IS NOT NULL
    AND (NOT w.has_rules OR EXISTS (
        SELECT 1 FROM usage_cooperationusage r
        WHERE r.cooperation_id = w.cooperation_id AND r.during @> d.charge_day
            AND (r.account_id IS NULL OR r.account_id = d.account_id)
            AND (r.service = '' OR r.service = m.service)
            AND (r.model = '' OR r.model = m.model)
            AND (r.environment = ''
                OR r.environment = COALESCE(NULLIF(d.environment, ''), a.environment))
            AND (r.tag_bucket = '' OR r.tag_bucket = d.tag_bucket)))
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def spend_in(windows: Sequence[SpendWindow]) -> list[Spent]:
    """Return spend by window, day and currency; one query however many windows."""
    if not windows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            SPENT,
            {
                "keys": [one.key for one in windows],
                "partners": [one.partner_id for one in windows],
                "cooperations": [one.cooperation_id for one in windows],
                "since": [one.since for one in windows],
                "until": [one.until for one in windows],
                "spend": list(SPEND),
            },
        )
        return [Spent(*row) for row in cursor.fetchall()]
