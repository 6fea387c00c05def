"""Who is asking: a bearer token, or the session of a browser (with its CSRF check)."""

from abc import abstractmethod
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from crm.core.errors import DomainError
from crm.web import clients
from crm.web.api import limits
from crm.web.api.problems import ProblemError

LONGEST_SECRET = 200
CHALLENGE = 'Bearer realm="api"'


class Token(Protocol):
    """What the doors need to know of a token."""

    @property
    def pk(self) -> int:
        """Return its number, which the journal names."""

    @property
    def is_read_only(self) -> bool:
        """Tell whether it never writes."""

    @property
    def owner(self) -> Any:
        """Return the active person it acts for, fetched with it."""

    def allows(self, area: str, act: str) -> bool:
        """Tell whether it opens this act (`read`, `write`) in this area."""


class BearerAuthentication(BaseAuthentication):
    """Reads `Authorization: Bearer …`; too many wrong ones from one address are paused.

    A subclass knows where tokens are kept and answers `find`.
    """

    @abstractmethod
    def find(self, secret: str, *, address: str, at: datetime) -> Token:
        """Return the usable token with this secret.

        :raises DomainError: when there is none; its code is shown.
        """

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        """Return the person and the token; None when there is no bearer token.

        :raises ProblemError: 401 with the code of the refusal.
        :raises Throttled: after too many failures from this address.
        """
        secret = _secret_of(request)
        if secret is None:
            return None
        address = clients.address_of(request)
        try:
            token = self.find(secret, address=address, at=timezone.now())
        except DomainError as refusal:
            count_failure(address)
            challenge = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
            raise ProblemError(
                401, refusal.code, str(refusal), headers=challenge
            ) from None
        token.owner.acting_token_id = token.pk
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge for 401 answers."""
        return CHALLENGE


def _secret_of(request: Request) -> str | None:
    words = get_authorization_header(request).split()
    if not words or words[0].lower() != b"bearer":
        return None
    if len(words) != 2 or len(words[1]) > LONGEST_SECRET or not words[1].isascii():
        return ""
    return words[1].decode("ascii")


def count_failure(address: str) -> None:
    """Count a wrong secret; right ones of the same address pass: many people may share it.

    :raises Throttled: when this address has sent too many.
    """
    standing = limits.take(limits.FAILURES, settings.API_FAILURE_RATE, address)
    if standing is not None and not standing.is_allowed:
        raise exceptions.Throttled(wait=standing.wait)
