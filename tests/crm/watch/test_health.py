"""Health by hand: each formula at its edges, and the sum that admits what is unknown."""

from decimal import Decimal
from typing import Any

import pytest

from crm.watch import health
from crm.watch.facts import Committed
from crm.watch.health import NUMBERS, Scheme
from tests.crm.watch.make_facts import facts, usage


class TestDeployment:
    @pytest.mark.parametrize(
        ("known", "expected"),
        [
            ({"gate_passed": 4, "gate_total": 4}, 100),
            ({"gate_passed": 1, "gate_total": 3}, 33),
            # 200 days, 180 expected: 20 of 45 beyond, one step started: 100 − 10
            ({"days_in_stage": 200.0}, 90),
            # exactly 225: one whole step
            ({"days_in_stage": 225.0}, 90),
            ({"days_in_stage": 226.0}, 80),
            # 0 of 4 less 30 stays at nothing
            ({"gate_passed": 0, "days_in_stage": 300.0}, 0),
            # a hold stops the clock
            ({"days_in_stage": 500.0, "is_on_hold": True}, 100),
            ({"expected_days": None, "days_in_stage": 900.0}, 100),
            ({"gate_passed": None}, None),
        ],
    )
    def test_is_share_of_the_gate_less_lateness(
        self, known: dict[str, Any], expected: int | None
    ) -> None:
        assert health.deployment(facts(**known), NUMBERS).score == expected


class TestEngagement:
    @pytest.mark.parametrize(
        ("points", "silent", "expected"),
        [
            (4, 0.0, 100),
            (2, 14.0, 50),  # 60 × 2 ÷ 4 + 40 × (1 − 14 ÷ 28)
            (0, 28.0, 0),
            (3, 60.0, 45),  # long ago is nothing, not less
            (1, None, 15),
        ],
    )
    def test_is_governance_and_recency(
        self, points: int, silent: float | None, expected: int
    ) -> None:
        known = facts(governance=points, silent_days=silent)

        assert health.engagement(known, NUMBERS).score == expected


class TestAdoption:
    @pytest.mark.parametrize(
        ("used", "expected"),
        [
            ({}, 50),  # no growth, used daily
            ({"total_now": Decimal(3640)}, 100),  # +30 %
            ({"total_now": Decimal(9999)}, 100),  # not more than all
            ({"total_now": Decimal(2380)}, 25),  # −15 %
            ({"total_now": Decimal(1960)}, 0),  # −30 %
            ({"active_days": 14}, 25),  # half of the days
            ({"active_days": 7, "complete_days": 14, "total_now": Decimal(3640)}, 50),
            (
                {"total_before": Decimal(0)},
                100,
            ),  # growth over nothing: new, not infinite
            ({"total_before": Decimal(-5)}, 100),
            ({"active_days": 0}, 0),
            ({"is_fresh": False}, None),
        ],
    )
    def test_is_trend_times_active_days(
        self, used: dict[str, Any], expected: int | None
    ) -> None:
        assert health.adoption(facts(usage=usage(**used)), NUMBERS).score == expected

    def test_is_unknown_when_nobody_can_tell_whose_usage_it_is(self) -> None:
        part = health.adoption(facts(usage=None), NUMBERS)

        assert part.score is None
        assert part.drivers[0].code == "usage_cannot_be_told"


def committed(pace: str | None) -> Committed:
    return Committed(
        commitment_id=1,
        pace_index=None if pace is None else Decimal(pace),
        shortfall_share=Decimal(0),
        term_left=Decimal("0.5"),
    )


class TestReturns:
    @pytest.mark.parametrize(
        ("known", "expected"),
        [
            ({"proven_share": Decimal("0.5")}, 50),
            ({"proven_share": Decimal("0.5"), "commitments": [committed("1.4")]}, 75),
            (
                {
                    "proven_share": None,
                    "commitments": [committed("0.6"), committed("0.9")],
                },
                60,
            ),
            (
                {"proven_share": Decimal(1), "realisation": Decimal("0.35")},
                68,
            ),  # 67.5 half up
            ({"proven_share": None, "commitments": [committed(None)]}, None),
            ({"proven_share": None}, None),
        ],
    )
    def test_is_the_mean_of_what_is_there(
        self, known: dict[str, Any], expected: int | None
    ) -> None:
        assert health.returns(facts(**known), NUMBERS).score == expected


class TestAssess:
    def test_weighs_the_measures_by_stage(self) -> None:
        # production: 10 × 100 + 20 × 50 + 40 × 50 + 30 × 50, over 100
        known = facts(governance=2, silent_days=14.0, proven_share=Decimal("0.5"))

        made = health.assess(known, Scheme())

        assert (made.overall, made.confidence) == (55, 100)

    def test_leaves_out_what_is_unknown_and_says_how_sure_it_is(self) -> None:
        # 10 × 100 + 20 × 100 + 30 × 50, over the known 60
        known = facts(usage=usage(is_fresh=False), proven_share=Decimal("0.5"))

        made = health.assess(known, Scheme())

        assert (made.overall, made.confidence) == (75, 60)

    def test_is_unknown_when_less_than_half_is_known(self) -> None:
        known = facts(usage=None, proven_share=None)

        made = health.assess(known, Scheme())

        assert (made.overall, made.confidence) == (None, 30)
        assert health.colour_of(made.overall, NUMBERS) == health.Colour.UNKNOWN

    def test_does_not_ask_early_stages_for_usage(self) -> None:
        known = facts(stage="qualified", stage_order=2, usage=None, proven_share=None)

        made = health.assess(known, Scheme())

        assert (made.overall, made.confidence) == (100, 100)
        assert {d["measure"] for d in made.drivers} == {"deployment", "engagement"}

    @pytest.mark.parametrize(
        ("score", "colour"),
        [(70, "green"), (69, "amber"), (40, "amber"), (39, "red"), (0, "red")],
    )
    def test_has_a_colour(self, score: int, colour: str) -> None:
        assert health.colour_of(score, NUMBERS) == colour


class TestWeights:
    def test_sum_up_to_100_as_delivered(self) -> None:
        assert health.weights_faults(health.WEIGHTS) == []

    @pytest.mark.parametrize(
        "weights",
        [
            {"deployment": 40, "engagement": 59, "adoption": 0, "returns": 0},
            {"deployment": 40, "engagement": 60},
            {"deployment": 140, "engagement": -40, "adoption": 0, "returns": 0},
            {"deployment": "40", "engagement": 60, "adoption": 0, "returns": 0},
        ],
    )
    def test_are_named_where_they_do_not(self, weights: dict[str, Any]) -> None:
        assert health.weights_faults({"mou": weights}) == ["mou"]
