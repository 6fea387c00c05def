"""What was signed and promised about many cooperations: agreements, deadlines, commitments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from crm.watch.facts import Committed, Notice
from deals.agreements import AgreementStatus
from deals.pipeline import OPEN
from deals.queries.commitments import CommitmentStanding, standings
from deals.queries.realisation import realisation_of

ZERO = Decimal(0)
STANDING = frozenset({AgreementStatus.SIGNED, AgreementStatus.ACTIVE})
EVER_SIGNED = frozenset(AgreementStatus.values) - {
    AgreementStatus.DRAFT,
    AgreementStatus.IN_REVIEW,
}


@dataclass(slots=True)
class Promised:
    """What is known about the promises of one cooperation.

    :ivar signed_on: first day on which both had signed an MoU or a framework.
    :ivar realisation: least of its launched deals, as a share of what was expected.
    """

    signed_on: date | None = None
    notices: list[Notice] = field(default_factory=list)
    commitments: list[Committed] = field(default_factory=list)
    realisation: Decimal | None = None


COVERED = """
covered AS (
    SELECT c.id AS cooperation_id, g.id AS agreement_id
    FROM partners_cooperation c
    JOIN deals_agreement g ON g.partner_id = c.partner_id
    WHERE c.id = ANY(%(ids)s) AND (
        EXISTS (SELECT 1 FROM deals_agreement_cooperations m
            WHERE m.agreement_id = g.id AND m.cooperation_id = c.id)
        OR NOT EXISTS (SELECT 1 FROM deals_agreement_cooperations m
            WHERE m.agreement_id = g.id))
)
"""
"""SQL of a WITH clause: which agreement covers which cooperation; none named is all."""

DRAWN = f"""
WITH {COVERED}
SELECT c.id, m.id FROM partners_cooperation c
JOIN deals_commitment m ON m.partner_id = c.partner_id
LEFT JOIN covered v ON v.cooperation_id = c.id AND v.agreement_id = m.agreement_id
WHERE c.id = ANY(%(ids)s) AND m.status = 'active'
    AND m.start_on <= %(today)s AND m.end_on > %(today)s
    AND (m.agreement_id IS NULL OR v.agreement_id IS NOT NULL)
ORDER BY c.id, m.end_on, m.id
"""

SIGNED = f"""
WITH {COVERED}
SELECT v.cooperation_id, min(GREATEST(g.signed_by_us_on, g.signed_by_them_on))
FROM covered v JOIN deals_agreement g ON g.id = v.agreement_id
WHERE g.agreement_type IN ('mou', 'strategic', 'msa')
    AND g.signed_by_us_on IS NOT NULL AND g.signed_by_them_on IS NOT NULL
    AND g.status = ANY(%(statuses)s)
GROUP BY 1
"""

NOTICES = f"""
WITH {COVERED}
SELECT v.cooperation_id, g.id, g.title, g.notice_deadline_on
FROM covered v JOIN deals_agreement g ON g.id = v.agreement_id
WHERE g.status = 'active' AND g.notice_deadline_on >= %(today)s
    AND g.notice_given_on IS NULL
    AND NOT EXISTS (SELECT 1 FROM deals_deal d
        WHERE d.renews_id = g.id AND d.stage = ANY(%(open)s))
ORDER BY v.cooperation_id, g.notice_deadline_on, g.id
"""


def promises_of(cooperation_ids: Sequence[int], *, at: datetime) -> dict[int, Promised]:
    """Return what was promised about each of these cooperations.

    An agreement that names no cooperation is about every one with its partner.
    """
    found = {pk: Promised() for pk in cooperation_ids}
    values: dict[str, Any] = {
        "ids": list(cooperation_ids),
        "today": at.date(),
        "open": [stage.value for stage in OPEN],
    }
    for pk, on in signed_on(cooperation_ids, statuses=STANDING).items():
        found[pk].signed_on = on
    with connection.cursor() as cursor:
        cursor.execute(NOTICES, values)
        for pk, agreement, title, deadline_on in cursor.fetchall():
            found[pk].notices.append(
                Notice(agreement_id=agreement, title=title, deadline_on=deadline_on)
            )
        cursor.execute(DRAWN, values)
        drawn = cursor.fetchall()
    stand = standings(at=at, commitment_ids={pk for _, pk in drawn}) if drawn else {}
    # one that was cancelled between the two questions stands no more
    for pk, standing in [(pk, stand[each]) for pk, each in drawn if each in stand]:
        found[pk].commitments.append(committed(standing))
    for pk, ratio in realisation_of(cooperation_ids, at=at).items():
        found[pk].realisation = ratio
    return found


def signed_on(
    cooperation_ids: Sequence[int], *, statuses: Collection[str]
) -> dict[int, date]:
    """Return when both had signed the first MoU or framework about each cooperation.

    :param statuses: of the agreements that count; ended ones tell of the past.
    """
    values: dict[str, Any] = {
        "ids": list(cooperation_ids),
        "statuses": sorted(statuses),
    }
    with connection.cursor() as cursor:
        cursor.execute(SIGNED, values)
        return dict(cursor.fetchall())


def committed(stand: CommitmentStanding) -> Committed:
    """Return a commitment as rules judge it."""
    arithmetic, amount = stand.arithmetic, stand.promise.terms.amount
    return Committed(
        commitment_id=stand.commitment.pk,
        pace_index=arithmetic.pace_index,
        shortfall_share=arithmetic.projected_shortfall / amount if amount else ZERO,
        term_left=1 - arithmetic.time_elapsed,
    )
