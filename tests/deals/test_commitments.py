"""Each figure of a commitment against values computed by hand."""

from datetime import date
from decimal import Decimal

import pytest

from deals import commitments
from deals.commitments import Milestone, Pace, PaceLimits, Terms, Window

D = Decimal
YEAR = Terms(amount=D(3650), start_on=date(2025, 1, 1), end_on=date(2026, 1, 1))
LEAP_YEAR = Terms(amount=D(3660), start_on=date(2024, 1, 1), end_on=date(2025, 1, 1))
RAMP = Terms(
    amount=D(1000),
    start_on=date(2025, 1, 1),
    end_on=date(2027, 1, 1),
    milestones=(
        Milestone(due_on=date(2026, 1, 1), target=D(300)),
        Milestone(due_on=date(2027, 1, 1), target=D(1000)),
    ),
)


class TestTimeElapsed:
    @pytest.mark.parametrize(
        ("terms", "as_of", "share"),
        [
            (YEAR, date(2024, 6, 1), D(0)),
            (YEAR, date(2025, 1, 1), D(0)),
            (YEAR, date(2025, 3, 15), D(73) / D(365)),
            (YEAR, date(2026, 1, 1), D(1)),
            (YEAR, date(2030, 1, 1), D(1)),
            (LEAP_YEAR, date(2024, 3, 1), D(60) / D(366)),
        ],
    )
    def test_is_the_share_of_days(self, terms: Terms, as_of: date, share: D) -> None:
        assert commitments.time_elapsed(terms=terms, as_of=as_of) == share


class TestPlannedShare:
    @pytest.mark.parametrize(
        ("as_of", "share"),
        [
            (date(2024, 12, 1), D(0)),
            (date(2025, 1, 1), D(0)),
            (date(2025, 7, 2), D("0.3") * D(182) / D(365)),
            (date(2026, 1, 1), D("0.3")),
            (date(2026, 3, 15), (D(300) + D(700) * D(73) / D(365)) / D(1000)),
            (date(2027, 1, 1), D(1)),
            (date(2028, 1, 1), D(1)),
        ],
    )
    def test_is_linear_between_milestones(self, as_of: date, share: D) -> None:
        assert commitments.planned_share(terms=RAMP, as_of=as_of) == share

    def test_is_the_time_elapsed_without_milestones(self) -> None:
        share = commitments.planned_share(terms=YEAR, as_of=date(2025, 3, 15))

        assert share == D(73) / D(365)


class TestRunRate:
    @pytest.mark.parametrize(
        ("total", "days", "rate"),
        [
            (D(0), 0, D(0)),
            (D(28), 1, D(28)),
            (D(196), 28, D(7)),
            (D(56), 28, D(2)),
            (D(-140), 28, D(-5)),
            (D(0), 28, D(0)),
        ],
    )
    def test_is_the_mean_of_the_days(self, total: D, days: int, rate: D) -> None:
        assert commitments.run_rate(Window(total=total, days=days)) == rate

    @pytest.mark.parametrize(
        ("as_of", "since", "until"),
        [
            (date(2024, 12, 1), date(2024, 12, 1), date(2024, 12, 1)),
            (date(2025, 1, 1), date(2025, 1, 1), date(2025, 1, 1)),
            (date(2025, 1, 11), date(2025, 1, 1), date(2025, 1, 11)),
            (date(2025, 3, 15), date(2025, 2, 15), date(2025, 3, 15)),
            (date(2026, 6, 1), date(2025, 12, 4), date(2026, 1, 1)),
        ],
    )
    def test_looks_at_28_days_within_the_term(
        self, as_of: date, since: date, until: date
    ) -> None:
        found = commitments.window_of(terms=YEAR, as_of=as_of)

        assert found == (since, until)


class TestExhaustion:
    @pytest.mark.parametrize(
        ("remaining", "rate", "day"),
        [
            (D(100), D(10), date(2025, 1, 11)),
            (D(105), D(10), date(2025, 1, 11)),
            (D(0), D(10), date(2025, 1, 1)),
            (D(100), D(0), None),
            (D(100), D(-1), None),
            (D(10) ** 9, D(1), None),
        ],
    )
    def test_is_remaining_over_run_rate(
        self, remaining: D, rate: D, day: date | None
    ) -> None:
        found = commitments.exhaustion_on(
            as_of=date(2025, 1, 1), remaining=remaining, rate=rate
        )

        assert found == day


class TestJudgePace:
    @pytest.mark.parametrize(
        ("index", "pace"),
        [
            (None, Pace.UNKNOWN),
            (D("0.74"), Pace.RED),
            (D("0.75"), Pace.AMBER),
            (D("0.89"), Pace.AMBER),
            (D("0.9"), Pace.ON_TRACK),
            (D("1.25"), Pace.ON_TRACK),
            (D("1.26"), Pace.EARLY_EXHAUSTION),
        ],
    )
    def test_follows_the_limits(self, index: D | None, pace: Pace) -> None:
        assert commitments.judge_pace(index, PaceLimits()) == pace


class TestStanding:
    def test_of_a_commitment_that_falls_behind(self) -> None:
        found = commitments.standing(
            terms=YEAR,
            as_of=date(2025, 3, 15),
            drawn=D(365),
            window=Window(total=D(5) * 28, days=28),
        )

        assert found.attainment == D("0.1")
        assert found.pace_index == D("0.5")
        assert found.pace == Pace.RED
        assert found.days_left == 292
        assert found.projected_total == D(365) + D(5) * 292
        assert found.projected_shortfall == D(3650) - D(1825)
        assert found.exhaustion_on == date(2027, 1, 1)

    def test_of_one_drawn_beyond_its_amount(self) -> None:
        found = commitments.standing(
            terms=YEAR,
            as_of=date(2025, 3, 15),
            drawn=D(4000),
            window=Window(total=D(50) * 28, days=28),
        )

        assert (found.remaining, found.overage) == (D(0), D(350))
        assert found.projected_shortfall == D(0)
        assert found.exhaustion_on == date(2025, 3, 15)
        assert found.pace == Pace.EARLY_EXHAUSTION

    def test_names_the_gap_to_the_next_milestone(self) -> None:
        found = commitments.standing(
            terms=RAMP,
            as_of=date(2025, 12, 2),
            drawn=D(200),
            window=Window(total=D(2) * 28, days=28),
        )

        assert found.next_milestone == RAMP.milestones[0]
        assert found.next_milestone_gap == D(300) - (D(200) + D(2) * 30)

    def test_before_its_start_has_no_pace(self) -> None:
        found = commitments.standing(
            terms=YEAR, as_of=date(2024, 12, 1), drawn=D(0), window=Window()
        )

        assert (found.pace_index, found.pace) == (None, Pace.UNKNOWN)
        assert found.days_left == 365
        assert found.next_milestone_gap is None
