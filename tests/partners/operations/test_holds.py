"""Holds and their own clock."""

from datetime import timedelta

import pytest

from crm.core.errors import StaleVersionError
from partners import operations
from partners.operations import HoldRefusedError, StageRefusedError
from partners.stages import Stage
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import held

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
DAY = timedelta(days=1)


class TestPutOnHold:
    def test_shows_since_when_and_why(self, people: People, ready: Ready) -> None:
        resting = operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY + DAY
        )

        resting.refresh_from_db()
        assert resting.on_hold_since == EARLY + DAY
        assert resting.hold_reason == "Budget year"
        held()

    def test_stops_moves(self, people: People, ready: Ready) -> None:
        resting = operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY
        )

        with pytest.raises(StageRefusedError) as refused:
            operations.move_stage(
                cooperation=resting, to=Stage.QUALIFIED, by=people.anna, at=EARLY + DAY
            )

        assert refused.value.code == "stage.on-hold"

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_needs_a_reason(self, people: People, ready: Ready, reason: str) -> None:
        with pytest.raises(HoldRefusedError, match="reason"):
            operations.put_on_hold(
                cooperation=ready(), reason=reason, by=people.anna, at=EARLY
            )

    def test_is_not_done_twice(self, people: People, ready: Ready) -> None:
        resting = operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY
        )

        with pytest.raises(HoldRefusedError, match="already"):
            operations.put_on_hold(
                cooperation=resting, reason="Again", by=people.anna, at=EARLY
            )

    def test_cannot_begin_before_the_stage(self, people: People, ready: Ready) -> None:
        with pytest.raises(HoldRefusedError, match="earlier"):
            operations.put_on_hold(
                cooperation=ready(), reason="x", by=people.anna, at=EARLY - DAY
            )

    def test_refuses_an_old_version(self, people: People, ready: Ready) -> None:
        with pytest.raises(StaleVersionError):
            operations.put_on_hold(
                cooperation=ready(),
                reason="x",
                by=people.anna,
                at=EARLY,
                expected_version=7,
            )


class TestResume:
    def test_takes_the_hold_out_of_the_days_in_stage(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY + DAY
        )
        cooperation = operations.resume(
            cooperation=cooperation, by=people.anna, at=EARLY + 4 * DAY
        )

        operations.move_stage(
            cooperation=cooperation,
            to=Stage.QUALIFIED,
            by=people.anna,
            at=EARLY + 10 * DAY,
        )

        stay = cooperation.transitions.get(to_stage__code="first_contact")
        assert stay.held_seconds == 3 * 86_400
        held()

    def test_is_only_for_what_rests(self, people: People, ready: Ready) -> None:
        with pytest.raises(HoldRefusedError, match="not on hold"):
            operations.resume(cooperation=ready(), by=people.anna, at=EARLY)

    def test_cannot_end_before_it_began(self, people: People, ready: Ready) -> None:
        resting = operations.put_on_hold(
            cooperation=ready(), reason="x", by=people.anna, at=EARLY + DAY
        )

        with pytest.raises(HoldRefusedError, match="before it began"):
            operations.resume(cooperation=resting, by=people.anna, at=EARLY)

    def test_cannot_be_followed_by_an_earlier_move(
        self, people: People, ready: Ready
    ) -> None:
        resting = operations.put_on_hold(
            cooperation=ready(), reason="x", by=people.anna, at=EARLY + DAY
        )
        resumed = operations.resume(
            cooperation=resting, by=people.anna, at=EARLY + 3 * DAY
        )

        with pytest.raises(HoldRefusedError, match="at that time"):
            operations.move_stage(
                cooperation=resumed,
                to=Stage.QUALIFIED,
                by=people.anna,
                at=EARLY + 2 * DAY,
            )
