"""What the database itself refuses, tried past every model and operation."""

from datetime import timedelta

import pytest

from partners.models import (
    Cooperation,
    GateCheck,
    GateCriterion,
    Hold,
    Partner,
    StageTransition,
    StageTransitionRule,
)
from tests import make
from tests.make import EARLY
from tests.partners.database import held, refused_by, sql

pytestmark = pytest.mark.django_db
LATER = EARLY + timedelta(days=10)


def rule(source: str, target: str) -> StageTransitionRule:
    return StageTransitionRule.objects.get(source__code=source, target__code=target)


def open_stay(cooperation: Cooperation) -> StageTransition:
    return cooperation.transitions.get(exited_at__isnull=True)


def close_stay(cooperation: Cooperation, at: object = LATER, held_for: int = 0) -> None:
    sql(
        "UPDATE partners_stagetransition SET exited_at = %s, held_seconds = %s"
        " WHERE cooperation_id = %s AND exited_at IS NULL",
        at,
        held_for,
        cooperation.pk,
    )


def enter(cooperation: Cooperation, source: str, target: str) -> StageTransition:
    kind = rule(source, target).kind
    return StageTransition.objects.create(
        cooperation=cooperation,
        from_stage_id=source,
        to_stage_id=target,
        kind=kind,
        rule=rule(source, target),
        entered_at=LATER,
        by=make.user(),
    )


def put_stage(cooperation: Cooperation, stage: str) -> None:
    sql(
        "UPDATE partners_cooperation SET stage_id = %s, stage_entered_at = %s"
        " WHERE id = %s",
        stage,
        LATER,
        cooperation.pk,
    )


class TestStageOfACooperation:
    def test_moves_together_with_its_stay(self) -> None:
        cooperation = make.cooperation()

        close_stay(cooperation)
        enter(cooperation, "first_contact", "qualified")
        put_stage(cooperation, "qualified")

        held()

    def test_cannot_be_written_by_hand(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_stage_follows_move"):
            sql(
                "UPDATE partners_cooperation SET stage_id = 'production' WHERE id = %s",
                cooperation.pk,
            )

    def test_cannot_be_written_by_the_orm(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_stage_follows_move"):
            Cooperation.objects.filter(pk=cooperation.pk).update(stage_id="expansion")

    def test_cannot_stay_behind_its_move(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_stage_follows_move"):
            close_stay(cooperation)
            enter(cooperation, "first_contact", "qualified")

    def test_needs_an_open_stay(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_has_open_stay"):
            close_stay(cooperation)

    def test_cannot_be_open_and_closed(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_closed_follows_stage"):
            sql(
                "UPDATE partners_cooperation SET closed_at = %s, closed_reason = 'price'"
                " WHERE id = %s",
                EARLY,
                cooperation.pk,
            )

    def test_terminated_is_not_for_reasons_of_a_planned_end(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_closed_follows_stage"):
            close_stay(cooperation)
            enter(cooperation, "first_contact", "terminated")
            sql(
                "UPDATE partners_cooperation SET stage_id = 'terminated',"
                " stage_entered_at = %s, closed_at = %s, closed_reason = 'exited'"
                " WHERE id = %s",
                LATER,
                LATER,
                cooperation.pk,
            )


class TestStays:
    def test_cannot_be_two_open_ones(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_one_open", "stagetransition_no_overlap"):
            enter(cooperation, "first_contact", "qualified")

    def test_cannot_overlap(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_no_overlap"):
            close_stay(cooperation)
            sql(
                "INSERT INTO partners_stagetransition (cooperation_id, from_stage_id,"
                " to_stage_id, kind, rule_id, entered_at, exited_at, held_seconds,"
                " by_id, reason) VALUES (%s, 'first_contact', 'qualified', 'advance',"
                " %s, %s, %s, 0, %s, '')",
                cooperation.pk,
                rule("first_contact", "qualified").pk,
                LATER - timedelta(seconds=1),
                LATER + timedelta(days=1),
                make.user().pk,
            )

    def test_cannot_leave_a_gap(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_follows_previous"):
            close_stay(cooperation, LATER - timedelta(seconds=1))
            enter(cooperation, "first_contact", "qualified")
            put_stage(cooperation, "qualified")

    def test_cannot_break_their_rule(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_obeys_its_rule"):
            close_stay(cooperation)
            StageTransition.objects.create(
                cooperation=cooperation,
                from_stage_id="first_contact",
                to_stage_id="production",
                kind="advance",
                rule=rule("first_contact", "qualified"),
                entered_at=LATER,
                by=make.user(),
            )
            put_stage(cooperation, "production")

    def test_cannot_start_twice(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_starts_once"):
            close_stay(cooperation)
            StageTransition.objects.create(
                cooperation=cooperation,
                to_stage_id="qualified",
                kind="start",
                entered_at=LATER,
                by=make.user(),
            )
            put_stage(cooperation, "qualified")

    def test_cannot_be_rewritten(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_closes_once"):
            sql(
                "UPDATE partners_stagetransition SET reason = 'x' WHERE cooperation_id = %s",
                cooperation.pk,
            )

    def test_cannot_be_closed_and_rewritten_at_once(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_closes_once"):
            sql(
                "UPDATE partners_stagetransition SET exited_at = %s, reason = 'x'"
                " WHERE cooperation_id = %s",
                LATER,
                cooperation.pk,
            )

    def test_cannot_be_closed_twice(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_closes_once"):
            close_stay(cooperation)
            sql(
                "UPDATE partners_stagetransition SET exited_at = %s"
                " WHERE cooperation_id = %s",
                LATER + timedelta(1),
                cooperation.pk,
            )

    def test_cannot_be_deleted(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_append_only"):
            sql(
                "DELETE FROM partners_stagetransition WHERE cooperation_id = %s",
                cooperation.pk,
            )

    def test_may_be_held_all_the_time(self) -> None:
        cooperation = make.cooperation()

        close_stay(cooperation, held_for=10 * 86_400)
        enter(cooperation, "first_contact", "qualified")
        put_stage(cooperation, "qualified")

        held()

    def test_cannot_be_held_longer_than_they_last(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_held_fits_stay"):
            close_stay(cooperation, held_for=10 * 86_400 + 1)

    def test_cannot_end_before_they_begin(self) -> None:
        cooperation = make.cooperation()

        with refused_by("stagetransition_ends_after_start"):
            close_stay(cooperation, EARLY - timedelta(seconds=1))


class TestHolds:
    def hold(self, cooperation: Cooperation, **fields: object) -> Hold:
        return Hold.objects.create(
            cooperation=cooperation,
            stay=open_stay(cooperation),
            began_at=EARLY + timedelta(days=1),
            reason="Waiting for the budget year",
            by=make.user(),
            **fields,
        )

    def test_are_shown_on_the_cooperation(self) -> None:
        cooperation = make.cooperation()
        hold = self.hold(cooperation)

        Cooperation.objects.filter(pk=cooperation.pk).update(
            on_hold_since=hold.began_at, hold_reason=hold.reason
        )

        held()

    def test_cannot_be_hidden(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_hold_follows_span"):
            self.hold(cooperation)

    def test_cannot_be_claimed_without_a_span(self) -> None:
        cooperation = make.cooperation()

        with refused_by("cooperation_hold_follows_span"):
            Cooperation.objects.filter(pk=cooperation.pk).update(
                on_hold_since=LATER, hold_reason="x"
            )

    def test_cannot_be_two_open_ones(self) -> None:
        cooperation = make.cooperation()

        with refused_by("hold_one_open", "hold_no_overlap"):
            self.hold(cooperation)
            self.hold(cooperation)

    def test_cannot_overlap(self) -> None:
        cooperation = make.cooperation()
        self.hold(cooperation, ended_at=LATER)

        with refused_by("hold_no_overlap"):
            self.hold(cooperation, ended_at=LATER + timedelta(days=1))

    def test_cannot_be_rewritten(self) -> None:
        cooperation = make.cooperation()
        self.hold(cooperation, ended_at=LATER)

        with refused_by("hold_closes_once"):
            sql("UPDATE partners_hold SET ended_at = %s", LATER + timedelta(days=1))


class TestTreeOfPartners:
    def test_may_be_deep(self) -> None:
        group = make.partner()
        company = make.partner(parent=group)

        assert make.partner(parent=company).parent == company

    def test_refuses_its_own_parent(self) -> None:
        group = make.partner()

        with refused_by("partner_parent_acyclic"):
            sql("UPDATE partners_partner SET parent_id = id WHERE id = %s", group.pk)

    def test_refuses_a_circle(self) -> None:
        group = make.partner()
        company = make.partner(parent=group)
        branch = make.partner(parent=company)

        with refused_by("partner_parent_acyclic"):
            Partner.objects.filter(pk=group.pk).update(parent=branch)


class TestRecordsOfGates:
    def check(self, cooperation: Cooperation) -> GateCheck:
        return GateCheck.objects.create(
            cooperation=cooperation,
            stay=open_stay(cooperation),
            rule=rule("first_contact", "qualified"),
            code="owner_named",
            found="missing",
            verdict="missing",
            attempt="00000000-0000-4000-8000-000000000001",
            by=make.user(),
            at=LATER,
        )

    def test_checks_cannot_be_rewritten(self) -> None:
        check = self.check(make.cooperation())

        with refused_by("gatecheck_append_only"):
            GateCheck.objects.filter(pk=check.pk).update(verdict="passed")

    def test_checks_cannot_be_deleted(self) -> None:
        self.check(make.cooperation())

        with refused_by("gatecheck_append_only"):
            sql("DELETE FROM partners_gatecheck")

    def test_waived_needs_its_waiver(self) -> None:
        cooperation = make.cooperation()
        check = self.check(cooperation)
        check.pk, check.code, check.verdict = None, "other", "waived"

        with refused_by("gatecheck_waived_has_waiver"):
            check.save(force_insert=True)

    def test_criteria_in_force_cannot_be_rewritten(self) -> None:
        with refused_by("gatecriterion_append_only"):
            GateCriterion.objects.update(is_waivable=True)

    def test_rules_in_force_cannot_be_rewritten(self) -> None:
        with refused_by("stagetransitionrule_closes_once"):
            StageTransitionRule.objects.update(approver_roles=[])
