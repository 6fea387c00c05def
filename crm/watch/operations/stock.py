"""The nightly look: health of every running cooperation, all rules, and what they propose."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.core.sql import among
from crm.watch import health, risk
from crm.watch.facts import Facts
from crm.watch.models import Alert, AlertRule, Stocktaking
from crm.watch.operations import alerts, healths, proposals
from crm.watch.operations.alerts import Settled
from crm.watch.queries import facts as facts_queries
from crm.watch.queries import subjects
from crm.watch.queries.findings import Finding
from crm.watch.rules import Subject, Thresholds, read_thresholds

CHUNK = 5_000
LEASE = timedelta(minutes=20)


class StocktakingRefusedError(DomainError):
    """Somebody else is at it, or it is done."""

    code = "stocktaking.refused"


Ruled = Sequence[tuple[AlertRule, Thresholds]]


def take_stock(*, at: datetime, is_forced: bool = False) -> Stocktaking:
    """Look at every running cooperation once a day; a second run of the day changes nothing.

    Cooperations are done in parts, each in a transaction of its own; a run that was
    killed is taken over when its lease ends, and what it did stays.

    :param is_forced: look again although the day's look is finished.
    :raises StocktakingRefusedError: when somebody else is at it, or it is done.
    """
    run = _claim(at=at, owner=uuid.uuid4(), is_forced=is_forced)
    ruled = rules_in_force()
    scheme = healths.scheme_in_force()
    settled, changed = Settled(), 0
    ids = facts_queries.running_ids()
    for part in facts_queries.chunks(ids, CHUNK):
        changed += look_at(part, ruled=ruled, scheme=scheme, settled=settled, at=at)
        _prolong(run)
    settled.add(_settle_others(ruled, at=at))
    _resolve_closed(settled, at=at)
    return _finish(run, at=at, count=len(ids), changed=changed, settled=settled)


@transaction.atomic
def look_at(
    cooperation_ids: Sequence[int],
    *,
    ruled: Ruled,
    scheme: health.Scheme,
    settled: Settled,
    at: datetime,
) -> int:
    """Look at these cooperations; add what was settled, return how many changed in health."""
    found = list(facts_queries.facts_of(cooperation_ids, at=at))
    changed = healths.store_health(facts=found, scheme=scheme, at=at)
    standing = list(
        Alert.objects.select_for_update(of=("self",))
        .standing()
        .filter(
            subject_type=Subject.COOPERATION,
            subject_id__in=among(f.cooperation_id for f in found),
        )
        .select_related("rule")
    )
    findings = _findings(found, ruled)
    settled.add(alerts.settle(findings=findings, standing=standing, at=at))
    proposals.propose(found, at=at)
    return changed


def rules_in_force() -> Ruled:
    """Return the active rules with their thresholds."""
    rows = AlertRule.objects.filter(is_active=True).order_by("letter", "code")
    return [(rule, read_thresholds(rule.code, rule.thresholds)) for rule in rows]


def _findings(found: Sequence[Facts], ruled: Ruled) -> Iterator[Finding]:
    judged = [
        (rule, risk.RULES[rule.code], limits)
        for rule, limits in ruled
        if rule.code in risk.RULES
    ]
    for each in found:
        for rule, judge, limits in judged:
            yield Finding(
                rule=rule,
                subject_type=Subject.COOPERATION,
                subject_id=each.cooperation_id,
                name=each.title,
                judgement=judge(each, limits),
                partner_id=each.partner_id,
                cooperation_id=each.cooperation_id,
                owner_id=each.owner_id,
            )


@transaction.atomic
def _settle_others(ruled: Ruled, *, at: datetime) -> Settled:
    """Settle the rules about sources, accounts, commitments and agreements."""
    others = [(rule, limits) for rule, limits in ruled if rule.code in subjects.LOOKS]
    rules = [rule for rule, _limits in others]
    standing = list(
        Alert.objects.select_for_update(of=("self",))
        .standing()
        .filter(rule__in=rules)
        .select_related("rule")
    )
    findings = [
        finding
        for rule, limits in others
        for finding in subjects.LOOKS[rule.code](rule, limits, at)
    ]
    settled = alerts.settle(findings=findings, standing=standing, at=at)
    looked_at = {finding.key for finding in findings}
    gone = [
        alert
        for alert in standing
        if alert.resolved_at is None
        and (alert.rule_id, alert.subject_type, alert.subject_id) not in looked_at
    ]
    settled.resolved += alerts.resolve_gone(standing=gone, at=at)
    return settled


@transaction.atomic
def _resolve_closed(settled: Settled, *, at: datetime) -> None:
    """Resolve alerts of closed cooperations and of rules that were switched off."""
    gone = list(
        Alert.objects.select_for_update(of=("self",))
        .standing()
        .filter(Q(cooperation__closed_at__isnull=False) | Q(rule__is_active=False))
        .select_related("rule")
    )
    settled.resolved += alerts.resolve_gone(standing=gone, at=at)


@transaction.atomic
def _claim(*, at: datetime, owner: uuid.UUID, is_forced: bool) -> Stocktaking:
    run, is_new = Stocktaking.objects.get_or_create(
        day=at.date(),
        defaults={
            "claimed_by": owner,
            "started_at": at,
            "lease_until": at + LEASE,
        },
    )
    if is_new:
        return run
    rows = Stocktaking.objects.filter(pk=run.pk)
    free = Q(finished_at__isnull=True, lease_until__lte=at)
    if is_forced:
        free |= Q(finished_at__isnull=False)
    taken = rows.filter(free).update(
        claimed_by=owner, started_at=at, lease_until=at + LEASE, finished_at=None
    )
    if not taken:
        raise StocktakingRefusedError(
            _("Today's look is done, or somebody else is at it.")
        )
    run.refresh_from_db()
    return run


def _prolong(run: Stocktaking) -> None:
    run.lease_until += timedelta(minutes=1)
    ours = Stocktaking.objects.filter(pk=run.pk, claimed_by=run.claimed_by)
    if not ours.update(lease_until=run.lease_until):
        raise StocktakingRefusedError(_("Somebody else took the look over."))


@transaction.atomic
def _finish(
    run: Stocktaking, *, at: datetime, count: int, changed: int, settled: Settled
) -> Stocktaking:
    Stocktaking.objects.filter(pk=run.pk, claimed_by=run.claimed_by).update(
        finished_at=at,
        cooperations=count,
        snapshots=changed,
        opened=settled.opened,
        resolved=settled.resolved,
    )
    run.refresh_from_db()
    return run


def is_done(*, at: datetime) -> bool:
    """Tell whether today's look is finished, or at work under a lease that holds."""
    rows = Stocktaking.objects.filter(day=at.date())
    return rows.filter(Q(finished_at__isnull=False) | Q(lease_until__gt=at)).exists()
