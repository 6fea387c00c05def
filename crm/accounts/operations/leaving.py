"""Hand over what somebody owns, deactivate and reactivate people."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from crm.accounts import handover
from crm.accounts.handover import Belonging
from crm.accounts.models import ApiToken, Invitation, User
from crm.accounts.operations import authority
from crm.accounts.operations.people import close_sessions
from crm.core.errors import IN_THE_WAY, DomainError
from crm.journal import operations as journal

VERSION = "version"


class HandOverRefusedError(DomainError):
    """What this person owns cannot go to that one."""

    code = "hand-over.refused"


class DeactivationRefusedError(DomainError):
    """The person cannot be deactivated yet; `missing` names what they still own."""

    code = "person.deactivation-refused"
    missing_as = IN_THE_WAY


class Owned(NamedTuple):
    """How many rows of one kind a person owns."""

    belonging: Belonging
    row_count: int


def owned_by(person: User) -> list[Owned]:
    """Return what the person owns, kind by kind, without the kinds of which there is nothing."""
    counts = (
        Owned(belonging, _rows(belonging, person).count())
        for belonging in handover.belongings()
    )
    return [owned for owned in counts if owned.row_count]


@transaction.atomic
def hand_over(*, from_: User, to: User, by: User | None, at: datetime) -> list[Owned]:
    """Give everything that one person owns to another, in one act; return what it was.

    Each row is journalled with old and new owner, and the act itself with the counts.

    :raises HandOverRefusedError: when both are the same, or the successor is not active.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    if from_.pk == to.pk:
        raise HandOverRefusedError(_("Choose somebody else as successor."))
    people = User.objects.select_for_update(of=("self",)).filter(
        pk__in=[from_.pk, to.pk]
    )
    locked = {person.pk: person for person in people.order_by("pk")}
    from_, to = locked[from_.pk], locked[to.pk]
    if not to.is_active:
        raise HandOverRefusedError(_("%(person)s is not active.") % {"person": to})
    given = [
        Owned(belonging, _give(belonging, from_=from_, to=to, by=by, at=at))
        for belonging in handover.belongings()
    ]
    given = [owned for owned in given if owned.row_count]
    journal.record(
        kind="person.handed-over",
        subject=from_,
        by=by,
        at=at,
        new={
            "to": to.pk,
            "counts": {owned.belonging.key: owned.row_count for owned in given},
        },
    )
    return given


@transaction.atomic
def deactivate_person(
    *, person: User, by: User | None, at: datetime, successor: User | None = None
) -> User:
    """Close a person's access: no login, no token, no session, no open invitation.

    People are never deleted, since history names them. What they own goes to the successor.

    :raises DeactivationRefusedError: when they own things and no successor is named, or act on
        themselves.
    :raises LatestAdministratorRefusedError: when nobody could administer any more.
    :raises HandOverRefusedError: when the successor cannot take over.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    if by is not None and by.pk == person.pk:
        raise DeactivationRefusedError(
            _("Ask another administrator to close your own access.")
        )
    authority.lock_administration()
    if successor is not None:
        hand_over(from_=person, to=successor, by=by, at=at)
    person = authority.lock_person(person)
    if person.deactivated_at is not None:
        return person
    authority.another_administrator_or_refuse(person)
    _owns_nothing_or_refuse(person)
    person.is_active = False
    person.deactivated_at = at
    person.save(update_fields=["is_active", "deactivated_at"])
    _close_access(person, by=by, at=at)
    journal.record(kind="person.deactivated", subject=person, by=by, at=at)
    return person


@transaction.atomic
def reactivate_person(*, person: User, by: User | None, at: datetime) -> User:
    """Open the access of somebody who left; tokens stay revoked, what was given stays given.

    Roles and password are as they were. Somebody who never chose a password is invited instead.

    :raises DeactivationRefusedError: when the person never had left.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    person = authority.lock_person(person)
    if person.deactivated_at is None:
        raise DeactivationRefusedError(
            _("%(person)s was not deactivated.") % {"person": person},
            code="person.not-deactivated",
        )
    person.is_active = person.has_usable_password()
    person.deactivated_at = None
    person.save(update_fields=["is_active", "deactivated_at"])
    journal.record(kind="person.reactivated", subject=person, by=by, at=at)
    return person


def _rows(belonging: Belonging, person: User) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = models.QuerySet(apps.get_model(belonging.model))
    return rows.filter(**{f"{belonging.field}_id": person.pk}, **belonging.only)


def _give(
    belonging: Belonging, *, from_: User, to: User, by: User | None, at: datetime
) -> int:
    rows = list(_rows(belonging, from_).select_for_update(of=("self",)).order_by("pk"))
    if not rows:
        return 0
    if belonging.reassign:
        import_string(belonging.reassign)(rows=rows, to=to, by=by, at=at)
        return len(rows)
    model = type(rows[0])
    changes: dict[str, Any] = {f"{belonging.field}_id": to.pk}
    if any(field.name == VERSION for field in model._meta.fields):
        changes[VERSION] = models.F(VERSION) + 1
    keys = [row.pk for row in rows]
    models.QuerySet(model).filter(pk__in=keys).update(**changes)
    journal.record_many(
        drafts=_drafts(belonging, rows, from_=from_, to=to), by=by, at=at
    )
    return len(rows)


def _drafts(
    belonging: Belonging, rows: Iterable[models.Model], *, from_: User, to: User
) -> Iterator[journal.Draft]:
    for row in rows:
        partner = belonging.partner_field
        yield journal.Draft(
            kind=belonging.kind,
            subject=row,
            partner_id=getattr(row, partner) if partner else None,
            old={belonging.field: from_.pk},
            new={belonging.field: to.pk},
        )


def _owns_nothing_or_refuse(person: User) -> None:
    owned = owned_by(person)
    if owned:
        raise DeactivationRefusedError(
            _("%(person)s still owns things. Name a successor.") % {"person": person},
            missing=tuple(f"{kind.label}: {row_count}" for kind, row_count in owned),
        )


def _close_access(person: User, *, by: User | None, at: datetime) -> None:
    close_sessions(person)
    Invitation.objects.open().filter(person=person).update(revoked_at=at)
    tokens = ApiToken.objects.select_for_update(of=("self",)).filter(
        owner=person, revoked_at__isnull=True
    )
    drafts = [
        journal.Draft(kind="token.revoked", subject=token, new={"name": token.name})
        for token in tokens
    ]
    tokens.update(revoked_at=at)
    journal.record_many(drafts=drafts, by=by, at=at)
