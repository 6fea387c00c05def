"""Make administrators from the server's console."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts import policy
from crm.accounts.models import Invitation, User
from crm.accounts.operations import authority, invitations, people
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from crm.journal import operations as journal


class AdministratorExistsRefusedError(DomainError):
    """There is an administrator already, who can name others."""

    code = "administrator.exists"


@transaction.atomic
def create_administrator(
    *, email: str, name: str, password: str, at: datetime, is_additional: bool = False
) -> User:
    """Make an active administrator with this password, or make somebody one who is here already.

    The password of somebody who is here already is left alone.

    :param is_additional: also when there is another administrator.
    :raises AdministratorExistsRefusedError: when there is another and it was not asked for.
    :raises PasswordInputError: when the password is too weak.
    :raises ProfileInputError: when the address or the name cannot be.
    """
    authority.lock_administration()
    known = User.objects.filter(email__iexact=email.strip()).first()
    _alone_or_refuse(known, is_additional=is_additional)
    if known is not None:
        return _raise_person(known, at=at)
    person = User(email=people.free_email(email), name=people.given_name(name))
    people.password_or_refuse(password, person=person)
    person.set_password(password)
    person.save()
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    journal.record(
        kind="person.administrator-made",
        subject=person,
        by=None,
        at=at,
        personal={"email": (None, person.email), "name": (None, person.name)},
    )
    return person


@transaction.atomic
def invite_administrator(
    *, email: str, name: str, at: datetime, is_additional: bool = False
) -> str:
    """Make an administrator who chooses the password by a one-time link; return the link.

    Asked again before the link was used, it makes a new link for the same person.

    :raises AdministratorExistsRefusedError: when there is another and it was not asked for.
    :raises ProfileInputError: when the address or the name cannot be.
    :raises InvitationRefusedError: when the person has joined already or has left.
    """
    authority.lock_administration()
    known = User.objects.filter(email__iexact=email.strip()).first()
    _alone_or_refuse(known, is_additional=is_additional)
    if known is None:
        invitation = invitations.invite_person(
            email=email, name=name, roles=(Role.ADMINISTRATOR,), by=None, at=at
        )
    else:
        _raise_person(known, at=at)
        invitation = _open_or_new(known, at=at)
    return invitations.make_link(invitation=invitation, by=None, at=at)


def _alone_or_refuse(known: User | None, *, is_additional: bool) -> None:
    # an invited one counts: the link may be used at any moment
    others = User.objects.filter(
        deactivated_at__isnull=True, groups__name=Role.ADMINISTRATOR
    )
    if known is not None:
        others = others.exclude(pk=known.pk)
    if others.exists() and not is_additional:
        raise AdministratorExistsRefusedError(
            _("There is an administrator already, who can invite others.")
        )


def _raise_person(person: User, *, at: datetime) -> User:
    if person.deactivated_at is not None:
        raise AdministratorExistsRefusedError(
            _("%(person)s has left. Reactivate first.") % {"person": person},
            code="administrator.has-left",
        )
    group = Group.objects.get(name=Role.ADMINISTRATOR)
    if not person.groups.filter(pk=group.pk).exists():
        person.groups.add(group)
        journal.record(
            kind="person.role-granted",
            subject=person,
            by=None,
            at=at,
            new={"role": Role.ADMINISTRATOR},
        )
    policy.forget_reach(person)
    return person


def _open_or_new(person: User, *, at: datetime) -> Invitation:
    open_one = Invitation.objects.open().filter(person=person).first()
    return open_one or invitations.invite_again(person=person, by=None, at=at)
