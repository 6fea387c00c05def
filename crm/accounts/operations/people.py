"""Edit people: profile, e-mail address, team, password, sessions."""

from dataclasses import asdict
from datetime import datetime
from importlib import import_module

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts import policy, profiles
from crm.accounts.models import BrowserSession, Team, User
from crm.accounts.operations import authority
from crm.accounts.profiles import Profile
from crm.core.errors import DomainError
from crm.journal import operations as journal

PERSONAL = frozenset({"name"})
"""Fields whose values the journal keeps apart, so that they can be erased."""


class ProfileInputError(DomainError):
    """A profile names a language, zone or currency that does not exist, or no name."""

    code = "person.input"
    is_input = True


class PersonRefusedError(DomainError):
    """The change is not allowed on this person, or not to this one."""

    code = "person.refused"


class PasswordInputError(DomainError):
    """The password is wrong, or too weak; `missing` says what is asked of a password."""

    code = "person.password"
    is_input = True


@transaction.atomic
def edit_profile(*, person: User, profile: Profile, by: User, at: datetime) -> User:
    """Change name, language, time zone and currency; one's own, or as administrator.

    :raises ProfileInputError: `missing` names the fields that hold something impossible.
    :raises AdministratorOnlyRefusedError: when it is somebody else's profile.
    """
    if by.pk != person.pk:
        authority.administrator_or_refuse(by)
    wrong = profiles.faults(profile)
    if wrong:
        raise ProfileInputError(
            _("The profile cannot be stored as it is."), missing=_labels(wrong)
        )
    person = authority.lock_person(person)
    wanted = {**asdict(profile), "name": profile.name.strip()}
    old = {field: getattr(person, field) for field in wanted}
    changed = [field for field in wanted if wanted[field] != old[field]]
    if not changed:
        return person
    for field in changed:
        setattr(person, field, wanted[field])
    person.save(update_fields=changed)
    plain = [field for field in changed if field not in PERSONAL]
    journal.record(
        kind="person.edited",
        subject=person,
        by=by,
        at=at,
        old={field: old[field] for field in plain},
        new={field: wanted[field] for field in plain},
        personal={
            field: (old[field], wanted[field]) for field in changed if field in PERSONAL
        },
    )
    return person


@transaction.atomic
def edit_person(
    *, person: User, profile: Profile, team: Team | None, by: User, at: datetime
) -> User:
    """Change profile and team together, as administrators do.

    :raises ProfileInputError: as `edit_profile`.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    edit_profile(person=person, profile=profile, by=by, at=at)
    return assign_team(person=person, team=team, by=by, at=at)


@transaction.atomic
def change_email(
    *, person: User, email: str, password: str, by: User, at: datetime
) -> User:
    """Change the address somebody logs in with; whoever acts types their own password again.

    All sessions of the person end, those of whoever acts on themself included.

    :param password: of `by`, not of the person.
    :raises PasswordInputError: when it is wrong.
    :raises ProfileInputError: when the address is none, or taken.
    :raises AdministratorOnlyRefusedError: when it is somebody else's address.
    """
    if by.pk != person.pk:
        authority.administrator_or_refuse(by)
    if not User.objects.get(pk=by.pk).check_password(password):
        raise PasswordInputError(_("This is not your password."))
    person = authority.lock_person(person)
    email, old = free_email(email, besides=person), person.email
    if email == old:
        return person
    person.email = email
    person.session_generation += 1
    person.save(update_fields=["email", "session_generation"])
    journal.record(
        kind="person.email-changed",
        subject=person,
        by=by,
        at=at,
        personal={"email": (old, email)},
    )
    return person


@transaction.atomic
def assign_team(
    *, person: User, team: Team | None, by: User | None, at: datetime
) -> User:
    """Put a person on a team, or on none; what they see changes at once.

    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    person = authority.lock_person(person)
    old, new = person.team_id, team.pk if team else None
    if old == new:
        return person
    person.team = team
    person.save(update_fields=["team"])
    policy.forget_reach(person)
    journal.record(
        kind="person.team-changed",
        subject=person,
        by=by,
        at=at,
        old={"team": old},
        new={"team": new},
    )
    return person


@transaction.atomic
def choose_password(
    *, person: User, password: str, by: User | None, at: datetime
) -> User:
    """Give a person a new password; all their sessions end.

    :raises PasswordInputError: when it is too weak; `missing` says why.
    """
    person = authority.lock_person(person)
    password_or_refuse(password, person=person)
    person.set_password(password)
    person.save(update_fields=["password"])
    journal.record(kind="person.password-changed", subject=person, by=by, at=at)
    return person


@transaction.atomic
def end_sessions(*, person: User, by: User, at: datetime) -> User:
    """Log a person out everywhere; one's own sessions, or as administrator.

    :raises AdministratorOnlyRefusedError: when they are somebody else's.
    """
    if by.pk != person.pk:
        authority.administrator_or_refuse(by)
    person = authority.lock_person(person)
    close_sessions(person)
    journal.record(kind="person.sessions-ended", subject=person, by=by, at=at)
    return person


@transaction.atomic
def end_session(*, session: BrowserSession, by: User, at: datetime) -> None:
    """Log a person out in one browser; one's own, or as administrator.

    :raises AdministratorOnlyRefusedError: when it is somebody else's.
    """
    if by.pk != session.person_id:
        authority.administrator_or_refuse(by)
    _forget_session(session.session_key)
    journal.record(kind="person.session-ended", subject=session.person, by=by, at=at)
    session.delete()


def close_sessions(person: User) -> None:
    """End all sessions of a locked person: by their generation, and in the store."""
    person.session_generation += 1
    person.save(update_fields=["session_generation"])
    for session in BrowserSession.objects.filter(person=person):
        _forget_session(session.session_key)
        session.delete()


def free_email(email: str, *, besides: User | None = None) -> str:
    """Return the address in the spelling that is stored.

    :raises ProfileInputError: when it is none, or another person's.
    """
    email = User.objects.normalize_email(email.strip())
    try:
        validate_email(email)
    except ValidationError as error:
        raise ProfileInputError(_("This is not an e-mail address.")) from error
    others = User.objects.exclude(pk=besides.pk) if besides else User.objects.all()
    if others.filter(email__iexact=email).exists():
        raise ProfileInputError(_("Somebody has this e-mail address already."))
    return email


def given_name(name: str) -> str:
    """Return the name without blanks around it.

    :raises ProfileInputError: when it is empty or too long.
    """
    name = name.strip()
    if not 0 < len(name) <= 120:
        raise ProfileInputError(_("A name has 1 to 120 characters."))
    return name


def known_language(code: str) -> str:
    """Return the language code.

    :raises ProfileInputError: when the product does not speak it.
    """
    if code not in dict(settings.LANGUAGES):
        raise ProfileInputError(_("The product does not speak this language."))
    return code


def password_or_refuse(password: str, *, person: User) -> None:
    """Refuse a weak password.

    :raises PasswordInputError: `missing` says what is asked of a password.
    """
    try:
        validate_password(password, user=person)
    except ValidationError as error:
        raise PasswordInputError(
            _("Choose a stronger password."), missing=tuple(error.messages)
        ) from error


def _forget_session(key: str) -> None:
    import_module(settings.SESSION_ENGINE).SessionStore(key).delete()


def _labels(fields: tuple[str, ...]) -> tuple[str, ...]:
    labels = {field.name: str(field.verbose_name) for field in User._meta.fields}
    return tuple(labels[field] for field in fields)
