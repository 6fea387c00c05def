"""Invite people, send the link, accept it once."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts import letters, tokens
from crm.accounts.models import Invitation, Team, User
from crm.accounts.operations import authority, people
from crm.accounts.operations.roles import RoleInputError
from crm.accounts.roles import Role
from crm.core import queue
from crm.core.errors import DomainError
from crm.journal import operations as journal

LASTS = timedelta(days=7)
LEASE = timedelta(minutes=5)
SEND = "accounts.send_invitation"


class InvitationRefusedError(DomainError):
    """The invitation is used, revoked, too old or none of ours."""

    code = "invitation.refused"


@transaction.atomic
def invite_person(
    *,
    email: str,
    name: str,
    by: User | None,
    at: datetime,
    team: Team | None = None,
    roles: Iterable[str] = (),
    language: str = "en",
) -> Invitation:
    """Register a person who is not active yet and ask by mail to choose a password.

    The link works once and for seven days. Roles and team are given now and count once the person
    is active.

    :param by: who invites; None is an operator at the server's console.
    :raises ProfileInputError: when the address is none or taken, or there is no name or language.
    :raises RoleInputError: when there is no such role.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    person = _register(email=email, name=name, language=language, team=team)
    wanted = sorted(set(roles))
    if set(wanted) - set(Role.values):
        raise RoleInputError(_("There is no such role."))
    person.groups.set(Group.objects.filter(name__in=wanted))
    journal.record(
        kind="person.invited",
        subject=person,
        by=by,
        at=at,
        new={"team": team.pk if team else None, "roles": wanted, "language": language},
        personal={"email": (None, person.email), "name": (None, person.name)},
    )
    return _open_invitation(person, by=by, at=at)


def _register(*, email: str, name: str, language: str, team: Team | None) -> User:
    """Store a person who cannot log in yet."""
    person = User(
        email=people.free_email(email),
        name=people.given_name(name),
        language=people.known_language(language),
        team=team,
        is_active=False,
    )
    person.set_unusable_password()
    person.save()
    return person


@transaction.atomic
def invite_again(*, person: User, by: User | None, at: datetime) -> Invitation:
    """Send a new link to somebody who has not joined; older links stop working.

    :raises InvitationRefusedError: when the person has joined, or has left.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    person = authority.lock_person(person)
    if person.is_active or person.deactivated_at is not None:
        raise InvitationRefusedError(
            _("%(person)s needs no invitation.") % {"person": person}
        )
    for open_one in Invitation.objects.open().filter(person=person):
        revoke_invitation(invitation=open_one, by=by, at=at)
    return _open_invitation(person, by=by, at=at)


@transaction.atomic
def revoke_invitation(
    *, invitation: Invitation, by: User | None, at: datetime
) -> Invitation:
    """Make the link worthless; a used one is refused, a revoked one stays as it is.

    :raises InvitationRefusedError: when it was accepted already.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    invitation = _locked(invitation.pk)
    if invitation.accepted_at is not None:
        raise InvitationRefusedError(_("The invitation was accepted already."))
    if invitation.revoked_at is not None:
        return invitation
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    journal.record(
        kind="person.invitation-revoked", subject=invitation.person, by=by, at=at
    )
    return invitation


def send_invitation(*, invitation_id: int, at: datetime) -> bool:
    """Make the link and send the mail; tell whether this call did.

    Safe to run twice: a run claims the row for five minutes. A run that fails or dies before the
    mail is out leaves the row due, and the tick finds it once the claim is over; a second mail
    then carries the link that works.

    :raises MailNotSentError: when the mail server does not take it.
    """
    secret = secrets.token_urlsafe(32)
    digest = tokens.digest(secret, pepper=settings.TOKEN_PEPPER)
    is_free = Q(mailing_until__isnull=True) | Q(mailing_until__lt=at)
    due = Invitation.objects.due().filter(is_free, pk=invitation_id, expires_at__gt=at)
    if not due.update(digest=digest, mailing_until=at + LEASE, expires_at=at + LASTS):
        return False
    invitation = Invitation.objects.select_related("person", "invited_by").get(
        pk=invitation_id
    )
    mine = Invitation.objects.filter(pk=invitation_id, digest=digest)
    letters.send(
        name="invitation",
        to=invitation.person,
        context={"invitation": invitation, "link": _link(invitation, secret)},
    )
    mine.update(sent_at=at, mailing_until=None)
    return True


def make_link(*, invitation: Invitation, by: User | None, at: datetime) -> str:
    """Return a fresh link instead of mailing it, for the operator at the console.

    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    secret = secrets.token_urlsafe(32)
    Invitation.objects.open().filter(pk=invitation.pk).update(
        digest=tokens.digest(secret, pepper=settings.TOKEN_PEPPER),
        sent_at=at,
        expires_at=at + LASTS,
    )
    return _link(invitation, secret)


def find_invitation(*, text: str, at: datetime) -> Invitation:
    """Return the invitation that this link text opens, without using it.

    :param text: `<id>.<secret>`, the last part of the link.
    :raises InvitationRefusedError: with one wording for everything that does not work.
    """
    number, _dot, secret = text.partition(".")
    invitation = (
        Invitation.objects.open()
        .select_related("person")
        .filter(pk=int(number), expires_at__gt=at, person__deactivated_at=None)
        .first()
        if number.isascii() and number.isdigit() and len(number) < 18
        else None
    )
    given = tokens.digest(secret, pepper=settings.TOKEN_PEPPER)
    kept = invitation.digest if invitation else ""
    if invitation is None or not tokens.is_same(given, kept):
        raise InvitationRefusedError(
            _("This invitation is not valid any more. Ask for a new one.")
        )
    return invitation


@transaction.atomic
def accept_invitation(*, text: str, password: str, at: datetime) -> User:
    """Let the invited person in with the password they chose; the link is used up.

    :raises InvitationRefusedError: when the link does not work (any more).
    :raises PasswordInputError: when the password is too weak.
    """
    invitation = _locked(find_invitation(text=text, at=at).pk)
    find_invitation(text=text, at=at)  # judged again, now that it is locked
    person = authority.lock_person(invitation.person)
    people.password_or_refuse(password, person=person)
    person.set_password(password)
    person.is_active = True
    person.save(update_fields=["password", "is_active"])
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    journal.record(kind="person.joined", subject=person, by=person, at=at)
    return person


def _open_invitation(person: User, *, by: User | None, at: datetime) -> Invitation:
    invitation = Invitation.objects.create(
        person=person, invited_by=by, asked_at=at, expires_at=at + LASTS
    )
    journal.record(kind="person.invitation-asked", subject=person, by=by, at=at)
    queue.enqueue(SEND, invitation_id=invitation.pk)
    return invitation


def _locked(number: int) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("person")
        .get(pk=number)
    )


def _link(invitation: Invitation, secret: str) -> str:
    path = reverse("accounts:invitation", args=[f"{invitation.pk}.{secret}"])
    return f"{settings.PUBLIC_URL}{path}"
