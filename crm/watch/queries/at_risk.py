"""The at-risk list: cooperations with the letters, numbers, owner and next step of each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

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
    alerts = Alert.objects.at_risk()
    if cooperation_ids is not None:
        alerts = alerts.filter(cooperation_id__in=cooperation_ids)
    if partner_ids is not None:
        alerts = alerts.filter(cooperation__partner_id__in=partner_ids)
    return _rows(_with_cooperation(alerts), at=at, today=at.date())


def at_risk_then(
    partner_ids: Sequence[int],
    *,
    at: datetime,
    before: datetime,
    until: datetime,
    today: date,
) -> tuple[list[AtRisk], int]:
    """Return who was at risk at an instant, and how many were at an earlier one.

    What the alerts say is what was found last. Of an instant to come it is who is now.

    :param until: weeks at risk count up to here; usage up to the day before `today`.
    """
    alerts = Alert.objects.at_risk_over(before, at)
    found = _with_cooperation(alerts.filter(cooperation__partner_id__in=partner_ids))
    now = [each for each in found if _stood(each, at)]
    earlier = {each.cooperation_id for each in found if _stood(each, before)}
    return _rows(now, at=until, today=today), len(earlier)


def _stood(alert: Alert, at: datetime) -> bool:
    is_over = alert.resolved_at is not None and alert.resolved_at <= at
    return alert.opened_at <= at and not is_over


def _with_cooperation(alerts: QuerySet[Alert]) -> list[Alert]:
    return list(
        alerts.filter(cooperation__isnull=False)
        .select_related(
            "rule", "cooperation__partner", "cooperation__stage", "cooperation__owner"
        )
        .order_by("rule__letter", "pk")
    )


def _rows(alerts: Sequence[Alert], *, at: datetime, today: date) -> list[AtRisk]:
    standing: dict[Cooperation, list[Alert]] = defaultdict(list)
    for subject, alert in [(a.cooperation, a) for a in alerts if a.cooperation]:
        standing[subject].append(alert)
    if not standing:
        return []
    used = cooperation_figures([each.pk for each in standing], until=today)
    rows = [
        _row(
            cooperation,
            reasons,
            spend=risk.spend_at_risk(usage_of(used.get(cooperation.pk), today=today)),
            at=at,
        )
        for cooperation, reasons in standing.items()
    ]
    return sorted(rows, key=lambda row: (-row.weeks, row.cooperation.pk))


def _row(
    cooperation: Cooperation,
    standing: Sequence[Alert],
    *,
    spend: tuple[Decimal, str] | None,
    at: datetime,
) -> AtRisk:
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
