"""Changing the ladder: every edit is a new version, and the seeds are those of the domain."""

from datetime import timedelta

import pytest

from partners import operations
from partners.gates import CriterionRefusedError
from partners.models import StageDefinition, StageTransitionRule
from partners.operations import Criterion, LadderRefusedError, StageRefusedError
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
LATER = EARLY + timedelta(days=10)
SCOPE = Criterion("scope", "Scope written", "field", {"fields": ["scope"]}, "executive")


def rule(source: str, target: str) -> StageTransitionRule:
    return StageTransitionRule.objects.current().get(
        source__code=source, target__code=target
    )


class TestSeeds:
    def test_expect_these_days(self) -> None:
        days = StageDefinition.objects.order_by("order").values_list(
            "code", "expected_days"
        )

        assert list(days) == [
            ("first_contact", 30),
            ("qualified", 45),
            ("mou", 60),
            ("strategic_agreement", 60),
            ("joint_poc", 90),
            ("production", 180),
            ("expansion", None),
            ("completed", None),
            ("terminated", None),
        ]

    @pytest.mark.parametrize(
        ("source", "target", "approvers", "count"),
        [
            ("first_contact", "qualified", ["owner"], 5),
            ("qualified", "mou", ["team_lead"], 5),
            ("mou", "strategic_agreement", ["alliance_director"], 3),
            ("strategic_agreement", "joint_poc", ["executive", "legal"], 4),
            ("joint_poc", "production", ["technical_lead", "owner"], 9),
            ("production", "expansion", ["executive"], 2),
        ],
    )
    def test_ask_for_these_approvals(
        self, source: str, target: str, approvers: list[str], count: int
    ) -> None:
        gate = rule(source, target)

        assert (gate.approver_roles, gate.criteria.count()) == (approvers, count)

    def test_allow_these_kinds_of_steps(self) -> None:
        kinds = StageTransitionRule.objects.values_list("kind", flat=True)

        counts = {kind: list(kinds).count(kind) for kind in sorted(set(kinds))}
        assert counts == {
            "advance": 6,
            "complete": 2,
            "confirm": 1,
            "regress": 6,
            "reopen": 7,
            "skip": 1,
            "terminate": 7,
        }


class TestReviseRule:
    def test_puts_the_new_gate_in_force(self, people: People, ready: Ready) -> None:
        operations.revise_rule(
            rule=rule("first_contact", "qualified"),
            criteria=[SCOPE],
            by=make.user(),
            at=EARLY,
        )

        with pytest.raises(StageRefusedError) as refused:
            operations.move_stage(
                cooperation=ready(scope=""),
                to=Stage.QUALIFIED,
                by=people.anna,
                at=LATER,
            )

        assert refused.value.missing == ("Scope written: “scope” is empty.",)

    def test_keeps_the_old_version_for_old_moves(
        self, people: People, ready: Ready
    ) -> None:
        moved = operations.move_stage(
            cooperation=ready(), to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        revised = operations.revise_rule(
            rule=rule("first_contact", "qualified"),
            values={"approver_roles": ["team_lead"]},
            by=make.user(),
            at=LATER,
        )

        used = moved.transitions.get(exited_at=None).rule
        assert used is not None
        assert (used.version, revised.version) == (1, 2)
        assert used.criteria.count() == revised.criteria.count() == 5

    def test_refuses_a_version_that_is_not_in_force(self) -> None:
        old = rule("first_contact", "qualified")
        operations.revise_rule(rule=old, by=make.user(), at=EARLY)

        with pytest.raises(LadderRefusedError) as refused:
            operations.revise_rule(rule=old, by=make.user(), at=EARLY)

        assert refused.value.code == "ladder.retired"

    @pytest.mark.parametrize(
        "criterion",
        [
            Criterion("x", "X", "telepathy"),
            Criterion("x", "X", "field", {"fields": ["delete"]}),
            Criterion("x", "X", "field", {"colour": "red"}),
            Criterion("x", "X", "any_of", {"of": []}),
            Criterion("x", " ", "contact"),
        ],
        ids=["kind", "field", "parameter", "empty", "label"],
    )
    def test_refuses_what_cannot_be_looked_at(self, criterion: Criterion) -> None:
        with pytest.raises(CriterionRefusedError):
            operations.revise_rule(
                rule=rule("first_contact", "qualified"),
                criteria=[criterion],
                by=make.user(),
                at=EARLY,
            )

    def test_refuses_an_unknown_role(self) -> None:
        with pytest.raises(LadderRefusedError, match="no role"):
            operations.revise_rule(
                rule=rule("first_contact", "qualified"),
                values={"approver_roles": ["emperor"]},
                by=make.user(),
                at=EARLY,
            )


class TestRetireRule:
    def test_forbids_the_step(self, people: People, ready: Ready) -> None:
        operations.retire_rule(rule=rule("mou", "joint_poc"), by=make.user(), at=EARLY)

        with pytest.raises(StageRefusedError) as refused:
            operations.move_stage(
                cooperation=ready(stage=Stage.MOU),
                to=Stage.JOINT_POC,
                by=people.vice,
                at=LATER,
            )

        assert refused.value.code == "stage.not-allowed"


class TestEditStage:
    def test_changes_the_expected_days(self) -> None:
        stage = operations.edit_stage(
            stage=StageDefinition.objects.get(code="mou"),
            values={"expected_days": 90},
            by=make.user(),
            at=EARLY,
        )

        assert (stage.expected_days, stage.version) == (90, 2)

    def test_warns_before_they_are_over(self) -> None:
        with pytest.raises(LadderRefusedError) as refused:
            operations.edit_stage(
                stage=StageDefinition.objects.get(code="mou"),
                values={"expected_days": 44},
                by=make.user(),
                at=EARLY,
            )

        assert refused.value.code == "ladder.warning"
