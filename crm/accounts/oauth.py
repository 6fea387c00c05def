"""OAuth2 client credentials: who a client is, and which scopes it may be given.

A client is an API token in another form (`OAuthClient`), so there is one place to issue, narrow,
revoke and find in the journal. What the client trades its secret for lives for an hour.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes

from crm.accounts import tokens
from crm.accounts.models import ApiToken, OAuthClient, User

PREFIX = "crmo_"
LENGTH = 43


def new_access_token(_request: Any = None) -> str:
    """Return a new short-lived token; its beginning tells it from an API token."""
    return PREFIX + "".join(secrets.choice(tokens.SIGNS) for _place in range(LENGTH))


@dataclass(frozen=True, slots=True)
class Granted:
    """A short-lived token: the API token behind it, narrowed to the scopes asked for."""

    token: ApiToken
    scopes: tuple[str, ...]

    @property
    def pk(self) -> int:
        """Return the number of the API token, which the journal names."""
        return self.token.pk

    @property
    def owner(self) -> User:
        """Return whom it acts as."""
        return self.token.owner

    @property
    def is_read_only(self) -> bool:
        """Tell whether it never writes."""
        return self.token.is_read_only

    def allows(self, area: str, act: str) -> bool:
        """Tell whether both the grant and the client open this act in this area."""
        granted = tokens.allows(
            self.scopes, area=area, act=act, is_read_only=self.token.is_read_only
        )
        return granted and self.token.allows(area, act)


class Scopes(BaseScopes):  # type: ignore[misc]  # untyped there
    """The scopes of API tokens; a client may ask for its own."""

    def get_all_scopes(self) -> dict[str, str]:
        return {scope: scope for scope in tokens.SCOPES}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *_: Any, **__: Any
    ) -> list[str]:
        client = OAuthClient.objects.filter(application=application).first()
        return _opened(client.token.scopes) if client else []

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *_: Any, **__: Any
    ) -> list[str]:
        client = OAuthClient.objects.filter(application=application).first()
        return list(client.token.scopes) if client else []


class Validator(OAuth2Validator):  # type: ignore[misc]  # untyped there
    """Knows only clients whose API token can still be used."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Tell whether id and secret are right and the client is still good."""
        if not super().authenticate_client(request, *args, **kwargs):
            return False
        usable = ApiToken.objects.usable(timezone.now()).filter(owner__is_active=True)
        return usable.filter(client__application=request.client).exists()


def _opened(scopes: list[str]) -> list[str]:
    """Return the scopes with the reading ones that writing includes."""
    reading = {f"{scope.split(':')[0]}:{tokens.READ}" for scope in scopes}
    return sorted({*scopes, *reading})
