"""The facts about many cooperations at once: a fixed number of queries for any number of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from crm.core.sql import among
from crm.watch.facts import Facts, Proof, Usage
from crm.watch.queries import promises
from partners.governance import Governance
from partners.models import Cooperation
from partners.queries.steering import governance
from partners.usage.queries.cooperations import CooperationFigures, cooperation_figures
from partners.usage.queries.whose import Basis

MOST_LATE_DAYS = 3
"""How many days behind yesterday usage may be and still be judged."""
DAY_SECONDS = 86_400

STANDING = """
SELECT c.id, c.partner_id, c.owner_id, c.title, s.code, s."order", s.expected_days,
    c.on_hold_since IS NOT NULL AS is_on_hold, t.id AS stay_id,
    GREATEST(0, EXTRACT(EPOCH FROM %(at)s - c.stage_entered_at) - COALESCE(h.held, 0))
        AS seconds,
    EXTRACT(EPOCH FROM %(at)s - a.latest) AS silent,
    c.expected_monthly_spend, c.currency,
    g.passed, g.total
FROM partners_cooperation c
JOIN partners_stagedefinition s ON s.code = c.stage_id
JOIN partners_stagetransition t ON t.cooperation_id = c.id AND t.exited_at IS NULL
LEFT JOIN watch_gatelook g ON g.cooperation_id = c.id AND g.stay_id = t.id
LEFT JOIN (
    SELECT k.cooperation_id,
        sum(EXTRACT(EPOCH FROM COALESCE(k.ended_at, %(at)s) - k.began_at)) AS held
    FROM partners_hold k JOIN partners_stagetransition x ON x.id = k.stay_id
    WHERE x.exited_at IS NULL AND k.cooperation_id = ANY(%(ids)s) GROUP BY 1
) h ON h.cooperation_id = c.id
LEFT JOIN (
    SELECT v.cooperation_id, max(v.happened_at) AS latest FROM partners_activity v
    WHERE v.happened_at <= %(at)s AND v.cooperation_id = ANY(%(ids)s) GROUP BY 1
) a ON a.cooperation_id = c.id
WHERE c.closed_at IS NULL AND c.id = ANY(%(ids)s)
ORDER BY c.id
"""

PROOFS = """
SELECT p.cooperation_id, p.id, p.title, p.planned_end_on, p.status,
    count(m.id) FILTER (WHERE m.is_mandatory AND m.measured IS NULL),
    count(m.id) FILTER (WHERE CASE m.direction WHEN 'at_most'
        THEN m.measured <= m.target ELSE m.measured >= m.target END),
    count(m.id)
FROM partners_poc p LEFT JOIN partners_pocmetric m ON m.poc_id = p.id
WHERE p.cooperation_id = ANY(%(ids)s) AND p.status <> 'cancelled'
GROUP BY p.id ORDER BY p.cooperation_id, p.planned_start_on, p.id
"""


@dataclass(slots=True)
class Proofs:
    """The proofs of one cooperation: those that run, and how the latest came out."""

    running: list[Proof] = field(default_factory=list)
    met_share: Decimal | None = None


def running_ids() -> list[int]:
    """Return the ids of all cooperations that are not closed, in order."""
    rows = Cooperation.objects.running().order_by("pk")
    return list(rows.values_list("pk", flat=True))


def facts_of(cooperation_ids: Sequence[int], *, at: datetime) -> Iterator[Facts]:
    """Yield what is known about each running cooperation among these, in order.

    :param at: the instant of the question; usage is looked at up to the day before.
    """
    values = {"ids": list(cooperation_ids), "at": at}
    today = at.date()
    used = cooperation_figures(cooperation_ids, until=today)
    asked = Cooperation.objects.filter(pk__in=among(cooperation_ids))
    governed = governance(asked, at=at)
    proofs = _proofs(values)
    promised = promises.promises_of(cooperation_ids, at=at)
    for row in _rows(STANDING, values):
        pk = row["id"]
        yield _fact(
            row,
            used=usage_of(used.get(pk), today=today),
            governed=governed[pk],
            proofs=proofs.get(pk) or Proofs(),
            promised=promised[pk],
        )


def _fact(
    row: Mapping[str, Any],
    *,
    used: Usage | None,
    governed: Governance,
    proofs: Proofs,
    promised: promises.Promised,
) -> Facts:
    return Facts(
        on=governed.on,
        cooperation_id=row["id"],
        partner_id=row["partner_id"],
        owner_id=row["owner_id"],
        title=row["title"],
        stay_id=row["stay_id"],
        stage=row["code"],
        stage_order=row["order"],
        days_in_stage=float(row["seconds"]) / DAY_SECONDS,
        expected_days=row["expected_days"],
        is_on_hold=row["is_on_hold"],
        silent_days=None
        if row["silent"] is None
        else float(row["silent"]) / DAY_SECONDS,
        expected_spend=row["expected_monthly_spend"],
        spend_currency=row["currency"],
        gate_passed=row["passed"] if row["total"] else None,
        gate_total=row["total"] or 0,
        governance=governed.score,
        governance_lost=[point.value for point in governed.lost],
        sponsor_left_on=governed.their_sponsor_left_on,
        usage=used,
        proofs=proofs.running,
        proven_share=proofs.met_share,
        commitments=promised.commitments,
        realisation=promised.realisation,
        notices=promised.notices,
        signed_on=promised.signed_on,
    )


def usage_of(figures: CooperationFigures | None, *, today: date) -> Usage | None:
    """Return the usage as rules judge it; None where it cannot be told whose it is.

    Where it is in several currencies the one in which most was spent stands for all:
    amounts are never added over currencies.
    """
    if figures is None or figures.whose.basis == Basis.UNKNOWN:
        return None
    window = today - timedelta(days=28)
    if figures.reach is None:
        return Usage(is_fresh=False, first_ai_day=figures.first_ai_day)
    complete = max(0, min(28, (figures.reach - window).days))
    is_fresh = figures.reach >= today - timedelta(days=MOST_LATE_DAYS)
    common: dict[str, Any] = {
        "is_fresh": is_fresh,
        "complete_days": complete,
        "active_days": figures.active_days,
        "quiet_days": figures.quiet_days,
        "compared_days": figures.compared_days,
        "first_ai_day": figures.first_ai_day,
    }
    if not figures.spending:
        return Usage(**common)
    currency, spent = max(
        figures.spending.items(),
        key=lambda each: (each[1].latest, each[1].earlier, each[0]),
    )
    return Usage(
        **common,
        currency=currency,
        now=spent.ai_now,
        before=spent.ai_before,
        total_now=spent.now,
        total_before=spent.before,
        spend=spent.latest,
    )


def _proofs(values: Mapping[str, Any]) -> dict[int, Proofs]:
    found: dict[int, Proofs] = defaultdict(Proofs)
    with connection.cursor() as cursor:
        cursor.execute(PROOFS, values)
        for (
            pk,
            poc,
            title,
            ends_on,
            status,
            unmeasured,
            met,
            total,
        ) in cursor.fetchall():
            one = found[pk]
            if status in ("planned", "running"):
                one.running.append(
                    Proof(
                        poc_id=poc, title=title, ends_on=ends_on, unmeasured=unmeasured
                    )
                )
            if total:
                one.met_share = Decimal(met) / total
    return found


def _rows(sql: str, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        while rows := cursor.fetchmany(5_000):
            yield from (dict(zip(names, row, strict=True)) for row in rows)


def chunks(ids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    """Return the ids in parts of at most this many."""
    return (ids[at : at + size] for at in range(0, len(ids), size))
