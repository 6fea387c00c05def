"""A cooperation that is stuck, and who looks at it."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.watch.operations import stock
from partners.models import Cooperation
from partners.stages import Stage
from tests import make

NIGHT = datetime.now(tz=UTC) - timedelta(minutes=1)
LONG_AGO = NIGHT - timedelta(days=400)


@pytest.fixture
def anna(db: None) -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team("Munich"))


@pytest.fixture
def carla(db: None) -> User:
    return make.user(Role.ALLIANCE_MANAGER, team=make.team("Singapore"))


@pytest.fixture
def stuck(anna: User) -> Cooperation:
    """Make a cooperation that is in its stage for far too long, seen by its team alone."""
    partner = make.partner(owner=anna, team=anna.team, confidentiality="nda")
    made = make.cooperation(
        partner, stage=Stage.MOU, entered_at=LONG_AGO, owner=anna, title="Stuck one"
    )
    stock.take_stock(at=NIGHT)
    return made
