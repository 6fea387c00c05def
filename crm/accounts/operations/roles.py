"""Give people roles and withdraw them."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.accounts.operations import authority
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from crm.journal import operations as journal


class RoleRefusedError(DomainError):
    """The role cannot be given to this person, or not by this one."""

    code = "role.refused"


class RoleInputError(DomainError):
    """There is no such role."""

    code = "role.input"
    is_input = True


@transaction.atomic
def grant_role(*, person: User, role: str, by: User | None, at: datetime) -> User:
    """Give a person a role; one they have already changes nothing.

    :raises RoleRefusedError: when people would raise themselves, or the person has left.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    :raises RoleInputError: when there is no such role.
    """
    authority.administrator_or_refuse(by)
    group = _group(role)
    if by is not None and by.pk == person.pk:
        raise RoleRefusedError(_("Nobody gives roles to themself."), code="role.own")
    authority.lock_administration()
    person = authority.lock_person(person)
    if person.deactivated_at is not None:
        raise RoleRefusedError(
            _("%(person)s has left. Reactivate first.") % {"person": person}
        )
    if person.groups.filter(pk=group.pk).exists():
        return person
    person.groups.add(group)
    policy.forget_reach(person)
    journal.record(
        kind="person.role-granted", subject=person, by=by, at=at, new={"role": role}
    )
    return person


@transaction.atomic
def withdraw_role(*, person: User, role: str, by: User | None, at: datetime) -> User:
    """Take a role from a person; one they do not have changes nothing.

    :raises LatestAdministratorRefusedError: when nobody could administer any more.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    :raises RoleInputError: when there is no such role.
    """
    authority.administrator_or_refuse(by)
    group = _group(role)
    authority.lock_administration()
    person = authority.lock_person(person)
    if not person.groups.filter(pk=group.pk).exists():
        return person
    if role == Role.ADMINISTRATOR:
        authority.another_administrator_or_refuse(person)
    person.groups.remove(group)
    policy.forget_reach(person)
    journal.record(
        kind="person.role-withdrawn", subject=person, by=by, at=at, old={"role": role}
    )
    return person


def _group(role: str) -> Group:
    if role not in Role.values:
        raise RoleInputError(_("There is no role %(role)s.") % {"role": role})
    return Group.objects.get(name=role)
