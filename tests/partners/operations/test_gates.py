"""Waivers, approvals and skipping the strategic agreement."""

from datetime import timedelta
from typing import Any

import pytest

from partners import operations
from partners.models import GateCheck
from partners.operations import (
    ApprovalRefusedError,
    StageRefusedError,
    WaiverRefusedError,
)
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
LATER = EARLY + timedelta(days=10)


class TestWaiveCriterion:
    def test_never_erases_the_failed_check(self, people: People, ready: Ready) -> None:
        cooperation = ready(next_step_due_on=None)
        operations.waive_criterion(
            cooperation=cooperation,
            to=Stage.QUALIFIED,
            criterion="next_step_dated",
            by=people.lead,
            at=LATER,
            reason="The date comes with the fair",
        )

        operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        checks = GateCheck.objects.filter(code="next_step_dated").order_by("pk")
        assert list(checks.values_list("found", "verdict")) == [
            ("missing", "missing"),
            ("missing", "waived"),
        ]

    def test_needs_the_named_role(self, people: People, ready: Ready) -> None:
        with pytest.raises(WaiverRefusedError) as refused:
            operations.waive_criterion(
                cooperation=ready(next_step_due_on=None),
                to=Stage.QUALIFIED,
                criterion="next_step_dated",
                by=people.anna,
                at=LATER,
                reason="I say so",
            )

        assert refused.value.code == "waiver.not-by-you"

    def test_needs_a_reason(self, people: People, ready: Ready) -> None:
        with pytest.raises(WaiverRefusedError, match="reason"):
            operations.waive_criterion(
                cooperation=ready(next_step_due_on=None),
                to=Stage.QUALIFIED,
                criterion="next_step_dated",
                by=people.lead,
                at=LATER,
                reason=" ",
            )

    def test_is_not_for_what_holds(self, people: People, ready: Ready) -> None:
        with pytest.raises(WaiverRefusedError, match="holds"):
            operations.waive_criterion(
                cooperation=ready(),
                to=Stage.QUALIFIED,
                criterion="owner_named",
                by=people.lead,
                at=LATER,
                reason="To be sure",
            )

    def test_is_not_given_twice(self, people: People, ready: Ready) -> None:
        cooperation = ready(next_step_due_on=None)
        given: dict[str, Any] = {
            "cooperation": cooperation,
            "to": Stage.QUALIFIED,
            "criterion": "next_step_dated",
            "by": people.lead,
            "at": LATER,
            "reason": "The date comes with the fair",
        }
        operations.waive_criterion(**given)

        with pytest.raises(WaiverRefusedError, match="already"):
            operations.waive_criterion(**given)

    def test_is_not_for_the_reason_of_an_end(
        self, people: People, ready: Ready
    ) -> None:
        with pytest.raises(WaiverRefusedError, match="cannot be waived"):
            operations.waive_criterion(
                cooperation=ready(),
                to=Stage.TERMINATED,
                criterion="reason_given",
                by=people.vice,
                at=LATER,
                reason="Never mind",
            )

    def test_is_for_this_stay_only(self, people: People, ready: Ready) -> None:
        cooperation = ready(next_step_due_on=None)
        operations.waive_criterion(
            cooperation=cooperation,
            to=Stage.QUALIFIED,
            criterion="next_step_dated",
            by=people.lead,
            at=LATER,
            reason="The date comes with the fair",
        )
        moved = operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )
        back = operations.move_stage(
            cooperation=moved,
            to=Stage.FIRST_CONTACT,
            by=people.anna,
            at=LATER,
            reason="Too early",
        )

        with pytest.raises(StageRefusedError):
            operations.move_stage(
                cooperation=back, to=Stage.QUALIFIED, by=people.anna, at=LATER
            )


class TestWaiveWithTheMove:
    def test_moves_in_one_act(self, people: People, ready: Ready) -> None:
        cooperation = ready(stage=Stage.QUALIFIED, fit_score=None)

        moved = operations.move_stage(
            cooperation=cooperation,
            to=Stage.MOU,
            by=people.lead,
            at=LATER,
            waivers={"fit_score": "Scored next week"},
        )

        assert moved.stage_id == "mou"
        assert moved.waivers.get().reason == "Scored next week"

    def test_refuses_what_the_gate_does_not_ask_for(
        self, people: People, ready: Ready
    ) -> None:
        with pytest.raises(WaiverRefusedError, match="does not ask"):
            operations.move_stage(
                cooperation=ready(),
                to=Stage.QUALIFIED,
                by=people.anna,
                at=LATER,
                waivers={"approval:owner": "I am"},
            )


class TestSkip:
    def test_leaves_out_the_agreement_by_waiver(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready(stage=Stage.MOU)
        for code in ("mou_active", "framework_agreement_active"):
            operations.waive_criterion(
                cooperation=cooperation,
                to=Stage.JOINT_POC,
                criterion=code,
                by=people.vice,
                at=LATER,
                reason="Contract in print",
            )

        moved = operations.move_stage(
            cooperation=cooperation, to=Stage.JOINT_POC, by=people.director, at=LATER
        )

        assert moved.transitions.get(exited_at=None).kind == "skip"

    def test_is_refused_without_the_waiver(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageRefusedError) as refused:
            operations.move_stage(
                cooperation=ready(stage=Stage.MOU),
                to=Stage.JOINT_POC,
                by=people.director,
                at=LATER,
            )

        assert len(refused.value.missing) == 2


class TestApproveStep:
    def test_lets_somebody_else_move(self, people: People, ready: Ready) -> None:
        cooperation = ready()
        operations.approve_step(
            cooperation=cooperation,
            to=Stage.QUALIFIED,
            role="owner",
            by=people.anna,
            at=LATER,
        )

        moved = operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.tech, at=LATER
        )

        assert moved.stage_id == "qualified"

    def test_needs_the_role(self, people: People, ready: Ready) -> None:
        with pytest.raises(ApprovalRefusedError) as refused:
            operations.approve_step(
                cooperation=ready(),
                to=Stage.QUALIFIED,
                role="owner",
                by=people.lead,
                at=LATER,
            )

        assert refused.value.code == "approval.not-by-you"

    def test_is_only_for_roles_the_step_asks_for(
        self, people: People, ready: Ready
    ) -> None:
        with pytest.raises(ApprovalRefusedError, match="does not ask"):
            operations.approve_step(
                cooperation=ready(),
                to=Stage.QUALIFIED,
                role="legal",
                by=people.legal,
                at=LATER,
            )

    def test_is_given_once(self, people: People, ready: Ready) -> None:
        given: dict[str, Any] = {
            "cooperation": ready(),
            "to": Stage.QUALIFIED,
            "role": "owner",
            "by": people.anna,
            "at": LATER,
        }
        operations.approve_step(**given)

        with pytest.raises(ApprovalRefusedError, match="already"):
            operations.approve_step(**given)

    def test_comes_from_a_lead_above_the_team(
        self, people: People, ready: Ready
    ) -> None:
        below = make.team(parent=people.team)
        cooperation = ready(stage=Stage.QUALIFIED, team=below)

        moved = operations.move_stage(
            cooperation=cooperation, to=Stage.MOU, by=people.lead, at=LATER
        )

        assert moved.approvals.get().role == "team_lead"
