"""Targets and the words and weights of stages: changed, left alone, refused."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from deals.models import DealStageName, DealStageWeight
from deals.operations import stage_names, targets, weights
from tests import make
from tests.make import EARLY

pytestmark = pytest.mark.django_db
D = Decimal
LATER = EARLY + timedelta(days=30)


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_DIRECTOR)


def refused(act: Callable[[], Any], words: str) -> None:
    with pytest.raises(DomainError, match=words):
        act()


class TestSettings:
    def test_a_stage_name_said_again_changes_nothing(self, anna: User) -> None:
        row = stage_names.name_stage(
            system="mine", name="Won", stage="Launched", by=anna, at=LATER
        )

        stage_names.rename_stage(
            stage_name=row, name="Won", stage="Launched", by=anna, at=LATER
        )

        assert DealStageName.objects.get(pk=row.pk).version == row.version

    def test_a_stage_weighs_at_most_100(self, anna: User) -> None:
        weight = DealStageWeight.objects.get(stage="Prospect")

        refused(
            lambda: weights.revise_weight(
                weight=weight, probability=101, category="omitted", by=anna, at=LATER
            ),
            "0 to 100",
        )


class TestTargets:
    VALUES: dict[str, Any] = {
        "metric": "won",
        "start_on": date(2026, 1, 1),
        "end_on": date(2026, 4, 1),
        "amount": D(1000),
        "currency": "EUR",
    }

    def test_are_changed_and_left_alone(self, anna: User) -> None:
        target = targets.set_target(values=self.VALUES, by=anna, at=LATER)

        changed = targets.change_target(
            target=target, values={"amount": D(2000)}, by=anna, at=LATER
        )
        same = targets.change_target(
            target=changed, values={"amount": D(2000)}, by=anna, at=LATER
        )

        assert (changed.amount, same.version) == (D(2000), changed.version)

    @pytest.mark.parametrize("amount", [D(0), D(-5)])
    def test_are_more_than_nothing(self, anna: User, amount: Decimal) -> None:
        refused(
            lambda: targets.set_target(
                values={**self.VALUES, "amount": amount}, by=anna, at=LATER
            ),
            "more than nothing",
        )
