"""The pipeline's rules and figures, case by case."""

from decimal import Decimal

import pytest

from deals import pipeline
from deals.pipeline import DealStage, ForecastCategory, ForecastLine

D = Decimal


class TestTables:
    @pytest.mark.parametrize("stage", DealStage)
    def test_name_every_stage(self, stage: DealStage) -> None:
        assert stage in pipeline.PROBABILITY
        assert stage in pipeline.CATEGORY
        assert stage in pipeline.DEMANDS


class TestMissing:
    def test_adds_up_over_the_stages(self) -> None:
        present = {"title", "owner", "end_customer", "monthly_spend"}

        assert pipeline.missing(DealStage.TECHNICAL_VALIDATION, present) == (
            "target_close_on",
            "use_case",
        )

    def test_asks_a_lost_deal_only_for_its_own(self) -> None:
        found = pipeline.missing(DealStage.CLOSED_LOST, {"closed_on"})

        assert found == ("lost_reason",)

    def test_is_empty_when_all_is_there(self) -> None:
        present = set(pipeline.demands(DealStage.LAUNCHED))

        assert pipeline.missing(DealStage.LAUNCHED, present) == ()


class TestMayMove:
    @pytest.mark.parametrize(
        ("current", "to", "may"),
        [
            (DealStage.PROSPECT, DealStage.QUALIFIED, True),
            (DealStage.COMMITTED, DealStage.PROSPECT, True),
            (DealStage.PROSPECT, DealStage.PROSPECT, False),
            (DealStage.PROSPECT, DealStage.CLOSED_LOST, True),
            (DealStage.BUSINESS_VALIDATION, DealStage.LAUNCHED, False),
            (DealStage.COMMITTED, DealStage.LAUNCHED, True),
            (DealStage.LAUNCHED, DealStage.COMMITTED, False),
            (DealStage.CLOSED_LOST, DealStage.PROSPECT, False),
        ],
    )
    def test_follows_the_ladder(
        self, current: DealStage, to: DealStage, *, may: bool
    ) -> None:
        assert pipeline.may_move(current=current, to=to) is may


class TestRollUp:
    def test_is_cumulative_and_weighs_open_deals_only(self) -> None:
        found = pipeline.roll_up(
            [
                ForecastLine(
                    category=ForecastCategory.CLOSED, amount=D(100), probability=100
                ),
                ForecastLine(
                    category=ForecastCategory.COMMIT, amount=D(50), probability=80
                ),
                ForecastLine(
                    category=ForecastCategory.BEST_CASE, amount=D(30), probability=60
                ),
                ForecastLine(
                    category=ForecastCategory.PIPELINE, amount=D(20), probability=20
                ),
                ForecastLine(
                    category=ForecastCategory.OMITTED, amount=D(1000), probability=10
                ),
            ]
        )

        assert (found.closed, found.commit) == (D(100), D(150))
        assert (found.best_case, found.pipeline) == (D(180), D(200))
        assert found.weighted == D(40) + D(18) + D(4) + D(100)

    def test_of_nothing_is_zero(self) -> None:
        assert pipeline.roll_up([]).pipeline == D(0)


class TestRatios:
    def test_coverage(self) -> None:
        found = pipeline.coverage(qualified_open=D(300), target=D(200), won=D(100))

        assert found == D(3)

    def test_coverage_of_a_met_target_is_none(self) -> None:
        found = pipeline.coverage(qualified_open=D(300), target=D(100), won=D(100))

        assert found is None

    @pytest.mark.parametrize(
        ("won", "lost", "rate"), [(1, 3, D("0.25")), (2, 0, D(1)), (0, 0, None)]
    )
    def test_win_rate(self, won: int, lost: int, rate: D | None) -> None:
        assert pipeline.win_rate(won=won, lost=lost) == rate

    def test_velocity(self) -> None:
        found = pipeline.velocity(
            open_deals=10,
            win_rate=D("0.25"),
            median_amount=D(4000),
            median_cycle_days=D(100),
        )

        assert found == D(100)

    def test_velocity_without_a_cycle_is_none(self) -> None:
        found = pipeline.velocity(
            open_deals=1, win_rate=D(1), median_amount=D(1), median_cycle_days=D(0)
        )

        assert found is None

    @pytest.mark.parametrize(
        ("forecast", "actual", "share"),
        [
            (D(90), D(100), D("0.9")),
            (D(110), D(100), D("0.9")),
            (D(300), D(100), D(-1)),
            (D(1), D(0), None),
        ],
    )
    def test_accuracy(self, forecast: D, actual: D, share: D | None) -> None:
        assert pipeline.accuracy(forecast=forecast, actual=actual) == share

    def test_realisation(self) -> None:
        found = pipeline.realisation(spend=D(14), expected_monthly=D("30.44"))

        assert found == D("0.5")

    def test_realisation_of_nothing_expected_is_none(self) -> None:
        assert pipeline.realisation(spend=D(14), expected_monthly=D(0)) is None
