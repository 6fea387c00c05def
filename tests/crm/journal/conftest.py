"""Who and what the journal's tests are about."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest

from crm.accounts.models import Team, User
from tests import make

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
Count = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def anna() -> User:
    return make.user(name="anna")


@pytest.fixture
def team() -> Team:
    return make.team("journal team")
