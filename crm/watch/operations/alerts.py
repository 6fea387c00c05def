"""Alerts: opened and closed by what rules find; acknowledged, snoozed and resolved by people."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import bulk, versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.journal.operations import Draft
from crm.journal.values import to_json
from crm.watch.models import Alert, AlertRule
from crm.watch.operations import notices
from crm.watch.queries.findings import Finding
from crm.watch.risk import Outcome

LONGEST_SNOOZE_DAYS = 90
SETTLED = (
    "clean_since",
    "seen_on",
    "code",
    "seen",
    "owner",
    "resolved_at",
    "version",
)
"""What settling may change."""


class AlertRefusedError(DomainError):
    """An alert cannot be handled like this now."""

    code = "alert.refused"


class AlertInputError(AlertRefusedError):
    """What was said about an alert cannot be taken."""

    is_input = True


@dataclass(slots=True)
class Settled:
    """What one settling changed."""

    opened: int = 0
    resolved: int = 0

    def add(self, other: "Settled") -> None:
        self.opened += other.opened
        self.resolved += other.resolved


@dataclass(slots=True)
class _Changes:
    opened: list[Finding] = field(default_factory=list)
    touched: list[Alert] = field(default_factory=list)
    resolved: list[Alert] = field(default_factory=list)


@transaction.atomic
def settle(
    *, findings: Iterable[Finding], standing: Sequence[Alert], at: datetime
) -> Settled:
    """Bring alerts in step with what rules found today; twice a day changes nothing more.

    A tripped rule opens an alert where none stands. A clear one closes it after the clean
    days of its rule; unknown closes nothing, and its days are not clean.

    :param standing: the unresolved alerts of the subjects looked at, locked by the caller.
    """
    known = {(a.rule_id, a.subject_type, a.subject_id): a for a in standing}
    changes = _Changes()
    for finding in findings:
        alert = known.get(finding.key)
        if alert is None:
            if finding.judgement.outcome == Outcome.TRIPPED:
                changes.opened.append(finding)
        else:
            is_changed = _note(alert, finding, at.date())
            if _is_over(alert, finding.rule, at.date()):
                changes.resolved.append(alert)
            elif is_changed:
                changes.touched.append(alert)
    return _write(changes, at=at)


def _note(alert: Alert, finding: Finding, today: date) -> bool:
    """Write into the alert what was found; tell whether that changed it."""
    judgement = finding.judgement
    before = _noted(alert)
    if judgement.outcome == Outcome.TRIPPED:
        alert.clean_since, alert.seen_on = None, today
        alert.code, alert.seen = judgement.code, to_json(judgement.seen)
    elif judgement.outcome == Outcome.UNKNOWN:
        alert.clean_since = None
    elif alert.clean_since is None:
        alert.clean_since = today
    alert.owner_id = finding.owner_id
    return _noted(alert) != before


def _noted(alert: Alert) -> tuple[Any, ...]:
    return alert.clean_since, alert.seen_on, alert.code, alert.seen, alert.owner_id


def _is_over(alert: Alert, rule: AlertRule, today: date) -> bool:
    clean = alert.clean_since
    return clean is not None and (today - clean).days >= rule.clean_days


def resolve_gone(
    *, standing: Collection[Alert], at: datetime, code: str = "alert.subject-gone"
) -> int:
    """Resolve alerts whose subject is no longer looked at: closed, withdrawn or gone."""
    return _resolve(list(standing), at=at, kind=code)


def _write(changes: _Changes, *, at: datetime) -> Settled:
    bulk.update(Alert, changes.touched, SETTLED)
    opened = bulk.insert(Alert, [_new(finding, at) for finding in changes.opened])
    journal.record_many(
        drafts=(_draft("alert.opened", alert) for alert in opened), by=None, at=at
    )
    notices.owe(alerts=opened, at=at)
    resolved = _resolve(changes.resolved, at=at, kind="alert.resolved")
    return Settled(opened=len(opened), resolved=resolved)


def _resolve(alerts: list[Alert], *, at: datetime, kind: str) -> int:
    for alert in alerts:
        alert.resolved_at = at
        alert.version += 1
    bulk.update(Alert, alerts, SETTLED)
    journal.record_many(
        drafts=(_draft(kind, alert) for alert in alerts), by=None, at=at
    )
    return len(alerts)


def _new(finding: Finding, at: datetime) -> Alert:
    return Alert(
        rule=finding.rule,
        subject_type=finding.subject_type,
        subject_id=finding.subject_id,
        subject_name=finding.name[:250],
        partner_id=finding.partner_id,
        cooperation_id=finding.cooperation_id,
        owner_id=finding.owner_id,
        code=finding.judgement.code,
        seen=to_json(finding.judgement.seen),
        opened_at=at,
        seen_on=at.date(),
    )


def _draft(kind: str, alert: Alert) -> Draft:
    return Draft(
        kind=kind,
        subject=alert,
        partner_id=alert.partner_id,
        new={
            "rule": alert.rule.code,
            "about": f"{alert.subject_type}:{alert.subject_id}",
            "finding": alert.code,
            **alert.seen,
        },
    )


@transaction.atomic
def acknowledge_alert(
    *,
    alert: Alert,
    by: User,
    at: datetime,
    comment: str = "",
    expected_version: int | None = None,
) -> Alert:
    """Say that somebody cares; the alert stands until the condition is gone.

    :raises AlertRefusedError: when it is resolved or acknowledged already.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    fresh = _standing(alert, expected_version)
    if fresh.acknowledged_at is not None:
        raise AlertRefusedError(
            _("%(person)s cares for it already.") % {"person": fresh.acknowledged_by},
            code="alert.acknowledged",
        )
    return _change(
        fresh,
        "alert.acknowledged",
        by,
        at,
        acknowledged_at=at,
        acknowledged_by=by,
        comment=comment.strip() or fresh.comment,
    )


@transaction.atomic
def snooze_alert(
    *,
    alert: Alert,
    until: date,
    by: User,
    at: datetime,
    comment: str = "",
    expected_version: int | None = None,
) -> Alert:
    """Keep an alert out of the way until a day, 90 days at most; it stands all the same.

    :raises AlertRefusedError: when it is resolved, or the day is not within 90 days ahead.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    fresh = _standing(alert, expected_version)
    if not 0 < (until - at.date()).days <= LONGEST_SNOOZE_DAYS:
        raise AlertInputError(
            _("Choose a day within the next %(days)d days.")
            % {"days": LONGEST_SNOOZE_DAYS},
            code="alert.snooze-day",
        )
    return _change(
        fresh,
        "alert.snoozed",
        by,
        at,
        snoozed_until=until,
        comment=comment.strip() or fresh.comment,
    )


@transaction.atomic
def resolve_alert(
    *,
    alert: Alert,
    comment: str,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Alert:
    """Close an alert by hand, saying why; it opens again when its rule is tripped tomorrow.

    :raises AlertRefusedError: when it is resolved already, or without a comment.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    fresh = _standing(alert, expected_version)
    if not comment.strip():
        raise AlertInputError(_("Say why it is resolved."), code="alert.needs-comment")
    return _change(
        fresh,
        "alert.resolved",
        by,
        at,
        resolved_at=at,
        resolved_by=by,
        comment=comment.strip(),
    )


def _standing(alert: Alert, expected_version: int | None) -> Alert:
    rows = Alert.objects.select_for_update(of=("self",)).select_related(
        "rule", "acknowledged_by"
    )
    fresh = rows.get(pk=alert.pk)
    versions.check(fresh, expected=expected_version)
    if fresh.resolved_at is not None:
        raise AlertRefusedError(_("It is resolved already."), code="alert.resolved")
    return fresh


def _change(alert: Alert, kind: str, by: User, at: datetime, **changes: Any) -> Alert:
    old: Mapping[str, Any] = {name: getattr(alert, name) for name in changes}
    versions.advance(alert, expected=None, **changes)
    journal.record(
        kind=kind,
        subject=alert,
        by=by,
        at=at,
        partner_id=alert.partner_id,
        old={name: _plain(value) for name, value in old.items()},
        new={name: _plain(value) for name, value in changes.items()},
    )
    return alert


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, User) else value
