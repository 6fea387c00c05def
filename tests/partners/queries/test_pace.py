"""Time in stage and stalling; every bound at its edge."""

from datetime import date, timedelta
from typing import Any

import pytest

from partners import operations, queries
from partners.models import Cooperation
from partners.stages import Pace, Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def after(days: float) -> dict[str, Any]:
    return {"at": EARLY + days * DAY}


def talked(cooperation: Cooperation, days: float) -> None:
    """Log an activity so that silence is no reason."""
    cooperation.activities.create(
        partner=cooperation.partner,
        kind="call",
        happened_at=EARLY + days * DAY,
        summary="Talk",
        logged_by=make.user(),
    )


class TestTimesInStage:
    @pytest.mark.parametrize(
        ("days", "pace"),
        [
            (30, Pace.GREEN),
            (30.1, Pace.AMBER),
            (45, Pace.AMBER),
            (45.1, Pace.RED),
        ],
    )
    def test_compare_with_the_expected_days(self, days: float, pace: Pace) -> None:
        cooperation = make.cooperation()
        talked(cooperation, days)

        [found] = queries.times_in_stage(Cooperation.objects.all(), **after(days))

        assert found.pace == pace
        assert found.days == pytest.approx(days)

    def test_leave_holds_out(self, people: People, ready: Ready) -> None:
        cooperation = operations.put_on_hold(
            cooperation=ready(next_step_due_on=None),
            reason="Budget year",
            by=people.anna,
            at=EARLY + 5 * DAY,
        )
        operations.resume(cooperation=cooperation, by=people.anna, at=EARLY + 35 * DAY)
        talked(cooperation, 50)

        [found] = queries.times_in_stage(Cooperation.objects.all(), **after(50))

        assert (found.days, found.pace) == (20, Pace.GREEN)

    def test_never_call_late_what_rests(self, people: People, ready: Ready) -> None:
        operations.put_on_hold(
            cooperation=ready(), reason="Budget year", by=people.anna, at=EARLY
        )

        [found] = queries.times_in_stage(Cooperation.objects.all(), **after(400))

        assert (found.days, found.pace) == (0, Pace.GREEN)
        assert found.is_on_hold

    @pytest.mark.parametrize(
        ("due_on", "is_late"), [(date(2026, 1, 8), False), (date(2026, 1, 7), True)]
    )
    def test_mind_a_next_step_overdue_for_more_than_7_days(
        self, due_on: date, is_late: bool
    ) -> None:
        make.cooperation(next_step_due_on=due_on)

        [found] = queries.times_in_stage(Cooperation.objects.all(), **after(10))

        assert (found.pace == Pace.AMBER) == is_late

    @pytest.mark.parametrize(("days", "is_late"), [(21, False), (21.1, True)])
    def test_mind_silence_of_more_than_21_days(
        self, days: float, is_late: bool
    ) -> None:
        make.cooperation(stage=Stage.EXPANSION)

        [found] = queries.times_in_stage(Cooperation.objects.all(), **after(days))

        assert (found.pace == Pace.AMBER) == is_late

    def test_cost_one_query(self, django_assert_num_queries: Any) -> None:
        for _each in range(3):
            make.cooperation()

        with django_assert_num_queries(1):
            queries.times_in_stage(Cooperation.objects.all(), **after(100))


class TestStalled:
    def test_puts_red_first(self) -> None:
        amber = make.cooperation(stage=Stage.PRODUCTION)
        red = make.cooperation(entered_at=EARLY + 100 * DAY)

        late = queries.stalled(Cooperation.objects.all(), **after(190))

        assert [s.cooperation for s in late] == [red, amber]
        assert late[0].reasons[0] == "90 days in stage, expected are 30."


class TestUnconfirmed:
    @pytest.mark.parametrize(("days", "count"), [(45, 0), (45.1, 1)])
    def test_is_production_after_45_days(self, days: float, count: int) -> None:
        make.cooperation(stage=Stage.PRODUCTION)
        make.cooperation(stage=Stage.JOINT_POC)

        late = queries.unconfirmed(Cooperation.objects.all(), **after(days))

        assert late.count() == count
