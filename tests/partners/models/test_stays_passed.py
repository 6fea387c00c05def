"""A stay is told once when the cooperation went on, and nothing else after it closed."""

from datetime import timedelta

import pytest

from partners import operations
from partners.models import Cooperation
from partners.stages import Stage
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import refused_by, sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
LATER = EARLY + timedelta(days=10)
SET = "UPDATE partners_stagetransition SET {} WHERE kind = 'start'"


@pytest.fixture
def moved(people: People, ready: Ready) -> Cooperation:
    return operations.move_stage(
        cooperation=ready(), to=Stage.QUALIFIED, by=people.anna, at=LATER
    )


class TestAStayThatWasPassed:
    def test_knows_when_and_how_long_it_lasted(self, moved: Cooperation) -> None:
        stay = moved.transitions.get(kind="start")

        assert (stay.advanced_at, stay.lasted_seconds) == (LATER, 10 * 86_400)

    def test_keeps_the_first_time(self, people: People, moved: Cooperation) -> None:
        back = operations.move_stage(
            cooperation=moved,
            to=Stage.FIRST_CONTACT,
            by=people.anna,
            at=LATER + timedelta(days=1),
            reason="Too early",
        )
        operations.move_stage(
            cooperation=back,
            to=Stage.QUALIFIED,
            by=people.anna,
            at=LATER + timedelta(days=2),
        )

        assert moved.transitions.get(kind="start").advanced_at == LATER

    @pytest.mark.parametrize(
        "change",
        [
            "advanced_at = NULL",
            "advanced_at = advanced_at + interval '1 day'",
            "exited_at = exited_at + interval '1 second'",
            "held_seconds = 5",
            "exited_at = NULL",
        ],
    )
    def test_is_not_told_otherwise(self, moved: Cooperation, change: str) -> None:
        with refused_by("stagetransition_closes_once"):
            sql(SET.format(change))

    def test_was_not_passed_before_it_began(self, ready: Ready) -> None:
        ready()

        with refused_by("stagetransition_advanced_after_start"):
            sql(SET.format("advanced_at = entered_at - interval '1 second'"))
