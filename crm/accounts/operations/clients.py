"""Issue OAuth2 clients, recognise what they traded their secret for, and forget it."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import AccessToken, Application

from crm.accounts.models import ApiToken, OAuthClient, User
from crm.accounts.oauth import Granted
from crm.accounts.operations import tokens
from crm.accounts.operations.tokens import TokenRefusedError


class Credentials(NamedTuple):
    """What a client shows for itself; the secret is never shown again."""

    client_id: str
    secret: str


@transaction.atomic
def issue_client(
    *,
    owner: User,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime,
    by: User | None,
    at: datetime,
    is_read_only: bool = False,
    networks: Iterable[str] = (),
) -> tuple[ApiToken, Credentials]:
    """Make an OAuth2 client that acts as `owner`; the rules are those of `issue_token`.

    :raises TokenInputError, TokenIssueRefusedError: as `issue_token`.
    """
    token, _unused = tokens.issue_token(
        owner=owner,
        name=name,
        scopes=scopes,
        expires_at=expires_at,
        by=by,
        at=at,
        is_read_only=is_read_only,
        networks=networks,
    )
    given = Credentials(generate_client_id(), generate_client_secret())
    application = Application.objects.create(
        client_id=given.client_id,
        client_secret=given.secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        name=token.name,
        user=owner,
    )
    OAuthClient.objects.create(token=token, application=application)
    return token, given


def authenticate_granted(*, text: str, address: str, at: datetime) -> Granted:
    """Return what a short-lived token opens, and note the use of the client behind it.

    :raises TokenRefusedError: as `authenticate_token`.
    """
    checksum = hashlib.sha256(text.encode()).hexdigest()
    found = (
        AccessToken.objects.select_related("application__client__token__owner")
        .filter(token_checksum=checksum, application__client__isnull=False)
        .first()
    )
    if found is None:
        raise TokenRefusedError(_("This is not a valid API token."))
    if found.expires <= at:
        raise TokenRefusedError(_("The token has expired."), code="token.expired")
    token = found.application.client.token
    tokens.usable_or_refuse(token, address=address, at=at)
    return Granted(token, tuple(found.scope.split()))


def forget_access_tokens(*, at: datetime) -> int:
    """Delete short-lived tokens that are over; return how many."""
    return int(AccessToken.objects.filter(expires__lte=at).delete()[0])
