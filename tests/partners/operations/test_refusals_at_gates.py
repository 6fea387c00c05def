"""What the ladder, waivers and proofs refuse."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.core.errors import DomainError
from partners import gates, operations
from partners.models import (
    Cooperation,
    Poc,
    StageDefinition,
    StageTransitionRule,
)
from partners.operations import (
    Criterion,
    Metric,
)
from partners.stages import Stage
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
DAY = timedelta(days=1)
DUE = EARLY.date()


@pytest.fixture
def cooperation(ready: Ready) -> Cooperation:
    return ready()


@pytest.fixture
def closed(people: People, cooperation: Cooperation) -> Cooperation:
    return operations.move_stage(
        cooperation=cooperation,
        to=Stage.TERMINATED,
        by=people.vice,
        at=EARLY + DAY,
        reason="No budget",
        closing=operations.Closing(
            reason="no_budget", lessons="Ask earlier", commitments_settlement="None"
        ),
    )


def refused(act: Callable[[], Any]) -> str:
    """Return the code under which the act is refused."""
    with pytest.raises(DomainError) as refusal:
        act()
    return refusal.value.code


class TestWaivers:
    def test_of_what_holds_are_refused(
        self, people: People, cooperation: Cooperation
    ) -> None:
        with pytest.raises(operations.WaiverRefusedError, match="nothing is to be"):
            operations.waive_criterion(
                cooperation=cooperation,
                to=Stage.QUALIFIED,
                criterion="owner_named",
                by=people.lead,
                at=EARLY + DAY,
                reason="Why not",
            )


class TestLadder:
    def test_needs_names(self, people: People) -> None:
        def rename() -> object:
            return operations.edit_stage(
                stage=StageDefinition.objects.get(code="mou"),
                values={"name": " "},
                by=people.vice,
                at=EARLY,
            )

        assert refused(rename) == "ladder.nameless"

    def test_forbids_a_step_once(self, people: People) -> None:
        rule = StageTransitionRule.objects.current().get(
            source__code="mou", target__code="joint_poc"
        )

        def retire() -> object:
            return operations.retire_rule(rule=rule, by=people.vice, at=EARLY)

        retire()

        assert refused(retire) == "ladder.retired"

    def test_refuses_a_field_within_a_combination(self, people: People) -> None:
        rule = StageTransitionRule.objects.current().get(
            source__code="mou", target__code="joint_poc"
        )
        parts = [
            {"kind": "field", "parameters": {"fields": ["scope"]}},
            {"kind": "field_equals", "parameters": {"field": "colour", "value": "red"}},
        ]
        criterion = Criterion("both", "Both", "all_of", {"of": parts}, "executive")

        with pytest.raises(gates.CriterionRefusedError, match="colour"):
            operations.revise_rule(
                rule=rule, criteria=[criterion], by=people.vice, at=EARLY
            )


class TestProofs:
    @pytest.fixture
    def planned(self, people: People, ready: Ready) -> Poc:
        return operations.plan_poc(
            cooperation=ready(stage=Stage.JOINT_POC),
            values={
                "title": "Cockpit",
                "planned_start_on": DUE,
                "planned_end_on": DUE + 60 * DAY,
            },
            metrics=[Metric("Accuracy", Decimal(90))],
            by=people.anna,
            at=EARLY,
        )

    def test_need_an_open_cooperation(
        self, people: People, closed: Cooperation
    ) -> None:
        def plan() -> object:
            return operations.plan_poc(
                cooperation=closed,
                values={
                    "title": "Cockpit",
                    "planned_start_on": DUE,
                    "planned_end_on": DUE,
                },
                metrics=[],
                by=people.anna,
                at=EARLY,
            )

        assert refused(plan) == "poc.closed"

    def test_are_measured_and_decided_once_they_run(
        self, people: People, planned: Poc
    ) -> None:
        def measure() -> object:
            return operations.measure_metric(
                metric=planned.metrics.get(),
                measured=Decimal(95),
                on=DUE,
                by=people.tech,
                at=EARLY,
            )

        def decide(decision: str = "go", reason: str = "It works") -> object:
            return operations.decide_poc(
                poc=planned, decision=decision, reason=reason, by=people.vice, at=EARLY
            )

        assert refused(measure) == "poc.not-started"
        assert refused(decide) == "poc.not-started"
        operations.start_poc(poc=planned, by=people.anna, at=EARLY)
        with pytest.raises(operations.PocRefusedError, match="not planned"):
            operations.start_poc(poc=planned, by=people.anna, at=EARLY)
        assert refused(lambda: decide(decision="maybe")) == "poc.decision"
        assert refused(lambda: decide(reason=" ")) == "poc.needs-reason"

    def test_need_a_title(self, people: People, ready: Ready) -> None:
        def plan() -> object:
            return operations.plan_poc(
                cooperation=ready(),
                values={"title": "", "planned_start_on": DUE, "planned_end_on": DUE},
                metrics=[],
                by=people.anna,
                at=EARLY,
            )

        assert refused(plan) == "poc.needs-title"
