"""Proposals: made once, never moving anything, decided by a person."""

from datetime import timedelta

import pytest

from partners import operations
from partners.models import Cooperation, GateCheck, Proposal
from partners.operations import ProposalRefusedError, StageRefusedError, Suggestion
from partners.stages import Stage
from tests.make import EARLY
from tests.partners.conftest import People, Ready
from tests.partners.database import held

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_evidence")]
LATER = EARLY + timedelta(days=10)
GATE_MET = Suggestion("gate_met", Stage.QUALIFIED, "The gate is met.", {"usage": 5})


def propose(cooperation: Cooperation, at: object = LATER) -> Proposal | None:
    return operations.propose_move(
        cooperation=cooperation,
        suggestion=GATE_MET,
        at=at,  # type: ignore[arg-type]  # a datetime in every call
    )


def proposed(cooperation: Cooperation) -> Proposal:
    proposal = propose(cooperation)
    assert proposal is not None
    return proposal


class TestProposeMove:
    def test_moves_nothing(self, ready: Ready) -> None:
        cooperation = ready()

        proposal = proposed(cooperation)

        cooperation.refresh_from_db()
        assert cooperation.stage_id == "first_contact"
        assert proposal.evidence == {"usage": 5}

    def test_is_made_once(self, ready: Ready) -> None:
        cooperation = ready()

        assert propose(cooperation) == propose(cooperation)
        assert Proposal.objects.count() == 1

    def test_is_only_for_steps_that_exist(self, ready: Ready) -> None:
        assert propose(ready(stage=Stage.PRODUCTION)) is None

    def test_of_shadow_production_goes_one_rung_up(self, ready: Ready) -> None:
        proposal = operations.propose_move(
            cooperation=ready(stage=Stage.MOU),
            suggestion=Suggestion("shadow_production", Stage.PRODUCTION, "In use."),
            at=LATER,
        )

        assert proposal is not None
        assert proposal.to_stage_id == Stage.STRATEGIC_AGREEMENT

    def test_keeps_quiet_after_a_dismissal(self, people: People, ready: Ready) -> None:
        cooperation = ready()
        operations.dismiss_proposal(
            proposal=proposed(cooperation), by=people.anna, at=LATER, reason="Not yet"
        )

        assert propose(cooperation, LATER + timedelta(days=13)) is None
        assert propose(cooperation, LATER + timedelta(days=14)) is not None


class TestAcceptProposal:
    def test_moves_through_the_gate(self, people: People, ready: Ready) -> None:
        proposal = proposed(ready())

        moved = operations.accept_proposal(
            proposal=proposal, by=people.anna, at=LATER, reason="True"
        )

        proposal.refresh_from_db()
        assert (moved.stage_id, proposal.state) == ("qualified", "accepted")
        held()

    def test_stays_open_when_the_gate_refuses(
        self, people: People, ready: Ready
    ) -> None:
        proposal = proposed(ready(next_step_due_on=None))

        with pytest.raises(StageRefusedError):
            operations.accept_proposal(
                proposal=proposal, by=people.anna, at=LATER, reason="True"
            )

        proposal.refresh_from_db()
        assert proposal.state == "open"
        assert GateCheck.objects.filter(verdict="missing").count() == 1

    def test_is_decided_once(self, people: People, ready: Ready) -> None:
        proposal = proposed(ready())
        operations.dismiss_proposal(
            proposal=proposal, by=people.anna, at=LATER, reason="Not yet"
        )

        with pytest.raises(ProposalRefusedError) as refused:
            operations.accept_proposal(
                proposal=proposal, by=people.anna, at=LATER, reason="True"
            )

        assert refused.value.code == "proposal.decided"

    def test_needs_a_reason(self, people: People, ready: Ready) -> None:
        with pytest.raises(ProposalRefusedError, match="why"):
            operations.dismiss_proposal(
                proposal=proposed(ready()), by=people.anna, at=LATER, reason=" "
            )
