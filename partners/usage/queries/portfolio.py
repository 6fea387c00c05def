"""Many partners at once: what each used in some sets of days, converted in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from partners.usage.queries.series import OWNED, SPEND

Rates = Mapping[tuple[date, str], Decimal]
"""What one unit of a currency was worth on a charge day, in the currency shown."""


@dataclass(frozen=True, slots=True)
class Used:
    """What one partner used on the days of one window.

    :ivar spend: in the currency shown; None when a rate is missing for any of the days.
    :ivar ai_days: days on which an AI meter counted something or cost something.
    """

    partner_id: int
    window: str
    spend: Decimal | None
    ai_spend: Decimal | None
    tokens: Decimal
    ai_days: int
    used_days: int


BY_PARTNER = f"""
WITH windows AS (
    SELECT * FROM unnest(%(names)s::text[], %(sources)s::bigint[],
        %(window_days)s::date[]) AS w(name, source_id, day)
), rates AS (
    SELECT * FROM unnest(%(rate_days)s::date[], %(currencies)s::text[],
        %(rates)s::numeric[]) AS r(day, currency, rate)
), daily AS MATERIALIZED (
    SELECT o.partner_id, a.source_id, d.charge_day, d.currency,
        COALESCE(sum(d.effective_cost), 0) AS spend,
        COALESCE(sum(d.effective_cost) FILTER (WHERE m.is_ai), 0) AS ai,
        COALESCE(sum(d.quantity * m.factor) FILTER (WHERE m.base_unit = 'Tokens'
            AND d.charge_category = 'Usage'), 0) AS tokens,
        bool_or(d.charge_category = 'Usage'
            AND (d.quantity > 0 OR d.effective_cost > 0)) AS is_used,
        COALESCE(bool_or(d.charge_category = 'Usage'
            AND (d.quantity > 0 OR d.effective_cost > 0))
            FILTER (WHERE m.is_ai), false) AS is_ai
    {OWNED} AND d.charge_category = ANY(%(spend)s)
        AND d.charge_day = ANY(%(days)s)
    GROUP BY 1, 2, 3, 4
)
SELECT u.partner_id, w.name,
    CASE WHEN bool_or(r.rate IS NULL) THEN NULL ELSE sum(u.spend * r.rate) END,
    CASE WHEN bool_or(r.rate IS NULL) THEN NULL ELSE sum(u.ai * r.rate) END,
    sum(u.tokens), count(DISTINCT u.charge_day) FILTER (WHERE u.is_ai),
    count(DISTINCT u.charge_day) FILTER (WHERE u.is_used)
FROM daily u
JOIN windows w ON w.day = u.charge_day AND w.source_id = u.source_id
LEFT JOIN rates r ON r.day = u.charge_day AND r.currency = u.currency
GROUP BY 1, 2 ORDER BY 1, 2
"""


def used_by_partner(
    *,
    partner_ids: Sequence[int],
    windows: Mapping[str, Mapping[int, Collection[date]]],
    rates: Rates,
) -> list[Used]:
    """Return what each partner used in each window, by one query.

    :param windows: name → source → days; a day may lie in several windows.
    """
    named = [
        (name, source, day)
        for name, by_source in windows.items()
        for source, days in by_source.items()
        for day in days
    ]
    if not named or not partner_ids:
        return []
    days = sorted({day for _, _, day in named})
    values: dict[str, Any] = {
        "partners": list(partner_ids),
        "names": [name for name, _, _ in named],
        "sources": [source for _, source, _ in named],
        "window_days": [day for _, _, day in named],
        "days": days,
        "since": days[0],
        "until": date.fromordinal(days[-1].toordinal() + 1),
        "spend": list(SPEND),
        "rate_days": [day for day, _ in rates],
        "currencies": [currency for _, currency in rates],
        "rates": list(rates.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_PARTNER, values)
        return [Used(*row) for row in cursor.fetchall()]


COVERAGE = """
WITH mine AS (
    SELECT a.source_id,
        count(DISTINCT a.id) FILTER (WHERE o.during @> %(day)s::date) AS accounts
    FROM usage_accountownership o JOIN usage_cloudaccount a ON a.id = o.account_id
    WHERE o.partner_id = ANY(%(partners)s)
    GROUP BY 1
)
SELECT s.id, s.name, mine.accounts, reach.first, reach.latest
FROM mine JOIN usage_billingsource s ON s.id = mine.source_id
LEFT JOIN LATERAL (
    SELECT min(day) AS first, max(day) AS latest
    FROM usage_usagedelivery v, unnest(v.days) AS one(day)
    WHERE v.source_id = s.id AND v.status = 'current'
        AND day < (v.decided_at AT TIME ZONE 'UTC')::date
) AS reach ON true
WHERE s.is_active
ORDER BY s.name, s.id
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one source goes for the partners asked about.

    :ivar accounts: accounts of the source that belong to one of them on the day asked.
    """

    source_id: int
    source: str
    accounts: int
    first_day: date | None
    latest_day: date | None


def reach_of_sources(*, partner_ids: Sequence[int], on: date) -> list[Reach]:
    """Return the sources of these partners with the days delivered after their end.

    :param on: the day on which an account has to belong to one of the partners.
    """
    with connection.cursor() as cursor:
        cursor.execute(COVERAGE, {"partners": list(partner_ids), "day": on})
        return [Reach(*row) for row in cursor.fetchall()]
