"""Moving a cooperation: forward, refused, back, to its end and open again."""

from datetime import timedelta
from typing import Any

import pytest

from crm.core.errors import StaleVersionError
from crm.journal.models import Event
from partners import operations
from partners.models import Cooperation, GateCheck, Proposal
from partners.operations import StageInputError, StageRefusedError
from partners.stages import Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import held

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
LATER = EARLY + timedelta(days=10)


class TestMoveStage:
    def test_goes_up_when_the_gate_is_met(self, people: People, ready: Ready) -> None:
        cooperation = ready()

        moved = operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        moved.refresh_from_db()
        assert (moved.stage_id, moved.stage_entered_at) == ("qualified", LATER)
        assert moved.version == cooperation.version + 1
        held()

    def test_closes_one_stay_and_opens_the_next(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready()

        operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        stays = cooperation.transitions.order_by("pk").values_list(
            "kind", "to_stage__code", "entered_at", "exited_at"
        )
        assert list(stays) == [
            ("start", "first_contact", EARLY, LATER),
            ("advance", "qualified", LATER, None),
        ]

    def test_stores_what_each_check_saw(self, people: People, ready: Ready) -> None:
        cooperation = ready()

        operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        check = GateCheck.objects.get(code="profile_complete")
        assert check.verdict == "passed"
        assert check.seen == {
            "partner.domains": True,
            "partner.industry": "automotive",
            "partner.country": "DE",
        }
        assert check.move is not None
        assert GateCheck.objects.count() == 6

    def test_counts_as_approval_by_whoever_moves(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready()

        operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        approval = cooperation.approvals.get()
        assert (approval.role, approval.by) == ("owner", people.anna)

    def test_says_what_is_missing(self, people: People, ready: Ready) -> None:
        cooperation = ready(next_step_due_on=None)
        cooperation.partner.contacts.update(roles=[])

        with pytest.raises(StageRefusedError) as refused:
            operations.move_stage(
                cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
            )

        assert refused.value.missing == (
            (
                "At least one contact with a role: "
                "No contact of the partner has such a role."
            ),
            "Next step with a date: “next step due on” is empty.",
        )

    def test_keeps_the_checks_of_a_refused_move(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready(next_step_due_on=None)

        with pytest.raises(StageRefusedError):
            operations.move_stage(
                cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
            )

        check = GateCheck.objects.get(code="next_step_dated")
        assert (check.verdict, check.move) == ("missing", None)
        assert check.seen == {"next_step": "Send the draft", "next_step_due_on": None}
        assert Event.objects.get(kind="cooperation.move-refused").new["missing"] == [
            "next_step_dated"
        ]

    def test_needs_every_approval(self, people: People, ready: Ready) -> None:
        cooperation = ready()

        with pytest.raises(StageRefusedError) as refused:
            operations.move_stage(
                cooperation=cooperation, to=Stage.QUALIFIED, by=people.vice, at=LATER
            )

        assert refused.value.missing == (
            "Approved by the owner: The approval is not given.",
        )

    def test_jumps_over_no_stage(self, people: People, ready: Ready) -> None:
        cooperation = ready()

        with pytest.raises(StageRefusedError, match="no step") as refused:
            operations.move_stage(
                cooperation=cooperation, to=Stage.PRODUCTION, by=people.anna, at=LATER
            )

        assert refused.value.code == "stage.not-allowed"

    def test_refuses_a_time_before_the_stage_began(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready()

        with pytest.raises(StageInputError):
            operations.move_stage(
                cooperation=cooperation,
                to=Stage.QUALIFIED,
                by=people.anna,
                at=EARLY - timedelta(seconds=1),
            )

    def test_refuses_a_version_that_is_not_the_latest(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready()

        with pytest.raises(StaleVersionError):
            operations.move_stage(
                cooperation=cooperation,
                to=Stage.QUALIFIED,
                by=people.anna,
                at=LATER,
                expected_version=cooperation.version + 1,
            )

    def test_refuses_a_row_that_was_moved_meanwhile(
        self, people: People, ready: Ready
    ) -> None:
        cooperation = ready()
        operations.move_stage(
            cooperation=Cooperation.objects.get(pk=cooperation.pk),
            to=Stage.QUALIFIED,
            by=people.anna,
            at=LATER,
        )

        with pytest.raises(StaleVersionError):
            operations.move_stage(
                cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
            )

    def test_lets_open_proposals_lapse(self, people: People, ready: Ready) -> None:
        cooperation = ready()
        proposal = Proposal.objects.create(
            cooperation=cooperation,
            stay=cooperation.transitions.get(),
            kind="gate_met",
            to_stage_id="qualified",
            words="Everything is there",
            proposed_at=EARLY,
        )

        operations.move_stage(
            cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
        )

        proposal.refresh_from_db()
        assert proposal.state == "lapsed"


class TestCostOfAMove:
    def test_costs_at_most_25_queries(
        self,
        people: People,
        ready: Ready,
        django_assert_max_num_queries: Any,
    ) -> None:
        cooperation = ready(stage=Stage.STRATEGIC_AGREEMENT)
        operations.approve_step(
            cooperation=cooperation,
            to=Stage.JOINT_POC,
            role="legal",
            by=people.legal,
            at=LATER,
        )
        operations.waive_criterion(
            cooperation=cooperation,
            to=Stage.JOINT_POC,
            criterion="framework_agreement_active",
            by=people.vice,
            at=LATER,
            reason="Signed on paper, scan follows",
        )

        with django_assert_max_num_queries(25):
            operations.move_stage(
                cooperation=cooperation, to=Stage.JOINT_POC, by=people.vice, at=LATER
            )


class TestStepBack:
    def test_needs_a_reason(self, people: People, ready: Ready) -> None:
        cooperation = ready(stage=Stage.MOU)

        with pytest.raises(StageInputError) as refused:
            operations.move_stage(
                cooperation=cooperation, to=Stage.QUALIFIED, by=people.anna, at=LATER
            )

        assert refused.value.code == "stage.needs-reason"

    def test_goes_one_stage_down(self, people: People, ready: Ready) -> None:
        cooperation = ready(stage=Stage.MOU)

        moved = operations.move_stage(
            cooperation=cooperation,
            to=Stage.QUALIFIED,
            by=people.anna,
            at=LATER,
            reason="Their board said no",
        )

        assert moved.transitions.get(exited_at=None).kind == "regress"


class TestConfirm:
    def test_needs_the_evidence_of_usage(self, people: People, ready: Ready) -> None:
        with pytest.raises(StageRefusedError) as refused:
            operations.confirm_stage(
                cooperation=ready(stage=Stage.PRODUCTION), by=people.vice, at=LATER
            )

        assert "no evidence of the kind" in refused.value.missing[0]

    def test_is_only_for_stages_that_are_confirmed(
        self, people: People, ready: Ready
    ) -> None:
        with pytest.raises(StageRefusedError):
            operations.confirm_stage(cooperation=ready(), by=people.vice, at=LATER)


class TestMoveStages:
    def test_gives_each_row_its_own_result(self, people: People, ready: Ready) -> None:
        good, bad = ready(), ready(next_step_due_on=None)
        hidden = make.cooperation(make.partner(confidentiality="restricted"))

        results = operations.move_stages(
            cooperation_ids=[good.pk, bad.pk, hidden.pk, 0],
            to=Stage.QUALIFIED,
            by=people.anna,
            at=LATER,
        )

        codes = [r.error.code if r.error else "" for r in results]
        assert codes == ["", "stage.refused", "gone", "gone"]
        assert [r.is_moved for r in results] == [True, False, False, False]
