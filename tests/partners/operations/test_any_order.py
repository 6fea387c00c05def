"""No order of moves, holds, waivers, merges, ends and reopenings breaks what must hold."""

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.core.errors import DomainError
from partners import operations, queries
from partners.models import Cooperation, GateCheck, Partner, StageDefinition
from partners.operations import Closing, merging
from partners.stages import MoveKind, Stage
from tests import make
from tests.make import EARLY
from tests.partners.conftest import READY

STAGES = st.sampled_from(Stage.values)
CLOSINGS = {
    MoveKind.TERMINATE: Closing(
        reason="price", lessons="Ask first", commitments_settlement="None"
    ),
    MoveKind.COMPLETE: Closing(
        reason="exited", closing_review="Well", handed_over_on=EARLY.date()
    ),
}


def somebody_with_every_role() -> User:
    person = make.user(*Role.values)
    person.team = make.team(lead=person)
    person.save()
    return person


class Life(RuleBasedStateMachine):
    """One cooperation, one person who may do everything, and one who may not."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.boss, self.stranger = somebody_with_every_role(), make.user()
        partner = make.partner(
            owner=self.boss, team=self.boss.team, our_sponsor=self.boss
        )
        self.partners = (partner, make.partner(owner=self.boss, team=self.boss.team))
        self.cooperation = make.cooperation(
            partner, owner=self.boss, **dict[str, Any](READY)
        )
        self.at = EARLY
        self.checks = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def attempt(self, act: Any, **arguments: Any) -> None:
        """Act, maybe refused; a refusal must leave no trace but its checks."""
        with suppress(DomainError):
            act(cooperation=self.stored(), at=self.at, **arguments)

    @rule(minutes=st.integers(-120, 60 * 24 * 200))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(to=STAGES, is_boss=st.booleans())
    def move(self, to: str, is_boss: bool) -> None:
        self.attempt(
            operations.move_stage,
            to=to,
            by=self.boss if is_boss else self.stranger,
            reason="Because",
        )

    @rule(to=STAGES)
    def move_with_waivers(self, to: str) -> None:
        rules = queries.rules_from(self.stored().stage_id)
        chosen = next((r for r in rules if r.target_id == to), None)
        codes = chosen.criteria.values_list("code", flat=True) if chosen else []
        self.attempt(
            operations.move_stage,
            to=to,
            by=self.boss,
            reason="Because",
            waivers=dict.fromkeys(codes, "Must be"),
            closing=CLOSINGS.get(MoveKind(chosen.kind)) if chosen else None,
        )

    @rule(to=STAGES, is_boss=st.booleans())
    def waive_something(self, to: str, is_boss: bool) -> None:
        self.attempt(
            operations.waive_criterion,
            to=to,
            criterion="profile_complete",
            by=self.boss if is_boss else self.stranger,
            reason="Must be",
        )

    @rule(to=STAGES, role=st.sampled_from(["owner", "executive", "legal"]))
    def approve(self, to: str, role: str) -> None:
        self.attempt(operations.approve_step, to=to, role=role, by=self.boss)

    @rule()
    def hold(self) -> None:
        self.attempt(operations.put_on_hold, reason="Wait", by=self.boss)

    @rule()
    def go_on(self) -> None:
        self.attempt(operations.resume, by=self.boss)

    @rule()
    def reopen(self) -> None:
        self.attempt(operations.reopen_cooperation, by=self.boss, reason="Back")

    @rule()
    def merge(self) -> None:
        """Merge the partner into the other one, with all it has."""
        loser = Partner.objects.get(pk=self.stored().partner_id)
        winner = next(each for each in self.partners if each.pk != loser.pk)
        with suppress(DomainError), transaction.atomic():
            merging.merge_partners(loser=loser, winner=winner, by=self.boss, at=self.at)

    @rule()
    def split(self) -> None:
        """Take the latest merge back."""
        for partner in self.partners:
            with suppress(DomainError), transaction.atomic():
                merging.split_partner(loser=partner, by=self.boss, at=self.at)

    @rule()
    def promise(self) -> None:
        """Add something that a merge has to take along."""
        row = self.stored()
        operations.add_action_item(
            partner=row.partner,
            cooperation=row,
            values={"title": "Send", "side": "ours", "due_on": self.at.date()},
            by=self.boss,
            at=self.at,
        )

    def stored(self) -> Cooperation:
        return Cooperation.objects.get(pk=self.cooperation.pk)

    @invariant()
    def the_database_agrees(self) -> None:
        connection.check_constraints()

    @invariant()
    def stays_form_a_chain(self) -> None:
        stays = list(self.cooperation.transitions.order_by("pk"))
        assert [stay.exited_at is None for stay in stays[:-1]] == [False] * (
            len(stays) - 1
        )
        assert stays[-1].exited_at is None
        for earlier, later in pairwise(stays):
            assert earlier.exited_at == later.entered_at
            assert earlier.to_stage_id == later.from_stage_id

    @invariant()
    def the_cooperation_shows_its_open_stay(self) -> None:
        row = self.stored()
        stay = row.transitions.get(exited_at=None)
        is_open = StageDefinition.objects.get(code=row.stage_id).stage_type == "open"
        assert (row.stage_id, row.stage_entered_at) == (
            stay.to_stage_id,
            stay.entered_at,
        )
        assert (row.closed_at is None) == is_open
        assert bool(row.closed_reason) != is_open

    @invariant()
    def it_belongs_to_a_live_partner_with_all_it_has(self) -> None:
        row = Cooperation.objects.select_related("partner").get(pk=self.cooperation.pk)
        assert row.partner.merged_into_id is None
        assert row.partner.archived_at is None
        owners = set(row.action_items.values_list("partner_id", flat=True))
        assert owners <= {row.partner_id}

    @invariant()
    def time_on_hold_is_told_once(self) -> None:
        for stay in self.cooperation.transitions.exclude(exited_at=None):
            spans = stay.holds.values_list("began_at", "ended_at")
            held = sum(((end - start) for start, end in spans if end), timedelta())
            assert stay.held_seconds == int(held.total_seconds())
            assert stay.exited_at is not None
            assert held <= stay.exited_at - stay.entered_at

    @invariant()
    def checks_only_accumulate(self) -> None:
        count = GateCheck.objects.count()
        assert count >= self.checks
        self.checks = count
        waived = GateCheck.objects.filter(verdict="waived")
        assert not waived.filter(found="passed").exists()


@pytest.mark.timeout(300)
@pytest.mark.django_db
@pytest.mark.usefixtures("only_own_evidence")
def test_any_order_keeps_every_invariant() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
