"""The work list of spend that belongs to nobody yet, most money first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from partners.models import Partner


@dataclass(frozen=True, kw_only=True)
class Unassigned:
    """One account whose spend has no partner.

    :ivar suggestions: partners whose name resembles the account's, best first.
    """

    account_id: int
    source: str
    provider: str
    billing_account_id: str
    sub_account_id: str
    name: str
    currency: str
    effective: Decimal
    billed: Decimal
    first_month: date
    latest_month: date
    suggestions: tuple[int, ...] = ()


WORK_LIST = """
SELECT a.id, s.name, a.provider, a.billing_account_id, a.sub_account_id,
    COALESCE(NULLIF(a.name, ''), payer.name, ''), u.currency,
    COALESCE(sum(u.effective_cost), 0), COALESCE(sum(u.billed_cost), 0),
    min(u.charge_month), max(u.charge_month)
FROM usage_monthlyusage u
JOIN usage_cloudaccount a ON a.id = u.account_id
JOIN usage_billingsource s ON s.id = a.source_id
LEFT JOIN usage_cloudaccount payer ON payer.source_id = a.source_id
    AND payer.provider = a.provider AND payer.sub_account_id = ''
    AND payer.billing_account_id = a.billing_account_id
WHERE u.partner_id IS NULL AND u.charge_month >= %s
GROUP BY a.id, s.name, payer.name, u.currency
ORDER BY 8 DESC, a.id, u.currency LIMIT %s
"""


def unassigned_spend(
    *, since: date, count: int = 100, partners: Sequence[Partner] = ()
) -> list[Unassigned]:
    """Return accounts without a partner, by effective cost since a month.

    :param partners: those among which names are compared for suggestions.
    """
    with connection.cursor() as cursor:
        cursor.execute(WORK_LIST, [since, count])
        rows = cursor.fetchall()
    words = {partner.pk: _names(partner) for partner in partners}
    return [
        Unassigned(
            account_id=pk,
            source=source,
            provider=provider,
            billing_account_id=billing,
            sub_account_id=sub,
            name=name,
            currency=currency,
            effective=effective,
            billed=billed,
            first_month=first,
            latest_month=latest,
            suggestions=suggested(name, words),
        )
        for (pk, source, provider, billing, sub, name, currency, effective, billed,
             first, latest) in rows
    ]  # fmt: skip


def unassigned_sums(*, since: date) -> dict[str, Decimal]:
    """Return effective cost without a partner since a month, per currency."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, COALESCE(sum(effective_cost), 0) FROM usage_monthlyusage "
            "WHERE partner_id IS NULL AND charge_month >= %s GROUP BY 1 "
            "HAVING COALESCE(sum(effective_cost), 0) <> 0 ORDER BY 1",
            [since],
        )
        return dict(cursor.fetchall())


IDLE = frozenset(
    {"inc", "ltd", "llc", "gmbh", "ag", "co", "corp", "group", "limited", "company",
     "cloud", "account", "billing", "prod", "production", "dev", "test", "the"}
)  # fmt: skip


def suggested(name: str, names: dict[int, list[frozenset[str]]]) -> tuple[int, ...]:
    """Return up to three partners one of whose names shares most words with this one."""
    mine = _words(name)
    shares = [
        (max(len(mine & theirs) / len(theirs) for theirs in known), pk)
        for pk, known in names.items()
        if known
    ]
    best = sorted(shares, key=lambda share: (-share[0], share[1]))
    return tuple(pk for share, pk in best[:3] if share >= 0.5)


def _names(partner: Partner) -> list[frozenset[str]]:
    names = (partner.display_name, partner.local_name, partner.legal_name)
    return [words for words in map(_words, names) if words]


def _words(text: str) -> frozenset[str]:
    found = re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]{2,}", text.lower())
    return frozenset(word for word in found if word not in IDLE and len(word) > 1)
