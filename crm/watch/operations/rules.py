"""Rules, schemes and choices: what people set about alerts and health."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.watch import health, rules
from crm.watch.models import (
    AlertChoice,
    AlertRule,
    HealthOverride,
    HealthScheme,
)
from partners.models import Cooperation
from partners.operations.locks import lock_cooperation

OVERRIDE_DAYS = 30
EDITABLE = frozenset(
    {"severity", "thresholds", "clean_days", "mails_owner", "is_active"}
)


class WatchRefusedError(DomainError):
    """A rule, a scheme or an override cannot be like this."""

    code = "watch.refused"
    is_input = True


@transaction.atomic
def edit_rule(
    *,
    rule: AlertRule,
    by: User,
    at: datetime,
    expected_version: int | None = None,
    **changes: Any,
) -> AlertRule:
    """Change severity, thresholds, clean days, mails or activity of a rule.

    :raises ThresholdRefusedError: when a threshold is unknown or no number.
    :raises StaleVersionError: when somebody changed it since `expected_version`.
    """
    fresh = AlertRule.objects.select_for_update().get(pk=rule.pk)
    versions.check(fresh, expected=expected_version)
    strange = set(changes) - EDITABLE
    if strange:
        raise WatchRefusedError(
            _("This cannot be changed: %(names)s.")
            % {"names": ", ".join(sorted(strange))}
        )
    if "thresholds" in changes:
        read = rules.read_thresholds(fresh.code, changes["thresholds"])
        changes["thresholds"] = {name: str(value) for name, value in read.items()}
    differing = {k: v for k, v in changes.items() if getattr(fresh, k) != v}
    if not differing:
        return fresh
    old = {name: getattr(fresh, name) for name in differing}
    versions.advance(fresh, expected=None, **differing)
    journal.record(
        kind="alert-rule.edited", subject=fresh, by=by, at=at, old=old, new=differing
    )
    return fresh


@transaction.atomic
def set_scheme(
    *,
    weights: Mapping[str, Mapping[str, Any]],
    numbers: Mapping[str, Any],
    reason: str,
    by: User,
    at: datetime,
) -> HealthScheme:
    """Put a new version of weights and numbers in force from the next night on.

    :raises WatchRefusedError: when weights of a stage do not sum up to 100, a number is
        missing, unknown or negative, or there is no reason.
    """
    _check_scheme(weights, numbers, reason)
    latest = HealthScheme.objects.select_for_update().order_by("-version").first()
    made = HealthScheme.objects.create(
        version=(health.Scheme().version if latest is None else latest.version) + 1,
        weights={stage: dict(each) for stage, each in weights.items()},
        numbers=dict(numbers),
        by=by,
        made_at=at,
        reason=reason.strip(),
    )
    journal.record(
        kind="health-scheme.made",
        subject=made,
        by=by,
        at=at,
        new={"version": made.version, "reason": made.reason},
    )
    return made


def _check_scheme(
    weights: Mapping[str, Mapping[str, Any]], numbers: Mapping[str, Any], reason: str
) -> None:
    faults = health.weights_faults(weights)
    if faults:
        raise WatchRefusedError(
            _("The four weights of a stage must sum up to 100: %(stages)s.")
            % {"stages": ", ".join(faults)}
        )
    wrong = {*numbers} ^ {*health.NUMBERS} | {
        name
        for name, value in numbers.items()
        if not isinstance(value, int) or value < 0
    }
    if wrong:
        raise WatchRefusedError(
            _("These numbers are missing, unknown or negative: %(names)s.")
            % {"names": ", ".join(sorted(wrong))}
        )
    if not reason.strip():
        raise WatchRefusedError(_("Say why the scheme changes."))


@transaction.atomic
def override_health(
    *,
    cooperation: Cooperation,
    overall: int,
    reason: str,
    by: User,
    at: datetime,
    ends_on: date | None = None,
) -> HealthOverride:
    """Say by hand how a cooperation fares, for 30 days at most; an earlier word ends.

    :raises WatchRefusedError: without a reason, out of 0 to 100, or for longer.
    """
    fresh = lock_cooperation(cooperation)
    until = ends_on or at.date() + timedelta(days=OVERRIDE_DAYS)
    _check_override(overall, reason, until, at.date())
    HealthOverride.objects.filter(cooperation=fresh, withdrawn_at__isnull=True).update(
        withdrawn_at=at
    )
    made = HealthOverride.objects.create(
        cooperation=fresh,
        overall=overall,
        reason=reason.strip(),
        by=by,
        at=at,
        ends_on=until,
    )
    journal.record(
        kind="health.overridden",
        subject=fresh,
        by=by,
        at=at,
        partner_id=fresh.partner_id,
        new={"overall": overall, "reason": made.reason, "until": until},
    )
    return made


def _check_override(overall: int, reason: str, until: date, today: date) -> None:
    if not 0 <= overall <= health.HUNDRED:
        raise WatchRefusedError(_("Health goes from 0 to 100."))
    if not reason.strip():
        raise WatchRefusedError(_("Say why the score is not right."))
    if not today < until <= today + timedelta(days=OVERRIDE_DAYS):
        raise WatchRefusedError(
            _("A score by hand holds for %(days)d days at most.")
            % {"days": OVERRIDE_DAYS}
        )


@transaction.atomic
def withdraw_override(
    *, cooperation: Cooperation, by: User, at: datetime
) -> Cooperation:
    """Let the computed score count again.

    :raises WatchRefusedError: when no score by hand is in force.
    """
    fresh = lock_cooperation(cooperation)
    ended = HealthOverride.objects.filter(
        cooperation=fresh, withdrawn_at__isnull=True
    ).update(withdrawn_at=at)
    if not ended:
        raise WatchRefusedError(_("No score by hand is in force."))
    journal.record(
        kind="health.override-withdrawn",
        subject=fresh,
        by=by,
        at=at,
        partner_id=fresh.partner_id,
    )
    return fresh


@transaction.atomic
def choose_alerts(
    *, person: User, wishes: Mapping[str, str], by: User, at: datetime
) -> list[AlertChoice]:
    """Say for each rule what a person wants to hear by mail.

    :param wishes: code of a rule → a wish; rules that are not named keep theirs.
    :raises WatchRefusedError: for somebody else, an unknown rule or an unknown wish.
    """
    if by.pk != person.pk:
        raise WatchRefusedError(_("Everybody chooses for themselves."))
    known = {rule.code: rule for rule in AlertRule.objects.all()}
    wrong = {code for code in wishes if code not in known}
    wrong |= {wish for wish in wishes.values() if wish not in AlertChoice.Wish.values}
    if wrong:
        raise WatchRefusedError(
            _("Unknown: %(names)s.") % {"names": ", ".join(sorted(wrong))}
        )
    for code, wish in wishes.items():
        AlertChoice.objects.update_or_create(
            person=person, rule=known[code], defaults={"wish": wish}
        )
    journal.record(kind="alerts.chosen", subject=person, by=by, at=at, new=dict(wishes))
    return list(AlertChoice.objects.filter(person=person).select_related("rule"))
