"""The at-risk list: cooperations with the letters, numbers, owner and next step of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from crm.watch import risk
from crm.watch.models import Alert
from crm.watch.queries.facts import usage_of
from partners.models import Cooperation
from partners.usage.queries.cooperations import cooperation_figures


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that is tripped, or was within its clean days."""

    letter: str
    words: str
    since: date
    is_clean: bool
    alert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """One cooperation at risk.

    :ivar spend: trailing 28-day spend × 13 with its currency; None when nobody can tell.
    """

    cooperation: Cooperation
    reasons: Sequence[Reason]
    weeks: int
    spend: tuple[Decimal, str] | None

    @property
    def letters(self) -> str:
        return ", ".join(reason.letter for reason in self.reasons)


def at_risk(
    cooperation_ids: Sequence[int] | None,
    *,
    at: datetime,
    partner_ids: Sequence[int] | None = None,
) -> list[AtRisk]:
    """Return cooperations at risk, the longest first; three queries for any number.

    :param cooperation_ids: those the reader may see; None is all of the partners.
    :param partner_ids: those the reader may see; None is all, for jobs only.
    """
    alerts = Alert.objects.at_risk().select_related(
        "rule", "cooperation__partner", "cooperation__stage", "cooperation__owner"
    )
    if cooperation_ids is not None:
        alerts = alerts.filter(cooperation_id__in=cooperation_ids)
    if partner_ids is not None:
        alerts = alerts.filter(cooperation__partner_id__in=partner_ids)
    by_cooperation: dict[int, list[Alert]] = defaultdict(list)
    for alert in alerts.order_by("rule__letter", "pk"):
        if alert.cooperation_id is not None:
            by_cooperation[alert.cooperation_id].append(alert)
    if not by_cooperation:
        return []
    used = cooperation_figures(list(by_cooperation), until=at.date())
    rows = [
        _row(
            standing,
            spend=risk.spend_at_risk(usage_of(used.get(pk), today=at.date())),
            at=at,
        )
        for pk, standing in by_cooperation.items()
    ]
    return sorted(rows, key=lambda row: (-row.weeks, row.cooperation.pk))


def _row(
    standing: Sequence[Alert], *, spend: tuple[Decimal, str] | None, at: datetime
) -> AtRisk:
    cooperation = standing[0].cooperation
    if cooperation is None:  # the query asked for those that have one
        raise ValueError("An at-risk alert is about a cooperation.")
    earliest = min(alert.opened_at for alert in standing)
    return AtRisk(
        cooperation=cooperation,
        reasons=[
            Reason(
                letter=alert.rule.letter,
                words=alert.words,
                since=alert.opened_at.date(),
                is_clean=alert.clean_since is not None,
                alert_id=alert.pk,
            )
            for alert in standing
        ],
        weeks=(at - earliest).days // 7 + 1,
        spend=spend,
    )
