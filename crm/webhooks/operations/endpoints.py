"""Register, change and remove endpoints; give them new secrets."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core import outbound, versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.journal import queries as feed
from crm.webhooks import queries, signing
from crm.webhooks.models import (
    Reason,
    State,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
)

FIELDS = ("description", "url", "kinds", "partner_ids", "is_active")
LONGEST_OVERLAP = timedelta(days=7)


class WebhookInputError(DomainError):
    """What was asked of the webhook makes no sense."""

    code = "webhook.input"
    is_input = True


class WebhookRefusedError(DomainError):
    """The webhook is somebody else's, or is switched off."""

    code = "webhook.refused"


@transaction.atomic
def register_endpoint(
    *, values: Mapping[str, Any], by: User, at: datetime
) -> WebhookEndpoint:
    """Make an endpoint of one's own; it is told what happens from now on.

    :param values: of FIELDS; what is left out keeps its default.
    :raises WebhookInputError, OutboundRefusedError: when address or filters make no sense.
    """
    given = _checked(values)
    position = feed.feed(limit=1, where=Q(pk__in=())).position
    endpoint = WebhookEndpoint(
        owner=by,
        created_at=at,
        read_transaction=position.transaction,
        read_event=position.event_id,
        **given,
    )
    endpoint.reason = "" if endpoint.is_active else Reason.PERSON
    endpoint.save()
    WebhookSecret.objects.create(
        endpoint=endpoint, salt=signing.new_salt(), created_at=at
    )
    journal.record(
        kind="webhook.registered", subject=endpoint, by=by, at=at, new=_plain(endpoint)
    )
    return endpoint


@transaction.atomic
def edit_endpoint(
    *,
    endpoint: WebhookEndpoint,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> WebhookEndpoint:
    """Change one's own endpoint; administrators may switch off those of others.

    Switched on again it goes on with what happens then; what was missed comes by a replay.

    :raises WebhookRefusedError: when it is somebody else's.
    :raises WebhookInputError, OutboundRefusedError: as `register_endpoint`.
    :raises StaleVersionError: when it has another version by now.
    """
    locked = lock(endpoint)
    given = {
        name: value
        for name, value in _checked(values, stored=locked).items()
        if getattr(locked, name) != value
    }
    _may_change_or_refuse(locked, given, by=by)
    versions.check(locked, expected=expected_version)
    if not given:
        return locked
    old = {name: getattr(locked, name) for name in given}
    if "is_active" in given:
        given |= _switched(locked, is_on=given["is_active"], at=at)
    changed = versions.advance(locked, expected=expected_version, **given)
    journal.record(
        kind="webhook.changed",
        subject=changed,
        by=by,
        at=at,
        old=old,
        new={name: getattr(changed, name) for name in old},
    )
    return changed


@transaction.atomic
def remove_endpoint(
    *,
    endpoint: WebhookEndpoint,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> None:
    """Remove one's own endpoint, or as an administrator any, with its delivery log.

    :raises WebhookRefusedError: when it is somebody else's.
    """
    locked = lock(endpoint)
    if locked.owner_id != by.pk and not _is_administrator(by):
        raise WebhookRefusedError(_("This is the webhook of somebody else."))
    versions.check(locked, expected=expected_version)
    journal.record(
        kind="webhook.removed", subject=locked, by=by, at=at, old=_plain(locked)
    )
    locked.delete()


@transaction.atomic
def rotate_secret(
    *, endpoint: WebhookEndpoint, overlap: timedelta, by: User, at: datetime
) -> WebhookEndpoint:
    """Give the endpoint a new secret; the one before goes on signing for the overlap.

    :raises WebhookRefusedError: when it is somebody else's.
    :raises WebhookInputError: when the overlap is longer than a week.
    """
    locked = lock(endpoint)
    of_owner_or_refuse(locked, by=by)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise WebhookInputError(_("The old secret can stay for a week at most."))
    locked.secrets.filter(expires_at__isnull=True).update(expires_at=at + overlap)
    WebhookSecret.objects.create(
        endpoint=locked, salt=signing.new_salt(), created_at=at
    )
    journal.record(
        kind="webhook.secret-rotated",
        subject=locked,
        by=by,
        at=at,
        new={"overlap_seconds": int(overlap.total_seconds())},
    )
    return locked


def secrets_of(*, endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    salts = WebhookSecret.objects.filter(endpoint=endpoint).in_use(at)
    pepper = settings.TOKEN_PEPPER
    return [signing.secret_of(each.salt, pepper=pepper) for each in salts]


def switch_off(endpoint: WebhookEndpoint, *, reason: Reason, at: datetime) -> None:
    """Switch a locked endpoint off by the product itself; its owner will be told."""
    values = _switched(endpoint, is_on=False, at=at)
    versions.advance(
        endpoint,
        expected=None,
        **{**values, "is_active": False, "reason": reason, "notice": "disabled"},
    )
    journal.record(
        kind="webhook.switched-off",
        subject=endpoint,
        by=None,
        at=at,
        new={"reason": reason.value},
    )


def lock(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Return the stored endpoint, locked until the transaction ends."""
    rows = WebhookEndpoint.objects.select_for_update(of=("self",))
    return rows.select_related("owner").get(pk=endpoint.pk)


def of_owner_or_refuse(endpoint: WebhookEndpoint, *, by: User) -> None:
    """Refuse what only the owner may do, because it sends or shows what the owner sees.

    :raises WebhookRefusedError: for everybody else, administrators included.
    """
    if endpoint.owner_id != by.pk:
        raise WebhookRefusedError(_("This is the webhook of somebody else."))


def _switched(
    endpoint: WebhookEndpoint, *, is_on: bool, at: datetime
) -> dict[str, Any]:
    """Return what else changes with the switch; what waited is given up."""
    if is_on:
        position = feed.feed(limit=1, where=Q(pk__in=())).position
        return {
            "reason": "",
            "failing_since": None,
            "paused_until": None,
            "warned_at": None,
            "notice": "",
            "read_transaction": position.transaction,
            "read_event": position.event_id,
        }
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.WAITING)
    waiting.update(state=State.FAILED, ended_at=at)
    return {"reason": Reason.PERSON}


def _may_change_or_refuse(
    endpoint: WebhookEndpoint, given: Mapping[str, Any], *, by: User
) -> None:
    if endpoint.owner_id == by.pk:
        return
    only_switches_off = dict(given) in ({}, {"is_active": False})
    if not (only_switches_off and _is_administrator(by)):
        raise WebhookRefusedError(
            _(
                "This is the webhook of somebody else: it sends what they may see. "
                "Administrators may switch it off or remove it."
            )
        )


def _checked(
    values: Mapping[str, Any], *, stored: WebhookEndpoint | None = None
) -> dict[str, Any]:
    given = {name: values[name] for name in FIELDS if name in values}
    if "url" in given and (stored is None or given["url"] != stored.url):
        outbound.check_url(given["url"])
    wrong = [k for k in given.get("kinds", ()) if not queries.PATTERN.fullmatch(k)]
    if wrong:
        raise WebhookInputError(
            _("There is no such kind: %(kinds)s.") % {"kinds": ", ".join(wrong)}
        )
    if not str(given.get("description", "-")).strip():
        raise WebhookInputError(_("Name the webhook after what listens there."))
    return given


def _plain(endpoint: WebhookEndpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in FIELDS}


def _is_administrator(person: User) -> bool:
    return Role.ADMINISTRATOR in policy.reach_of(person).roles
