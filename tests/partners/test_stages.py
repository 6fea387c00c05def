"""The arithmetic of the ladder, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from partners import stages
from partners.stages import Pace

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class TestOverlap:
    @pytest.mark.parametrize(
        ("began", "ended", "expected"),
        [
            (1, 3, 2),
            (-5, 3, 3),
            (8, 20, 2),
            (8, None, 2),
            (-5, -1, 0),
            (11, None, 0),
            (-5, 20, 10),
        ],
    )
    def test_is_the_part_inside(
        self, began: int, ended: int | None, expected: int
    ) -> None:
        inside = stages.overlap(
            began_at=START + began * DAY,
            ended_at=None if ended is None else START + ended * DAY,
            start=START,
            end=START + 10 * DAY,
        )

        assert inside == expected * DAY


class TestTimeInStage:
    @pytest.mark.parametrize(("held", "expected"), [(0, 10), (4, 6), (10, 0), (11, 0)])
    def test_leaves_holds_out(self, held: int, expected: int) -> None:
        length = stages.time_in_stage(
            entered_at=START, until=START + 10 * DAY, held=held * DAY
        )

        assert length == expected * DAY


class TestIsInTime:
    @pytest.mark.parametrize(
        ("days", "within", "expected"),
        [(180, 180, True), (180.001, 180, False), (9999, None, True)],
    )
    def test_includes_the_bound(
        self, days: float, within: int | None, expected: bool
    ) -> None:
        found = stages.is_in_time(
            within_days=within, closed_at=START, at=START + days * DAY
        )

        assert found is expected


class TestPaceOf:
    @pytest.mark.parametrize(
        ("days", "expected_days", "pace"),
        [
            (30, 30, Pace.GREEN),
            (30.01, 30, Pace.AMBER),
            (45, 30, Pace.AMBER),
            (45.01, 30, Pace.RED),
            (999, None, Pace.GREEN),
        ],
    )
    def test_turns_at_its_bounds(
        self, days: float, expected_days: int | None, pace: Pace
    ) -> None:
        assert stages.pace_of(days=days, expected_days=expected_days) == pace
