"""Two people: of the model team, and of the alliance."""

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from tests import make


@pytest.fixture
def mo(db: None) -> User:
    return make.user(Role.MODEL_TEAM)


@pytest.fixture
def anna(db: None) -> User:
    return make.user(Role.ALLIANCE_MANAGER)
