"""Who may act on people; the locks and checks that several operations share."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError


class AdministratorOnlyRefusedError(DomainError):
    """Only an administrator may do it."""

    code = "people.administrator-only"


class LatestAdministratorRefusedError(DomainError):
    """Somebody must remain who can administer."""

    code = "people.latest-administrator"


def administrator_or_refuse(by: User | None) -> None:
    """Let administrators through, and the operator at the server's console (None).

    :raises AdministratorOnlyRefusedError: for everybody else.
    """
    if by is None:
        return
    policy.forget_reach(by)
    if Role.ADMINISTRATOR not in policy.reach_of(by).roles:
        raise AdministratorOnlyRefusedError(_("Only an administrator may do this."))


def is_administrator(person: User) -> bool:
    """Tell whether the person is active and holds the role."""
    return Role.ADMINISTRATOR in policy.reach_of(person).roles


def lock_person(person: User) -> User:
    """Return the person as stored, locked until the transaction ends."""
    return User.objects.select_for_update(of=("self",)).get(pk=person.pk)


def lock_administration() -> None:
    """Let nobody else give, take or lose the role administrator in the meantime."""
    Group.objects.select_for_update().get(name=Role.ADMINISTRATOR)


def another_administrator_or_refuse(person: User) -> None:
    """Refuse when the person is the only active administrator; `lock_administration` first.

    :raises LatestAdministratorRefusedError: when nobody else remains.
    """
    active = User.objects.filter(is_active=True, groups__name=Role.ADMINISTRATOR)
    if set(active.values_list("pk", flat=True)) == {person.pk}:
        raise LatestAdministratorRefusedError(
            _("%(person)s is the only administrator. Name another one first.")
            % {"person": person}
        )
