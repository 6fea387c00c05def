"""Targets: set, changed, taken away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from deals.models import Target
from partners.operations.changes import check_fields, plain
from partners.operations.locks import lock

FIELDS = (
    "metric", "team", "owner", "region", "start_on", "end_on", "amount", "currency",
)  # fmt: skip


class TargetRefusedError(DomainError):
    """The target cannot be set like this."""

    code = "target.refused"
    is_input = True


@transaction.atomic
def set_target(*, values: Mapping[str, Any], by: User, at: datetime) -> Target:
    """Set what a team, an owner, a region or everybody shall reach in a period.

    :raises TargetRefusedError: for more than one scope, a period that ends before it
        starts, an amount of nothing, or a target that is there already.
    """
    check_fields(values, FIELDS)
    row = Target(**values)
    _check(row)
    _save(row, is_new=True)
    _record("target.set", row, by=by, at=at, new=plain(values))
    return row


@transaction.atomic
def change_target(
    *,
    target: Target,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Target:
    """Change a target.

    :raises TargetRefusedError: as `set_target`.
    """
    check_fields(values, FIELDS)
    fresh = lock(target, expected_version=expected_version)
    new = {name: v for name, v in values.items() if getattr(fresh, name) != v}
    if not new:
        return fresh
    old = {name: getattr(fresh, name) for name in new}
    for name, value in new.items():
        setattr(fresh, name, value)
    fresh.version += 1
    _check(fresh)
    _save(fresh, is_new=False)
    _record("target.changed", fresh, by=by, at=at, old=plain(old), new=plain(new))
    return fresh


@transaction.atomic
def remove_target(
    *, target: Target, by: User, at: datetime, expected_version: int | None = None
) -> None:
    """Take a target away; the journal keeps what it was."""
    fresh = lock(target, expected_version=expected_version)
    old = plain({name: getattr(fresh, name) for name in FIELDS})
    _record("target.removed", fresh, by=by, at=at, old=old)
    fresh.delete()


def _check(row: Target) -> None:
    scopes = [row.team_id is not None, row.owner_id is not None, bool(row.region)]
    faults = [
        (sum(scopes) > 1, _("A target is of one team, one owner or one region.")),
        (row.end_on <= row.start_on, _("The period must end after it starts.")),
        (row.amount <= 0, _("A target is more than nothing.")),
    ]
    said = [words for is_wrong, words in faults if is_wrong]
    if said:
        raise TargetRefusedError(" ".join(said))


def _save(row: Target, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError as error:
        raise TargetRefusedError(
            _("There is such a target already."), code="target.twice"
        ) from error


def _record(
    kind: str,
    row: Target,
    *,
    by: User,
    at: datetime,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
) -> None:
    journal.record(kind=kind, subject=row, by=by, at=at, old=old, new=new)
