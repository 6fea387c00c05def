"""Usage of partners and cooperations by day and month, from the rollups.

Money is never added over currencies: every answer is per currency. Spend is effective
cost of usage, adjustments and credits; purchases and taxes are left out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import connection

from crm.core.periods import Days
from partners.models import Partner

SPEND = ("Usage", "Adjustment", "Credit")
"""Charge categories that count as spend."""


class Dimension(Enum):
    """By what a series is divided; the value is SQL over the joined rollup."""

    NOTHING = "''"
    SERVICE = "m.service"
    CATEGORY = "m.service_category"
    MODEL = "m.model"
    ACCOUNT = "a.id::text"
    SOURCE = "a.source_id::text"
    REGION = "d.region"
    ENVIRONMENT = "COALESCE(NULLIF(d.environment, ''), a.environment)"
    AI = "CASE WHEN m.is_ai THEN 'ai' ELSE 'other' END"
    CHARGE_CATEGORY = "d.charge_category"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose usage is asked for.

    :ivar partner_ids: the partners, subsidiaries included where they shall count.
    :ivar cooperation_id: only what the rules of this cooperation take; needs its
        partner in `partner_ids`.
    :ivar is_rest: only what the rules of no cooperation take.
    :ivar environment: only rows of this environment.
    """

    partner_ids: tuple[int, ...]
    cooperation_id: int | None = None
    is_rest: bool = False
    environment: str = ""

    @classmethod
    def of_group(cls, partner: Partner) -> "Scope":
        """Return a partner with all subsidiaries below it; each account counts once."""
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH RECURSIVE below AS ("
                "SELECT id FROM partners_partner WHERE id = %s UNION "
                "SELECT p.id FROM partners_partner p JOIN below b ON p.parent_id = b.id"
                ") SELECT id FROM below ORDER BY id",
                [partner.pk],
            )
            return cls(partner_ids=tuple(row[0] for row in cursor.fetchall()))


@dataclass(frozen=True, slots=True)
class Point:
    """Usage of one day, one value of the dimension and one currency."""

    day: date
    key: str
    currency: str
    billed: Decimal
    effective: Decimal
    listed: Decimal
    contracted: Decimal
    ai: Decimal
    """Effective cost of AI meters."""
    tokens_in: Decimal
    tokens_out: Decimal
    gpu_hours: Decimal
    rows: int


# A range that holds a day is taken for one row in a thousand, a COALESCE for every other
DAYS = """
FROM usage_accountownership o
JOIN usage_dailyusage d ON d.account_id = o.account_id
    AND d.charge_day >= %(since)s AND d.charge_day < %(until)s
    AND COALESCE(o.during @> d.charge_day, FALSE)
    AND (d.tag_bucket = o.tag_bucket OR (o.tag_bucket = '' AND NOT EXISTS (
        SELECT 1 FROM usage_accountownership t
        WHERE t.account_id = d.account_id AND t.tag_bucket = d.tag_bucket
            AND t.during @> d.charge_day)))
"""
NAMES = """
JOIN usage_usagemeter m ON m.id = d.meter_id
JOIN usage_cloudaccount a ON a.id = d.account_id
"""
THEIRS = "WHERE o.partner_id = ANY(%(partners)s)"
OWNED = DAYS + NAMES + THEIRS

ENVIRONMENT = f" AND {Dimension.ENVIRONMENT.value} = %(environment)s"

TAKES = f"""r.partner_id = o.partner_id AND r.during @> d.charge_day
    AND (r.account_id IS NULL OR r.account_id = d.account_id)
    AND (r.service = '' OR r.service = m.service)
    AND (r.model = '' OR r.model = m.model)
    AND (r.environment = '' OR r.environment = {Dimension.ENVIRONMENT.value})
    AND (r.tag_bucket = '' OR r.tag_bucket = d.tag_bucket)"""
"""SQL that tells whether rule `r` takes row `d`; at most one rule does."""

COOPERATION = f""" AND EXISTS (SELECT 1 FROM usage_cooperationusage r
    WHERE r.cooperation_id = %(cooperation)s AND {TAKES})"""

REST = f""" AND NOT EXISTS (SELECT 1 FROM usage_cooperationusage r WHERE {TAKES})"""


def _where(scope: Scope, *, is_named: bool = True) -> str:
    """Return SQL from FROM on.

    :param is_named: whether meters and accounts are asked for; half of the time is theirs.
    """
    is_narrow = scope.environment or scope.cooperation_id is not None or scope.is_rest
    parts = DAYS + (NAMES if is_named or is_narrow else "") + THEIRS
    if scope.environment:
        parts += ENVIRONMENT
    if scope.cooperation_id is not None:
        parts += COOPERATION
    if scope.is_rest:
        parts += REST
    return parts


def _values(scope: Scope, since: date, until: date) -> dict[str, Any]:
    return {
        "partners": list(scope.partner_ids),
        "cooperation": scope.cooperation_id,
        "environment": scope.environment,
        "since": since,
        "until": until,
        "spend": list(SPEND),
    }


def daily_usage(
    scope: Scope,
    *,
    since: date,
    until: date,
    by: Dimension = Dimension.NOTHING,
    charge_categories: Sequence[str] = SPEND,
    besides: Days | None = None,
) -> list[Point]:
    """Return usage per charge day (UTC), one query.

    :param until: day after the last one.
    :param besides: earlier days that are asked for as well, with a gap between.
    """
    values = _values(scope, since, until) | {"spend": list(charge_categories)}
    statement = _daily(scope, by)
    if besides is not None:
        earlier = statement.replace("(since)", "(start)").replace("(until)", "(end)")
        statement = f"{earlier} UNION ALL {statement}"
        values |= {"start": besides.start, "end": besides.end}
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1, 2, 3", values)
        return [Point(*row) for row in cursor.fetchall()]


def _daily(scope: Scope, by: Dimension) -> str:
    used = "d.charge_category = 'Usage'"
    return f"""SELECT d.charge_day, {by.value}, d.currency,
                COALESCE(sum(d.billed_cost), 0), COALESCE(sum(d.effective_cost), 0),
                COALESCE(sum(d.list_cost), 0), COALESCE(sum(d.contracted_cost), 0),
                COALESCE(sum(d.effective_cost) FILTER (WHERE m.is_ai), 0),
                COALESCE(sum(d.quantity * m.factor) FILTER (WHERE {used}
                    AND m.base_unit = 'Tokens' AND m.direction = 'input'), 0),
                COALESCE(sum(d.quantity * m.factor) FILTER (WHERE {used}
                    AND m.base_unit = 'Tokens' AND m.direction = 'output'), 0),
                COALESCE(sum(d.quantity * m.factor) FILTER (WHERE {used}
                    AND m.base_unit = 'GPU-Hours'), 0),
                sum(d.row_count)
            {_where(scope)} AND d.charge_category = ANY(%(spend)s)
            GROUP BY 1, 2, 3"""


def spend_series(
    scope: Scope, *, since: date, until: date, cost: str = "effective"
) -> dict[str, dict[date, Decimal]]:
    """Return spend per currency and charge day.

    :param cost: `effective` (as used) or `billed` (as invoiced).
    """
    column = {"effective": "effective_cost", "billed": "billed_cost"}[cost]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.currency, d.charge_day, COALESCE(sum(d.{column}), 0) "
            f"{_where(scope, is_named=False)} AND d.charge_category = ANY(%(spend)s) "
            "GROUP BY 1, 2 ORDER BY 1, 2",
            _values(scope, since, until),
        )
        series: dict[str, dict[date, Decimal]] = {}
        for currency, day, amount in cursor.fetchall():
            series.setdefault(currency, {})[day] = amount
        return series


def usage_days(
    scope: Scope, *, since: date, until: date, is_ai_only: bool = False
) -> list[date]:
    """Return the days on which something was used: a quantity or a cost above zero."""
    ai = " AND m.is_ai" if is_ai_only else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT d.charge_day {_where(scope)} "
            f"AND d.charge_category = 'Usage'{ai} "
            "AND (d.quantity > 0 OR d.effective_cost > 0) ORDER BY 1",
            _values(scope, since, until),
        )
        return [row[0] for row in cursor.fetchall()]


def storage_mean(scope: Scope, *, since: date, until: date) -> Decimal:
    """Return the time-weighted mean of stored gigabytes over the days.

    Storage is a stock: gigabyte-hours are added up and divided by the hours of the
    period; a gigabyte-month counts as many hours as its billing month has.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT COALESCE(sum(d.quantity * m.factor * CASE WHEN m.is_monthly
                THEN 24 * EXTRACT(DAY FROM date_trunc('month', d.charge_day)
                    + INTERVAL '1 month - 1 day') ELSE 1 END), 0)
            {_where(scope)} AND m.is_time_weighted AND d.charge_category = 'Usage'""",
            _values(scope, since, until),
        )
        row = cursor.fetchone()
    hours = (until - since).days * 24
    return Decimal(row[0]) / hours if row and hours > 0 else Decimal(0)


@dataclass(frozen=True, slots=True)
class Spent:
    """What one partner spent in one month in one currency."""

    month: date
    partner_id: int | None
    currency: str
    effective: Decimal
    billed: Decimal
    ai: Decimal
    tokens: Decimal


MONTHLY = """
SELECT charge_month, partner_id, currency, COALESCE(sum(effective_cost), 0),
    COALESCE(sum(billed_cost), 0),
    COALESCE(sum(effective_cost) FILTER (WHERE is_ai), 0), COALESCE(sum(tokens), 0)
FROM usage_monthlyusage
WHERE charge_month >= %(since)s AND charge_month < %(until)s
    AND charge_category = ANY(%(spend)s) AND {who}
GROUP BY 1, 2, 3
"""


def monthly_spend(
    *, since: date, until: date, partner_ids: Sequence[int] | None = None
) -> list[Spent]:
    """Return spend per charge month and partner; None as partner is unassigned."""
    who = "TRUE" if partner_ids is None else "partner_id = ANY(%(partners)s)"
    return _spent(
        MONTHLY.format(who=who) + "ORDER BY 1, 2 NULLS LAST, 3",
        since=since,
        until=until,
        partner_ids=partner_ids,
    )


def top_partners(
    *, month: date, currency: str, count: int = 50, partner_ids: Sequence[int]
) -> list[Spent]:
    """Return the partners that spent most in a charge month, among those given."""
    who = "partner_id = ANY(%(partners)s) AND currency = %(currency)s"
    return _spent(
        MONTHLY.format(who=who) + "ORDER BY 4 DESC, 2 LIMIT %(count)s",
        since=month,
        until=(month + timedelta(days=32)).replace(day=1),
        partner_ids=partner_ids,
        currency=currency,
        count=count,
    )


def _spent(
    sql: str,
    *,
    since: date,
    until: date,
    partner_ids: Sequence[int] | None,
    currency: str = "",
    count: int = 0,
) -> list[Spent]:
    values: dict[str, Any] = {
        "since": since,
        "until": until,
        "partners": list(partner_ids or ()),
        "currency": currency,
        "count": count,
        "spend": list(SPEND),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Spent(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Mover:
    """How one partner's spend changed from one period to the next."""

    partner_id: int
    currency: str
    now: Decimal
    before: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.before


def top_movers(
    *,
    partner_ids: Sequence[int],
    end: date,
    days: int = 28,
    back: int = 28,
    count: int = 10,
) -> list[Mover]:
    """Return the partners whose spend changed most, up or down, per currency.

    :param end: day after the last complete one; both periods have `days` days.
    :param back: how many days earlier the base lies.
    """
    start, base = end - timedelta(days=days), end - timedelta(days=back)
    scope = Scope(partner_ids=tuple(partner_ids))
    values = _values(scope, base - timedelta(days=days), end)
    values |= {"start": start, "base": base, "count": count}
    now = "sum(d.effective_cost) FILTER (WHERE d.charge_day >= %(start)s)"
    before = "sum(d.effective_cost) FILTER (WHERE d.charge_day < %(base)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT o.partner_id, d.currency, COALESCE({now}, 0),
                COALESCE({before}, 0)
            {_where(scope, is_named=False)} AND d.charge_category = ANY(%(spend)s)
            GROUP BY 1, 2
            ORDER BY abs(COALESCE({now}, 0) - COALESCE({before}, 0)) DESC, 1, 2
            LIMIT %(count)s""",
            values,
        )
        return [Mover(*row) for row in cursor.fetchall()]
