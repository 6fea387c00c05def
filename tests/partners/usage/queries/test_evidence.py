"""What usage says at a stage gate."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from partners import gates
from partners.gates import Case, Finding, Verdict
from partners.models import Cooperation, Partner
from partners.stages import Stage
from partners.usage import operations
from partners.usage.models import CloudAccount, Environment
from tests import make
from tests.partners.usage.queries.conftest import AT

pytestmark = pytest.mark.django_db

ENTERED = datetime(2025, 1, 1, tzinfo=UTC)


def look(kind: str, parameters: Mapping[str, Any], cooperation: Cooperation) -> Finding:
    return gates.look(kind, parameters, Case(cooperation=cooperation, at=AT))


@pytest.fixture
def cooperation(partner: Partner) -> Cooperation:
    return make.cooperation(partner, stage=Stage.PRODUCTION, entered_at=ENTERED)


class TestCloudAccount:
    def test_is_assigned(self, cooperation: Cooperation) -> None:
        assert look("cloud_account", {"min_count": 1}, cooperation).is_passed

    def test_of_the_environment(self, cooperation: Cooperation) -> None:
        wanted = {"min_count": 1, "environment": "production"}
        assert not look("cloud_account", wanted, cooperation).is_passed

        operations.set_environment(
            account=CloudAccount.objects.get(),
            environment=Environment.PRODUCTION,
            by=make.user(),
            at=AT,
        )

        assert look("cloud_account", wanted, cooperation).is_passed


class TestUsageDays:
    def test_first_day_in_production(self, cooperation: Cooperation) -> None:
        finding = look(
            "usage_days",
            {"window": "any", "environment": "production", "min_days": 1},
            cooperation,
        )

        assert finding.is_passed
        assert finding.seen["first_day"] == "2025-01-01"

    @pytest.mark.parametrize(("share", "is_enough"), [("0.95", True), ("1.01", False)])
    def test_share_of_the_latest_days(
        self, cooperation: Cooperation, share: str, *, is_enough: bool
    ) -> None:
        finding = look(
            "usage_days", {"window_days": 21, "min_share": share}, cooperation
        )

        assert finding.is_passed == is_enough
        assert finding.seen["days"] == 21

    def test_without_a_poc(self, cooperation: Cooperation) -> None:
        finding = look("usage_days", {"window": "poc", "min_days": 5}, cooperation)

        assert finding.verdict == Verdict.MISSING


class TestConsecutiveDays:
    @pytest.mark.parametrize(("days", "is_enough"), [(59, True), (60, False)])
    def test_counts_the_longest_run(
        self, cooperation: Cooperation, days: int, *, is_enough: bool
    ) -> None:
        finding = look("usage_consecutive_days", {"days": days}, cooperation)

        assert finding.is_passed == is_enough
        assert finding.seen["run"] == 59


class TestSpendRatio:
    @pytest.mark.parametrize(("ratio", "is_enough"), [("1.0", True), ("1.2", False)])
    def test_holds_spend_against_the_baseline(
        self, cooperation: Cooperation, ratio: str, *, is_enough: bool
    ) -> None:
        finding = look(
            "usage_spend_ratio",
            {"window_days": 28, "baseline_days": 28, "min_ratio": ratio},
            cooperation,
        )

        assert finding.is_passed == is_enough
        assert finding.seen["ratio"] == "1.0000"

    def test_is_unknown_before_the_baseline_is_full(
        self, cooperation: Cooperation
    ) -> None:
        finding = look("usage_spend_ratio", {"baseline_days": 90}, cooperation)

        assert finding.verdict == Verdict.UNKNOWN


class TestWhoseUsage:
    def test_of_two_open_cooperations_needs_a_rule(
        self, cooperation: Cooperation
    ) -> None:
        make.cooperation(cooperation.partner)

        finding = look("usage_consecutive_days", {"days": 1}, cooperation)

        assert finding.verdict == Verdict.UNKNOWN
        assert "other cooperations" in finding.words

    def test_of_the_only_open_one_is_what_no_rule_gives_to_another(
        self, cooperation: Cooperation
    ) -> None:
        closed = make.cooperation(
            cooperation.partner,
            stage=Stage.COMPLETED,
            entered_at=ENTERED,
            closed_at=ENTERED,
            closed_reason="exited",
        )
        for model in ("qwen-max-input", "qwen-max-output", "qwen-max"):
            operations.add_cooperation_rule(
                cooperation=closed, by=make.user(), at=AT, model=model
            )

        finding = look(
            "usage_days", {"window": "any", "environment": "production"}, cooperation
        )

        assert finding.seen["days"] == 0

    def test_is_what_the_rules_take(self, cooperation: Cooperation) -> None:
        make.cooperation(cooperation.partner)
        operations.add_cooperation_rule(
            cooperation=cooperation,
            by=make.user(),
            at=AT,
            model="qwen-max",
            until=date(2025, 1, 11),
        )

        finding = look("usage_consecutive_days", {"days": 1}, cooperation)

        assert finding.seen["run"] == 10
