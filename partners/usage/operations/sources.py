"""Billing sources."""

import zoneinfo
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.usage.models import BillingSource

FIELDS = (
    "name",
    "provider",
    "delivery_mode",
    "scope",
    "time_zone",
    "lateness_days",
    "close_after_days",
    "is_active",
)


class SourceRefusedError(DomainError):
    """A source cannot be kept so."""

    code = "usage.source-refused"
    is_input = True


def is_source(name: str) -> bool:
    """Tell whether there is a source of this name."""
    return BillingSource.objects.filter(name=name).exists()


@transaction.atomic
def find_or_create_source(
    *, name: str, by: User | None, at: datetime
) -> tuple[BillingSource, bool]:
    """Return the source of this name; an unknown one is created as an overwrite source.

    The second value tells whether it was created, so that the door can say so.
    """
    source, is_new = BillingSource.objects.get_or_create(name=name)
    if is_new:
        _record("usage.source-created", source, by=by, at=at, new=_values(source))
    return source, is_new


@transaction.atomic
def register_source(
    *, values: Mapping[str, Any], by: User, at: datetime
) -> BillingSource:
    """Add a source before its first delivery.

    :raises SourceRefusedError: an unknown time zone, no name, or a name that exists.
    """
    source = BillingSource(**values)
    _refuse(source)
    source.save()
    _record("usage.source-created", source, by=by, at=at, new=_values(source))
    return source


@transaction.atomic
def edit_source(
    *,
    source: BillingSource,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> BillingSource:
    """Change what is said of a source; what is loaded stays as it was judged.

    :raises SourceRefusedError: as for a new one.
    :raises StaleVersionError: when somebody else changed it meanwhile.
    """
    locked = BillingSource.objects.select_for_update().get(pk=source.pk)
    versions.check(locked, expected=expected_version)
    old = _values(locked)
    for name, value in values.items():
        setattr(locked, name, value)
    _refuse(locked)
    changed = {name for name in FIELDS if old[name] != getattr(locked, name)}
    if changed:
        new = {name: getattr(locked, name) for name in changed}
        versions.advance(locked, expected=expected_version, **new)
        _record(
            "usage.source-edited",
            locked,
            by=by,
            at=at,
            old={name: old[name] for name in sorted(changed)},
            new={name: getattr(locked, name) for name in sorted(changed)},
        )
    return locked


def _refuse(source: BillingSource) -> None:
    source.name = source.name.strip()
    if not source.name or source.name.startswith(".") or "/" in source.name:
        raise SourceRefusedError(
            _("A source needs a name without slashes that begins with no full stop.")
        )
    same = BillingSource.objects.filter(name=source.name).exclude(pk=source.pk)
    if same.exists():
        raise SourceRefusedError(_("There is a source of this name already."))
    try:
        zoneinfo.ZoneInfo(source.time_zone)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        raise SourceRefusedError(
            _("There is no time zone %(zone)s; write it like Asia/Shanghai.")
            % {"zone": source.time_zone}
        ) from None


def _values(source: BillingSource) -> dict[str, Any]:
    return {name: getattr(source, name) for name in FIELDS}


def _record(kind: str, source: BillingSource, **facts: Any) -> None:
    journal.record(kind=kind, subject=source, **facts)
