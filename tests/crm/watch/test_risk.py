"""The rules by hand, one table each: just tripped, just not, stale and missing data."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.watch import risk, words
from crm.watch.facts import Committed, Facts, Notice, Proof
from crm.watch.risk import Outcome
from crm.watch.rules import KINDS, ThresholdRefusedError, read_thresholds
from tests.crm.watch.make_facts import TODAY, facts, usage

TRIPPED, CLEAR, UNKNOWN = Outcome.TRIPPED, Outcome.CLEAR, Outcome.UNKNOWN


def judged(code: str, known: Facts, **limits: Any) -> risk.Judgement:
    return risk.RULES[code](known, read_thresholds(code, limits))


def committed(pace: str | None, short: str = "0", left: str = "0.6") -> Committed:
    return Committed(
        commitment_id=7,
        pace_index=None if pace is None else Decimal(pace),
        shortfall_share=Decimal(short),
        term_left=Decimal(left),
    )


class TestUsageFalling:
    @pytest.mark.parametrize(
        ("used", "stage_order", "expected"),
        [
            ({"now": Decimal(1960)}, 6, TRIPPED),  # exactly −30 %
            ({"now": Decimal(1961)}, 6, CLEAR),
            ({"now": Decimal(0)}, 5, CLEAR),  # before Production it is no risk
            ({"before": Decimal(0), "now": Decimal(0)}, 6, CLEAR),  # no base, no drop
            ({"quiet_days": 7}, 7, TRIPPED),
            ({"quiet_days": 6}, 7, CLEAR),
            ({"quiet_days": None}, 6, CLEAR),  # never used: rule (g) tells that
            ({"now": Decimal(0), "is_fresh": False}, 6, UNKNOWN),
            ({"now": Decimal(0), "compared_days": 0}, 6, CLEAR),
        ],
    )
    def test_looks_at_ai_spend_and_silence(
        self, used: dict[str, Any], stage_order: int, expected: Outcome
    ) -> None:
        known = facts(stage_order=stage_order, usage=usage(**used))

        assert judged("usage_falling", known).outcome == expected

    def test_is_unknown_when_nobody_can_tell_whose_usage_it_is(self) -> None:
        assert judged("usage_falling", facts(usage=None)).outcome == UNKNOWN

    def test_says_how_far_it_fell(self) -> None:
        found = judged("usage_falling", facts(usage=usage(now=Decimal(1400))))

        assert words.say(found.code, found.seen) == (
            "AI spend is down by 50 % over 28 days (28 days compared)."
        )


class TestCommitmentBehind:
    @pytest.mark.parametrize(
        ("each", "expected"),
        [
            (committed("0.74"), TRIPPED),
            (committed("0.75"), CLEAR),
            (committed("0.9", short="0.11", left="0.49"), TRIPPED),
            (committed("0.9", short="0.10", left="0.49"), CLEAR),
            (committed("0.9", short="0.11", left="0.5"), CLEAR),
            (committed(None, short="0.5", left="0.4"), TRIPPED),
            (committed(None), CLEAR),
        ],
    )
    def test_looks_at_pace_and_shortfall(
        self, each: Committed, expected: Outcome
    ) -> None:
        known = facts(commitments=[committed("1"), each])

        assert judged("commitment_behind", known).outcome == expected


class TestStalled:
    @pytest.mark.parametrize(
        ("known", "expected"),
        [
            ({"days_in_stage": 270.0}, CLEAR),  # exactly 1.5 times
            ({"days_in_stage": 270.1}, TRIPPED),
            ({"days_in_stage": 999.0, "is_on_hold": True}, CLEAR),
            ({"days_in_stage": 999.0, "expected_days": None}, CLEAR),
        ],
    )
    def test_looks_at_days_in_stage(
        self, known: dict[str, Any], expected: Outcome
    ) -> None:
        assert judged("stalled", facts(**known)).outcome == expected


class TestPocUnmeasured:
    @pytest.mark.parametrize(
        ("days", "unmeasured", "expected"),
        [(14, 1, TRIPPED), (15, 1, CLEAR), (14, 0, CLEAR), (-3, 2, TRIPPED)],
    )
    def test_looks_at_the_end_and_what_lacks(
        self, days: int, unmeasured: int, expected: Outcome
    ) -> None:
        proof = Proof(
            poc_id=3,
            title="Line 4",
            ends_on=TODAY + timedelta(days=days),
            unmeasured=unmeasured,
        )

        assert judged("poc_unmeasured", facts(proofs=[proof])).outcome == expected


class TestNoticeWithoutRenewal:
    @pytest.mark.parametrize(
        ("days", "expected"), [(60, TRIPPED), (0, TRIPPED), (61, CLEAR), (-1, CLEAR)]
    )
    def test_looks_at_the_deadline(self, days: int, expected: Outcome) -> None:
        notice = Notice(
            agreement_id=1, title="MSA", deadline_on=TODAY + timedelta(days=days)
        )

        found = judged("notice_without_renewal", facts(notices=[notice]))

        assert found.outcome == expected


class TestSponsorGone:
    @pytest.mark.parametrize(
        ("left_on", "expected"),
        [
            (TODAY - timedelta(days=30), TRIPPED),
            (TODAY - timedelta(days=29), CLEAR),
            (None, CLEAR),
        ],
    )
    def test_gives_thirty_days(self, left_on: date | None, expected: Outcome) -> None:
        known = facts(sponsor_left_on=left_on)

        assert judged("sponsor_gone", known).outcome == expected


class TestPaperPartnership:
    @pytest.mark.parametrize(
        ("days", "used", "expected"),
        [
            (91, {"first_ai_day": None}, TRIPPED),
            (90, {"first_ai_day": None}, CLEAR),
            (91, {}, CLEAR),
            # data that never came shows no usage either: the paper stands alone
            (91, {"first_ai_day": None, "is_fresh": False}, TRIPPED),
        ],
    )
    def test_looks_for_the_first_ai_day(
        self, days: int, used: dict[str, Any], expected: Outcome
    ) -> None:
        known = facts(signed_on=TODAY - timedelta(days=days), usage=usage(**used))

        assert judged("paper_partnership", known).outcome == expected

    def test_is_unknown_when_nobody_can_tell_whose_usage_it_is(self) -> None:
        known = facts(signed_on=TODAY - timedelta(days=200), usage=None)

        assert judged("paper_partnership", known).outcome == UNKNOWN

    def test_asks_nothing_without_a_signature(self) -> None:
        assert judged("paper_partnership", facts()).outcome == CLEAR


class TestAlertsOfUsage:
    @pytest.mark.parametrize(
        ("code", "used", "expected"),
        [
            ("usage_drop", {"total_now": Decimal(1960)}, TRIPPED),
            ("usage_drop", {"total_now": Decimal(1961)}, CLEAR),
            ("usage_drop", {"total_now": Decimal(0), "compared_days": 6}, CLEAR),
            ("usage_drop", {"total_now": Decimal(0), "is_fresh": False}, UNKNOWN),
            ("usage_drop", {"total_before": Decimal(0)}, CLEAR),
            ("zero_usage", {"quiet_days": 7}, TRIPPED),
            ("zero_usage", {"quiet_days": 6}, CLEAR),
            ("zero_usage", {"is_fresh": False}, UNKNOWN),
            ("usage_spike", {"total_now": Decimal(5600)}, TRIPPED),
            ("usage_spike", {"total_now": Decimal(5599)}, CLEAR),
            ("usage_spike", {"total_now": Decimal(5600), "compared_days": 13}, CLEAR),
            ("usage_spike", {"total_before": Decimal(0)}, CLEAR),
            ("usage_spike", {"is_fresh": False}, UNKNOWN),
        ],
    )
    def test_look_at_all_spend(
        self, code: str, used: dict[str, Any], expected: Outcome
    ) -> None:
        assert judged(code, facts(usage=usage(**used))).outcome == expected

    @pytest.mark.parametrize("code", ["usage_drop", "zero_usage", "usage_spike"])
    def test_are_unknown_when_nobody_can_tell_whose_usage_it_is(
        self, code: str
    ) -> None:
        assert judged(code, facts(usage=None)).outcome == UNKNOWN


class TestThresholds:
    def test_are_those_of_the_rule_in_force(self) -> None:
        known = facts(usage=usage(now=Decimal(2240)))  # −20 %

        assert judged("usage_falling", known).outcome == CLEAR
        assert judged("usage_falling", known, drop_percent=20).outcome == TRIPPED

    @pytest.mark.parametrize(
        "given", [{"drop": 3}, {"drop_percent": "a third"}, {"drop_percent": -1}]
    )
    def test_are_refused_by_name(self, given: dict[str, Any]) -> None:
        with pytest.raises(ThresholdRefusedError, match="drop"):
            read_thresholds("usage_falling", given)

    def test_keep_their_seeds_where_nothing_is_said(self) -> None:
        assert read_thresholds("usage_falling", {"quiet_days": 5}) == {
            "least_stage_order": Decimal(6),
            "drop_percent": Decimal(30),
            "quiet_days": Decimal(5),
        }

    def test_every_letter_is_there_once(self) -> None:
        assert "".join(kind.letter for kind in KINDS) == "abcdefg"


class TestSpendAtRisk:
    def test_is_thirteen_times_28_days(self) -> None:
        assert risk.spend_at_risk(usage(spend=Decimal(100))) == (Decimal(1300), "EUR")

    def test_cannot_be_told_without_usage(self) -> None:
        assert risk.spend_at_risk(None) is None
        assert risk.spend_at_risk(usage(currency="")) is None


class TestWords:
    def test_a_code_of_another_version_says_itself(self) -> None:
        assert words.say("of_tomorrow", {"days": 7}) == "of_tomorrow"
