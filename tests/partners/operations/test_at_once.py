"""Two people act on the same cooperation at the same moment, in real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners import operations
from partners.models import Cooperation, GateCheck, Partner
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import Ready

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("only_own_evidence"),
]
LATER = EARLY + timedelta(days=10)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; return what each gave or raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(5)
        try:
            return act()
        except (DomainError, IntegrityError) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def mover(cooperation: Cooperation) -> Callable[[], object]:
    """Let the owner move it as they saw it a moment ago, over a connection of their own."""
    seen = Cooperation.objects.get(pk=cooperation.pk)
    owner = User.objects.get(cooperations_owned=cooperation)
    return lambda: operations.move_stage(
        cooperation=seen, to=Stage.QUALIFIED, by=owner, at=LATER
    )


class TestTwoMoves:
    def test_one_wins_and_the_other_is_told(self, ready: Ready) -> None:
        cooperation = ready()

        results = at_once(mover(cooperation), mover(cooperation))

        lost = [r.code for r in results if isinstance(r, DomainError)]
        assert lost == ["version.stale"]
        assert cooperation.transitions.count() == 2
        assert cooperation.transitions.filter(exited_at=None).count() == 1

    def test_of_two_cooperations_do_not_wait_for_one_another(
        self, ready: Ready
    ) -> None:
        one, two = ready(), ready()

        results = at_once(mover(one), mover(two))

        assert [type(result) for result in results] == [Cooperation, Cooperation]


class TestMoveAndHold:
    def test_leave_no_contradiction(self, ready: Ready) -> None:
        cooperation = ready()
        owner = User.objects.get(cooperations_owned=cooperation)

        at_once(
            mover(cooperation),
            lambda: operations.put_on_hold(
                cooperation=cooperation, reason="Budget year", by=owner, at=LATER
            ),
        )

        cooperation.refresh_from_db()
        stay = cooperation.transitions.get(exited_at=None)
        assert cooperation.stage_id == stay.to_stage_id
        assert cooperation.on_hold_since == LATER
        assert cooperation.holds.get(ended_at=None).stay == stay


class TestRefusedMove:
    def test_keeps_its_checks_after_the_transaction(self, ready: Ready) -> None:
        cooperation = ready(next_step_due_on=None)

        results = at_once(mover(cooperation))

        assert [r.code for r in results if isinstance(r, DomainError)] == [
            "stage.refused"
        ]
        assert GateCheck.objects.filter(code="next_step_dated").count() == 1


class TestDirectUpdate:
    def test_is_refused_at_commit(self, ready: Ready) -> None:
        cooperation = ready()

        with pytest.raises(IntegrityError, match="cooperation_stage_follows_move"):
            Cooperation.objects.filter(pk=cooperation.pk).update(stage="production")

        cooperation.refresh_from_db()
        assert cooperation.stage_id == "first_contact"


class TestTwoParents:
    def test_cannot_close_a_circle(self) -> None:
        one, two = make.partner(), make.partner()

        results = at_once(
            lambda: Partner.objects.filter(pk=one.pk).update(parent=two),
            lambda: Partner.objects.filter(pk=two.pk).update(parent=one),
        )

        assert sum(isinstance(result, IntegrityError) for result in results) == 1
