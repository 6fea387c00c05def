"""Ending a cooperation, early or as planned, and opening it again."""

from datetime import timedelta

import pytest

from partners import operations
from partners.models import Cooperation
from partners.operations import Closing, StageInputError, StageRefusedError
from partners.stages import Stage
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import held

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
LATER = EARLY + timedelta(days=10)
ENDING = Closing(
    reason="price", lessons="Ask for the budget first", commitments_settlement="None"
)


class TestTerminate:
    def test_needs_to_say_why(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageInputError) as refused:
            operations.move_stage(
                cooperation=ready(),
                to=Stage.TERMINATED,
                by=people.vice,
                at=LATER,
                reason="Over",
            )

        assert refused.value.code == "stage.needs-closing"

    def test_needs_lessons(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageRefusedError) as refused:
            operations.terminate_cooperation(
                cooperation=ready(),
                closing=Closing(reason="price", commitments_settlement="None"),
                by=people.vice,
                at=LATER,
                reason="Over",
            )

        assert refused.value.missing == ("Lessons written down: “lessons” is empty.",)

    def test_needs_the_name_of_the_competitor(
        self, people: People, ready: Ready
    ) -> None:
        with pytest.raises(StageInputError, match="competitor"):
            operations.terminate_cooperation(
                cooperation=ready(),
                closing=Closing(reason="competitor", lessons="Be earlier"),
                by=people.vice,
                at=LATER,
                reason="Lost",
            )

    def test_refuses_a_reason_of_a_planned_end(
        self, people: People, ready: Ready
    ) -> None:
        with pytest.raises(StageInputError, match="does not fit"):
            operations.terminate_cooperation(
                cooperation=ready(),
                closing=Closing(reason="exited"),
                by=people.vice,
                at=LATER,
                reason="Over",
            )

    def test_closes_and_ends_the_hold(self, people: People, ready: Ready) -> None:
        cooperation = operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY
        )

        closed = operations.terminate_cooperation(
            cooperation=cooperation,
            closing=ENDING,
            by=people.vice,
            at=LATER,
            reason="Over",
        )

        closed.refresh_from_db()
        assert (closed.closed_at, closed.closed_reason) == (LATER, "price")
        stay = closed.transitions.get(to_stage__code="first_contact")
        assert stay.held_seconds == 10 * 86_400
        held()


class TestReopen:
    @pytest.fixture
    def closed(self, people: People, ready: Ready) -> Cooperation:
        return operations.terminate_cooperation(
            cooperation=ready(stage=Stage.MOU),
            closing=ENDING,
            by=people.vice,
            at=LATER,
            reason="Over",
        )

    def test_goes_back_to_where_it_stood(
        self, people: People, closed: Cooperation
    ) -> None:
        opened = operations.reopen_cooperation(
            cooperation=closed,
            by=people.vice,
            at=LATER + timedelta(days=180),
            reason="They came back",
        )

        assert (opened.stage_id, opened.closed_at) == ("mou", None)
        held()

    def test_is_too_late_after_180_days(
        self, people: People, closed: Cooperation
    ) -> None:
        with pytest.raises(StageRefusedError) as refused:
            operations.reopen_cooperation(
                cooperation=closed,
                by=people.vice,
                at=LATER + timedelta(days=180, seconds=1),
                reason="They came back",
            )

        assert refused.value.code == "stage.too-late"

    def test_needs_approval(self, people: People, closed: Cooperation) -> None:
        with pytest.raises(StageRefusedError) as refused:
            operations.reopen_cooperation(
                cooperation=closed, by=people.anna, at=LATER, reason="They came back"
            )

        assert refused.value.missing == (
            "Approved by an executive: The approval is not given.",
        )

    def test_goes_nowhere_else(self, people: People, closed: Cooperation) -> None:
        with pytest.raises(StageRefusedError, match="where it stood"):
            operations.move_stage(
                cooperation=closed,
                to=Stage.EXPANSION,
                by=people.vice,
                at=LATER,
                reason="They came back",
            )

    def test_is_for_what_was_closed(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageRefusedError, match="nothing to reopen"):
            operations.reopen_cooperation(
                cooperation=ready(), by=people.vice, at=LATER, reason="Why not"
            )


class TestComplete:
    def test_needs_review_and_hand_over(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageRefusedError) as refused:
            operations.complete_cooperation(
                cooperation=ready(stage=Stage.PRODUCTION),
                closing=Closing(reason="exited", closing_review="All went well"),
                by=people.vice,
                at=LATER,
            )

        assert len(refused.value.missing) == 1

    def test_ends_as_planned(self, people: People, ready: Ready) -> None:
        closed = operations.complete_cooperation(
            cooperation=ready(stage=Stage.PRODUCTION),
            closing=Closing(
                reason="transformed",
                closing_review="All went well",
                handed_over_on=LATER.date(),
            ),
            by=people.vice,
            at=LATER,
        )

        assert closed.stage_id == "completed"
        held()

    def test_is_not_for_earlier_stages(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageRefusedError, match="no step"):
            operations.complete_cooperation(
                cooperation=ready(),
                closing=Closing(reason="exited"),
                by=people.vice,
                at=LATER,
            )
