"""Callers of the API, as tests need them."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.accounts import operations, tokens
from crm.accounts.models import User
from crm.accounts.roles import Role
from tests import make
from tests.crm.web.api.notes import Note


class Caller(Client):
    """A browser session that speaks JSON."""

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a body as JSON; header names with underscores: `If_Match`."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.generic(
            method, path, content, content_type="application/json", headers=named
        )


class TokenCaller(Caller):
    """A program with a token."""

    def __init__(self, text: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {text}"})


def program(user: User, *scopes: str, is_read_only: bool = False) -> TokenCaller:
    """Issue a token (all scopes unless named) and return who uses it."""
    at = timezone.now()
    _token, text = operations.issue_token(
        owner=user,
        name="test",
        scopes=scopes or tokens.SCOPES,
        expires_at=at + timedelta(days=1),
        by=user,
        at=at,
        is_read_only=is_read_only,
    )
    return TokenCaller(text)


def caller(user: User) -> Caller:
    made = Caller()
    made.force_login(user)
    return made


@pytest.fixture
def anna(db: None) -> User:
    return make.user(Role.ALLIANCE_MANAGER, name="Anna")


@pytest.fixture
def api(anna: User) -> Caller:
    return caller(anna)


@pytest.fixture
def sync(anna: User) -> TokenCaller:
    return program(anna)


@pytest.fixture
def notes(db: None, settings: Any) -> None:
    """Serve the resource that exists only in tests."""
    with connection.schema_editor() as editor:
        editor.create_model(Note)
    settings.ROOT_URLCONF = "tests.crm.web.api.notes"
