"""What models are used for, from the rollups of usage: by partner, by week, and what has no model yet.

Usage finds its model through the alias map on its charge day; a SKU goes before the model
identity. Money is never added over currencies. Sums are over the partners that are given:
those the reader may see.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from crm.core import sql
from partners.ai.models import DerivedModel
from partners.ai.models.pointing import AnyModel
from partners.models import Partner
from partners.usage.queries.series import SPEND
from partners.usage.trends import Growth

WINDOW = 28
WEEKS = 26
ZERO = Decimal(0)

PLAIN = r"regexp_replace(lower(btrim(m.{0})), '\s+', ' ', 'g')"
"""SQL of `identity.plain`: the spelling in which aliases are stored."""

MEANS = f"""
means AS MATERIALIZED (
    SELECT m.id AS meter_id, n.kind, n.base_id, n.derived_id, n.during
    FROM usage_usagemeter m JOIN ai_modelalias n
        ON n.kind = 'sku' AND n.text = {PLAIN.format("sku")}
    UNION ALL
    SELECT m.id, n.kind, n.base_id, n.derived_id, n.during
    FROM usage_usagemeter m JOIN ai_modelalias n
        ON n.kind = 'model' AND n.text = {PLAIN.format("model")}
)
"""
"""SQL of a WITH clause: which model a meter means, and when."""

MEANT = """x.during @> d.charge_day AND (x.kind = 'sku' OR NOT EXISTS (
    SELECT 1 FROM means y WHERE y.meter_id = x.meter_id AND y.kind = 'sku'
        AND y.during @> d.charge_day))"""

OWNED = """o.during @> d.charge_day
    AND (d.tag_bucket = o.tag_bucket OR (o.tag_bucket = '' AND NOT EXISTS (
        SELECT 1 FROM usage_accountownership t
        WHERE t.account_id = d.account_id AND t.tag_bucket = d.tag_bucket
            AND t.during @> d.charge_day)))"""

TOKENS = "sum(d.quantity * m.factor) FILTER (WHERE {0} AND m.base_unit = 'Tokens')"
USED = "d.charge_category = 'Usage'"

REACH = """
reach AS MATERIALIZED (
    SELECT partner_id, min(first) AS first,
        min(latest) FILTER (WHERE latest > newest - 35) + 1 AS stop
    FROM (SELECT s.partner_id, p.first, p.latest,
            max(p.latest) OVER (PARTITION BY s.partner_id) AS newest
        FROM (SELECT DISTINCT o.partner_id, a.source_id FROM usage_accountownership o
            JOIN usage_cloudaccount a ON a.id = o.account_id
            WHERE o.partner_id IN (SELECT id FROM seen)) s
        JOIN (SELECT v.source_id, min(day) AS first, max(day) AS latest
            FROM usage_usagedelivery v, unnest(v.days) AS one(day)
            WHERE v.status = 'current'
                AND day < (v.decided_at AT TIME ZONE 'UTC')::date
            GROUP BY v.source_id) p USING (source_id)) one
    GROUP BY partner_id
)
"""
"""SQL of a WITH clause: the complete days of each partner, as `complete_days` says."""

NOW = """u.charge_day >= GREATEST(%(start)s, r.first + 28)
    AND u.charge_day < LEAST(%(until)s, r.stop)"""
BEFORE = """u.charge_day >= GREATEST(%(start)s, r.first + 28) - 28
    AND u.charge_day < LEAST(%(until)s, r.stop) - 28"""
LATEST = "u.charge_day >= %(start)s"

USE = f"""
WITH seen(id) AS MATERIALIZED ({{seen}}), {MEANS}, {REACH}, used AS MATERIALIZED (
    SELECT o.partner_id, d.currency, d.charge_day,
        COALESCE(sum(d.effective_cost) FILTER (
            WHERE d.charge_category = ANY(%(spend)s)), 0) AS cost,
        COALESCE({TOKENS.format(f"{USED} AND m.direction = 'input'")}, 0) AS tokens_in,
        COALESCE({TOKENS.format(f"{USED} AND m.direction <> 'input'")}, 0) AS tokens_out,
        COALESCE(sum(d.quantity * m.factor) FILTER (
            WHERE {USED} AND m.base_unit = 'GPU-Hours'), 0) AS gpu_hours
    FROM means x
    JOIN usage_usagemeter m ON m.id = x.meter_id
    JOIN usage_dailyusage d ON d.meter_id = x.meter_id
        AND d.charge_day >= %(since)s AND d.charge_day < %(until)s AND {MEANT}
    JOIN usage_accountownership o ON o.account_id = d.account_id AND {OWNED}
    WHERE o.partner_id IN (SELECT id FROM seen) AND {{target}}
    GROUP BY 1, 2, 3
)
SELECT u.partner_id, p.display_name, u.currency,
    COALESCE(sum(u.cost) FILTER (WHERE {LATEST}), 0),
    COALESCE(sum(u.cost) FILTER (WHERE {NOW}), 0),
    COALESCE(sum(u.cost) FILTER (WHERE {BEFORE}), 0),
    COALESCE(sum(u.tokens_in) FILTER (WHERE {LATEST}), 0),
    COALESCE(sum(u.tokens_out) FILTER (WHERE {LATEST}), 0),
    COALESCE(sum(u.tokens_in + u.tokens_out) FILTER (WHERE {NOW}), 0),
    COALESCE(sum(u.tokens_in + u.tokens_out) FILTER (WHERE {BEFORE}), 0),
    COALESCE(sum(u.gpu_hours) FILTER (WHERE {LATEST}), 0),
    COALESCE(max(LEAST(%(until)s, r.stop) - GREATEST(%(start)s, r.first + 28)), 0)
FROM used u
JOIN partners_partner p ON p.id = u.partner_id
LEFT JOIN reach r ON r.partner_id = u.partner_id
WHERE u.charge_day >= %(start)s - {WINDOW}
GROUP BY 1, 2, 3
UNION ALL
SELECT NULL, '', '', (%(until)s - u.charge_day - 1) / 7, 0, 0,
    sum(u.tokens_in), sum(u.tokens_out), 0, 0, sum(u.gpu_hours), 0
FROM used u GROUP BY 4
ORDER BY 1, 3
"""
"""SQL of all use of a model: lines by partner and currency, then lines by week, whose partner is null
and whose fourth figure says how many weeks ago it was."""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What was spent in the window in one currency, and its growth over complete days."""

    currency: str
    amount: Decimal
    growth: Growth


@dataclass(kw_only=True)
class PartnerUse:
    """What one partner uses of one model in the 28 days of the window."""

    partner_id: int
    partner: str
    tokens_in: Decimal = ZERO
    tokens_out: Decimal = ZERO
    tokens_now: Decimal = ZERO
    tokens_before: Decimal = ZERO
    gpu_hours: Decimal = ZERO
    compared_days: int = 0
    spent: list[Spent] = field(default_factory=list)

    @property
    def tokens(self) -> Decimal:
        return self.tokens_in + self.tokens_out

    @property
    def growth(self) -> Growth:
        """Of the tokens, over days that are complete in both windows."""
        return Growth(
            now=self.tokens_now,
            before=self.tokens_before,
            days=self.compared_days,
            length=WINDOW,
        )


@dataclass(frozen=True, kw_only=True)
class Week:
    """What was used in seven days, the latest one ending with the window."""

    begins_on: date
    tokens_in: Decimal
    tokens_out: Decimal
    gpu_hours: Decimal


def use_of(
    model: AnyModel, *, partners: QuerySet[Partner], until: date, weeks: int = WEEKS
) -> tuple[list[PartnerUse], list[Week]]:
    """Return who uses a model, most tokens first, and its weeks, oldest first; one query.

    :param partners: over whom sums are made: those the reader may see.
    :param until: day after the last one of the window of 28 days, and of the last week.
    :param weeks: how many, quiet ones included.
    """
    since = until - timedelta(days=max(2 * WINDOW, 7 * weeks))
    seen, values = sql.inlined(partners.order_by().values("pk"), "seen")
    with connection.cursor() as cursor:
        cursor.execute(
            USE.format(seen=seen, target=_target(model)),
            values
            | {
                "model": model.pk,
                "start": until - timedelta(days=WINDOW),
                "since": since,
                "until": until,
                "spend": list(SPEND),
            },
        )
        rows = cursor.fetchall()
    found: dict[int, PartnerUse] = {}
    for row in rows:
        if row[0] is not None:
            _add(found, row)
    return _sorted(found), _weeks([row for row in rows if row[0] is None], until, weeks)


def _sorted(found: dict[int, PartnerUse]) -> list[PartnerUse]:
    used = [use for use in found.values() if use.tokens or use.gpu_hours or use.spent]
    return sorted(
        used, key=lambda use: (-use.tokens, -use.gpu_hours, use.partner, use.partner_id)
    )


def _add(found: dict[int, PartnerUse], row: tuple[Any, ...]) -> None:
    pk, name, currency, amount, now, before = row[:6]
    tokens_in, tokens_out, tokens_now, tokens_before, gpu_hours, days = row[6:]
    use = found.setdefault(pk, PartnerUse(partner_id=pk, partner=name))
    use.tokens_in += tokens_in
    use.tokens_out += tokens_out
    use.tokens_now += tokens_now
    use.tokens_before += tokens_before
    use.gpu_hours += gpu_hours
    use.compared_days = max(use.compared_days, days)
    if amount or before:
        growth = Growth(now=now, before=before, days=max(days, 0), length=WINDOW)
        use.spent.append(Spent(currency=currency, amount=amount, growth=growth))


def _weeks(rows: list[tuple[Any, ...]], until: date, weeks: int) -> list[Week]:
    found = {int(row[3]): (row[6], row[7], row[10]) for row in rows}
    return [
        Week(
            begins_on=until - timedelta(weeks=back + 1),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            gpu_hours=gpu_hours,
        )
        for back in reversed(range(weeks))
        for tokens_in, tokens_out, gpu_hours in [found.get(back, (ZERO, ZERO, ZERO))]
    ]


def _target(model: AnyModel) -> str:
    derived = isinstance(model, DerivedModel)
    return f"x.{'derived' if derived else 'base'}_id = %(model)s"
