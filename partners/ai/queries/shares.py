"""How much of a partner's tokens its derived models serve, and usage that has no model yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext

from partners.ai import identity
from partners.ai.models import BaseModel
from partners.ai.queries.figures import MEANS, OWNED, WINDOW
from partners.usage.queries.series import SPEND

SHARES = f"""
WITH {MEANS}, used AS (
    SELECT o.partner_id, d.meter_id, d.charge_day, sum(d.quantity * m.factor) AS tokens
    FROM usage_accountownership o
    JOIN usage_dailyusage d ON d.account_id = o.account_id
        AND d.charge_day >= %(since)s AND d.charge_day < %(until)s AND {OWNED}
    JOIN usage_usagemeter m ON m.id = d.meter_id AND m.base_unit = 'Tokens'
    WHERE o.partner_id = ANY(%(partners)s) AND d.charge_category = 'Usage'
    GROUP BY 1, 2, 3
)
SELECT u.partner_id, COALESCE(sum(u.tokens), 0),
    COALESCE(sum(u.tokens) FILTER (WHERE n.derived_id IS NOT NULL), 0),
    COALESCE(sum(u.tokens) FILTER (WHERE n.meter_id IS NULL), 0)
FROM used u LEFT JOIN LATERAL (
    SELECT x.meter_id, x.derived_id FROM means x
    WHERE x.meter_id = u.meter_id AND x.during @> u.charge_day
    ORDER BY x.kind DESC LIMIT 1) n ON TRUE
GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class DerivedShare:
    """Tokens of one partner in the window, and how many of them derived models served."""

    partner_id: int
    tokens: Decimal
    derived: Decimal
    unmapped: Decimal

    @property
    def ratio(self) -> Decimal | None:
        """Derived ÷ all; None where no token was used."""
        return self.derived / self.tokens if self.tokens > 0 else None


def derived_shares(
    partner_ids: Sequence[int], *, until: date, days: int = WINDOW
) -> dict[int, DerivedShare]:
    """Return the shares of partners that used tokens, by partner; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            SHARES,
            {
                "partners": list(partner_ids),
                "since": until - timedelta(days=days),
                "until": until,
            },
        )
        return {
            pk: DerivedShare(
                partner_id=pk, tokens=tokens, derived=derived, unmapped=unmapped
            )
            for pk, tokens, derived, unmapped in cursor.fetchall()
        }


def share_in_words(partner_id: int, *, until: date) -> str:
    """Return the derived-model share of one partner's tokens in words; one query."""
    share = derived_shares([partner_id], until=until).get(partner_id)
    if share is None or share.ratio is None:
        return gettext("No tokens in 28 days.")
    text = gettext("%(share)s %% of %(tokens)s tokens in 28 days") % {
        "share": f"{share.ratio * 100:.1f}",
        "tokens": f"{share.tokens:,.0f}",
    }
    if not share.unmapped:
        return text
    unmapped = gettext("%(count)s tokens have no model yet") % {
        "count": f"{share.unmapped:,.0f}"
    }
    return f"{text}; {unmapped}"


WORK_LIST = f"""
WITH {MEANS}, used AS (
    SELECT d.meter_id, d.charge_day, d.currency,
        sum(d.effective_cost) FILTER (
            WHERE d.charge_category = ANY(%(spend)s)) AS cost,
        sum(d.quantity * m.factor) FILTER (
            WHERE d.charge_category = 'Usage' AND m.base_unit = 'Tokens') AS tokens
    FROM usage_accountownership o
    JOIN usage_dailyusage d ON d.account_id = o.account_id
        AND d.charge_day >= %(since)s AND d.charge_day < %(until)s AND {OWNED}
    JOIN usage_usagemeter m ON m.id = d.meter_id AND m.is_ai
        AND (m.model <> '' OR m.base_unit <> 'GPU-Hours')
    WHERE o.partner_id = ANY(%(partners)s)
    GROUP BY 1, 2, 3
)
SELECT CASE WHEN m.model <> '' THEN 'model' ELSE 'sku' END,
    CASE WHEN m.model <> '' THEN m.model ELSE m.sku END,
    u.currency, COALESCE(sum(u.cost), 0), COALESCE(sum(u.tokens), 0),
    min(u.charge_day), max(u.charge_day), min(m.service)
FROM used u JOIN usage_usagemeter m ON m.id = u.meter_id
WHERE NOT EXISTS (SELECT 1 FROM means x
    WHERE x.meter_id = u.meter_id AND x.during @> u.charge_day)
    AND (m.model <> '' OR m.sku <> '')
GROUP BY 1, 2, 3
HAVING COALESCE(sum(u.cost), 0) <> 0 OR COALESCE(sum(u.tokens), 0) <> 0
ORDER BY 4 DESC, 1, 2, 3 LIMIT %(count)s
"""


@dataclass(frozen=True, kw_only=True)
class Unmapped:
    """One text of usage that means no model, by money in one currency.

    :ivar suggestions: models of the catalogue whose names resemble it, the best first.
    """

    kind: str
    text: str
    currency: str
    spend: Decimal
    tokens: Decimal
    first_day: date
    latest_day: date
    service: str
    suggestions: tuple[int, ...] = ()


def unmapped_usage(
    *, partner_ids: Sequence[int], until: date, days: int = 365, count: int = 100
) -> list[Unmapped]:
    """Return AI usage without a model, most money first; two queries.

    Hours of GPUs without a model identity are hardware and no model: a SKU of theirs
    can be mapped, but is not asked for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            WORK_LIST,
            {
                "partners": list(partner_ids),
                "since": until - timedelta(days=days),
                "until": until,
                "spend": list(SPEND),
                "count": count,
            },
        )
        rows = cursor.fetchall()
    names = known_names() if rows else {}
    return [
        Unmapped(
            kind=kind,
            text=text,
            currency=currency,
            spend=spend,
            tokens=tokens,
            first_day=first,
            latest_day=latest,
            service=service,
            suggestions=identity.suggested(text, names),
        )
        for kind, text, currency, spend, tokens, first, latest, service in rows
    ]


def known_names() -> Mapping[int, list[str]]:
    """Return the names of every base model: its own and its aliases; one query."""
    names: dict[int, list[str]] = {}
    rows = BaseModel.objects.values_list("pk", "name", "aliases__text").order_by("pk")
    for pk, name, text in rows:
        names.setdefault(pk, [name]).append(text or name)
    return names
