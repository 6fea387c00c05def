"""Issue, revoke and recognise API tokens."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.accounts import credentials, policy, tokens
from crm.accounts.models import ApiToken, User
from crm.accounts.operations import authority
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from crm.journal import operations as journal

LONGEST = timedelta(days=366)
USE_IS_NOTED_EVERY = timedelta(minutes=1)
NO_DIGEST = "0" * 64


class TokenIssueRefusedError(DomainError):
    """The token cannot be issued to this person, or not by this one."""

    code = "token.issue-refused"


class TokenInputError(DomainError):
    """What was asked of the new token makes no sense: scopes, networks or expiry."""

    code = "token.input"
    is_input = True


class TokenRefusedError(DomainError):
    """A request came with a token that opens nothing. `code` says why.

    `token.unknown` covers everything that is not a token of ours; the other codes are told only
    to somebody who holds the true secret.
    """

    code = "token.unknown"


@transaction.atomic
def issue_token(
    *,
    owner: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    by: User | None,
    at: datetime,
    is_read_only: bool = False,
    networks: Iterable[str] = (),
) -> tuple[ApiToken, str]:
    """Make a token that acts as `owner`; return it with its text, which is never shown again.

    One issues tokens to oneself; an administrator also to the people of the role integration, so
    that nobody can quietly act as a colleague.

    :param expires_at: aware; at most 366 days ahead.
    :param by: who issues it; None is an operator at the server's console.
    :param networks: CIDR notation; none allows every address.
    :raises TokenInputError: for unknown or no scopes, a wrong network, no name, a wrong expiry.
    :raises TokenIssueRefusedError: when the owner is not active or `by` may not issue to them.
    """
    wanted, places = _checked_scopes(scopes), _checked_networks(networks)
    _check_name_and_term(name, expires_at=expires_at, at=at)
    owner = _lock_owner_or_refuse(owner, by=by)
    issued = tokens.generate(pepper=settings.TOKEN_PEPPER)
    token = ApiToken.objects.create(
        owner=owner,
        name=name.strip(),
        public=issued.public,
        digest=issued.digest,
        scopes=wanted,
        is_read_only=is_read_only,
        networks=places,
        issued_by=by,
        issued_at=at,
        expires_at=expires_at,
    )
    _note_issued(token)
    return token, issued.text


def _check_name_and_term(name: str, *, expires_at: datetime, at: datetime) -> None:
    if not name.strip():
        raise TokenInputError(_("Name the token after what will use it."))
    if not at < expires_at <= at + LONGEST:
        raise TokenInputError(
            _("The token must expire within %(days)d days.") % {"days": LONGEST.days}
        )


def _lock_owner_or_refuse(owner: User, *, by: User | None) -> User:
    owner = User.objects.select_for_update(of=("self",)).get(pk=owner.pk)
    _may_issue_or_refuse(owner=owner, by=by)
    return owner


def _note_issued(token: ApiToken) -> None:
    journal.record(
        kind="token.issued",
        subject=token,
        by=token.issued_by,
        at=token.issued_at,
        new={
            "owner": token.owner_id,
            "name": token.name,
            "scopes": token.scopes,
            "is_read_only": token.is_read_only,
            "networks": token.networks,
            "expires_at": token.expires_at.isoformat(),
        },
    )


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User | None, at: datetime) -> ApiToken:
    """End a token for good; a token that is revoked already stays as it is.

    :raises TokenIssueRefusedError: when it is neither one's own nor one is an administrator.
    """
    token = (
        ApiToken.objects.select_for_update(of=("self",))
        .select_related("owner")
        .get(pk=token.pk)
    )
    if (
        by is not None
        and by.pk != token.owner_id
        and not authority.is_administrator(by)
    ):
        raise TokenIssueRefusedError(_("This is the token of somebody else."))
    if token.revoked_at is not None:
        return token
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    journal.record(
        kind="token.revoked", subject=token, by=by, at=at, new={"name": token.name}
    )
    return token


def authenticate_token(*, text: str, address: str, at: datetime) -> ApiToken:
    """Return the token with this text and note its use; `token.owner` is the acting person.

    The owner carries `acting_token_id`, so the journal names both. Costs one query, and one
    small write at most once a minute. The caller asks `token.allows(area, act)`.

    :param address: the client's address, v4 or v6.
    :raises TokenRefusedError: with a code: `token.unknown`, `token.revoked`, `token.expired`,
        `token.owner-inactive`, `token.network`.
    """
    token = find_token(text=text, address=address, at=at)
    _in_use(token, address=address, at=at)
    return token


def usable_or_refuse(token: ApiToken, *, address: str, at: datetime) -> ApiToken:
    """Return the token of somebody who has proved to hold it otherwise, its use noted.

    :raises TokenRefusedError: when it is revoked or over, or not for this address.
    """
    _refuse_unless_usable(token, address=address, at=at)
    _in_use(token, address=address, at=at)
    return token


def _in_use(token: ApiToken, *, address: str, at: datetime) -> None:
    if token.latest_use_at is None or at - token.latest_use_at >= USE_IS_NOTED_EVERY:
        _note_use(token, address=address, at=at)
    token.owner.acting_token_id = token.pk


def find_token(*, text: str, address: str, at: datetime) -> ApiToken:
    """Return the usable token with this text, without noting the use.

    :raises TokenRefusedError: as `authenticate_token`.
    """
    public = tokens.public_part(text)
    token = credentials.by_public_part(public) if public else None
    given = tokens.digest(text, pepper=settings.TOKEN_PEPPER)
    kept = token.digest if token else NO_DIGEST
    if not tokens.is_same(given, kept) or token is None:
        raise TokenRefusedError(_("This is not a valid API token."))
    _refuse_unless_usable(token, address=address, at=at)
    return token


def _refuse_unless_usable(token: ApiToken, *, address: str, at: datetime) -> None:
    if token.revoked_at is not None:
        raise TokenRefusedError(_("The token is revoked."), code="token.revoked")
    if token.expires_at <= at:
        raise TokenRefusedError(_("The token has expired."), code="token.expired")
    if not token.owner.is_active:
        raise TokenRefusedError(
            _("The person this token acts as is not active."),
            code="token.owner-inactive",
        )
    if not tokens.is_inside(address, token.networks):
        raise TokenRefusedError(
            _("The token may not be used from this address."), code="token.network"
        )


def _note_use(token: ApiToken, *, address: str, at: datetime) -> None:
    stale = Q(latest_use_at__isnull=True) | Q(
        latest_use_at__lte=at - USE_IS_NOTED_EVERY
    )
    ApiToken.objects.filter(stale, pk=token.pk).update(
        latest_use_at=at, latest_use_from=address or None
    )
    token.latest_use_at = at


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes))
    unknown = tokens.unknown_scopes(wanted)
    if unknown:
        raise TokenInputError(
            _("There is no such scope: %(scopes)s.") % {"scopes": ", ".join(unknown)}
        )
    if not wanted:
        raise TokenInputError(_("Choose at least one scope."))
    return wanted


def _checked_networks(networks: Iterable[str]) -> list[str]:
    try:
        return sorted({tokens.network(text) for text in networks})
    except ValueError as error:
        raise TokenInputError(
            _("This is not a network: %(reason)s.") % {"reason": error}
        ) from error


def _may_issue_or_refuse(*, owner: User, by: User | None) -> None:
    if not owner.is_active:
        raise TokenIssueRefusedError(_("%(person)s is not active.") % {"person": owner})
    if by is None or by.pk == owner.pk:
        return
    is_for_a_program = Role.INTEGRATION in policy.reach_of(owner).roles
    if not (is_for_a_program and authority.is_administrator(by)):
        raise TokenIssueRefusedError(
            _(
                "Everybody issues their own tokens; administrators also those of people "
                "with the role Integration."
            )
        )
