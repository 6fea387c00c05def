"""What models are used for, from the rollups of usage: by partner, by week, and what has no model yet.

Usage finds its model through the alias map on its charge day; a SKU goes before the model
identity. Money is never added over currencies. Sums are over the partners that are given:
those the reader may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from partners.ai.models import DerivedModel
from partners.ai.models.pointing import AnyModel
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
            WHERE o.partner_id = ANY(%(partners)s)) s
        JOIN (SELECT v.source_id, min(day) AS first, max(day) AS latest
            FROM usage_usagedelivery v, unnest(v.days) AS one(day)
            WHERE v.status = 'current'
                AND day < (v.decided_at AT TIME ZONE 'UTC')::date
            GROUP BY v.source_id) p USING (source_id)) one
    GROUP BY partner_id
)
"""
"""SQL of a WITH clause: the complete days of each partner, as `complete_days` says."""

NOW = """d.charge_day >= GREATEST(%(start)s, r.first + 28)
    AND d.charge_day < LEAST(%(until)s, r.stop)"""
BEFORE = """d.charge_day >= GREATEST(%(start)s, r.first + 28) - 28
    AND d.charge_day < LEAST(%(until)s, r.stop) - 28"""
LATEST = "d.charge_day >= %(start)s"
COSTS = "d.charge_category = ANY(%(spend)s)"

BY_PARTNER = f"""
WITH {MEANS}, {REACH}
SELECT o.partner_id, p.display_name, d.currency,
    COALESCE(sum(d.effective_cost) FILTER (WHERE {COSTS} AND {LATEST}), 0),
    COALESCE(sum(d.effective_cost) FILTER (WHERE {COSTS} AND {NOW}), 0),
    COALESCE(sum(d.effective_cost) FILTER (WHERE {COSTS} AND {BEFORE}), 0),
    COALESCE({TOKENS.format(f"{USED} AND {LATEST} AND m.direction = 'input'")}, 0),
    COALESCE({TOKENS.format(f"{USED} AND {LATEST} AND m.direction <> 'input'")}, 0),
    COALESCE({TOKENS.format(f"{USED} AND {NOW}")}, 0),
    COALESCE({TOKENS.format(f"{USED} AND {BEFORE}")}, 0),
    COALESCE(sum(d.quantity * m.factor) FILTER (
        WHERE {USED} AND {LATEST} AND m.base_unit = 'GPU-Hours'), 0),
    COALESCE(max(LEAST(%(until)s, r.stop) - GREATEST(%(start)s, r.first + 28)), 0)
FROM means x
JOIN usage_usagemeter m ON m.id = x.meter_id
JOIN usage_dailyusage d ON d.meter_id = x.meter_id
    AND d.charge_day >= %(since)s AND d.charge_day < %(until)s AND {MEANT}
JOIN usage_accountownership o ON o.account_id = d.account_id AND {OWNED}
JOIN partners_partner p ON p.id = o.partner_id
LEFT JOIN reach r ON r.partner_id = o.partner_id
WHERE o.partner_id = ANY(%(partners)s) AND {{target}}
GROUP BY 1, 2, 3 ORDER BY 1, 3
"""

BY_WEEK = f"""
WITH {MEANS}
SELECT (%(until)s - d.charge_day - 1) / 7,
    COALESCE({TOKENS.format(f"{USED} AND m.direction = 'input'")}, 0),
    COALESCE({TOKENS.format(f"{USED} AND m.direction <> 'input'")}, 0),
    COALESCE(sum(d.quantity * m.factor) FILTER (
        WHERE {USED} AND m.base_unit = 'GPU-Hours'), 0)
FROM means x
JOIN usage_usagemeter m ON m.id = x.meter_id
JOIN usage_dailyusage d ON d.meter_id = x.meter_id
    AND d.charge_day >= %(since)s AND d.charge_day < %(until)s AND {MEANT}
JOIN usage_accountownership o ON o.account_id = d.account_id AND {OWNED}
WHERE o.partner_id = ANY(%(partners)s) AND {{target}}
GROUP BY 1 ORDER BY 1 DESC
"""


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


def use_by_partner(
    model: AnyModel, *, partner_ids: Sequence[int], until: date
) -> list[PartnerUse]:
    """Return who uses a model, most tokens first; one query.

    :param until: day after the last one of the window.
    """
    start = until - timedelta(days=WINDOW)
    values = _values(model, partner_ids, start - timedelta(days=WINDOW), until)
    found: dict[int, PartnerUse] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            BY_PARTNER.format(target=_target(model)), values | {"start": start}
        )
        for row in cursor.fetchall():
            _add(found, row)
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


def use_by_week(
    model: AnyModel, *, partner_ids: Sequence[int], until: date, weeks: int = WEEKS
) -> list[Week]:
    """Return the use of a model week by week, oldest first, quiet weeks included; one query."""
    since = until - timedelta(weeks=weeks)
    with connection.cursor() as cursor:
        cursor.execute(
            BY_WEEK.format(target=_target(model)),
            _values(model, partner_ids, since, until),
        )
        found = {back: figures for back, *figures in cursor.fetchall()}
    return [
        Week(
            begins_on=until - timedelta(weeks=back + 1),
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            gpu_hours=gpu_hours,
        )
        for back in reversed(range(weeks))
        for tokens_in, tokens_out, gpu_hours in [found.get(back, [ZERO, ZERO, ZERO])]
    ]


def _target(model: AnyModel) -> str:
    derived = isinstance(model, DerivedModel)
    return f"x.{'derived' if derived else 'base'}_id = %(model)s"


def _values(
    model: AnyModel, partner_ids: Sequence[int], since: date, until: date
) -> dict[str, Any]:
    return {
        "model": model.pk,
        "partners": list(partner_ids),
        "since": since,
        "until": until,
        "spend": list(SPEND),
    }
