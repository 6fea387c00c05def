"""What the database refuses, whatever the code does: each rule holds, at the edge, refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.db.utils import IntegrityError

from crm.reports.models import (
    ReportDefinition,
    ReportDelivery,
    ReportRun,
    ReportSubscription,
    SendingPlace,
    State,
    StoredMessage,
)
from crm.reports.models.reasons import Reason
from crm.reports.operations import place
from tests import make
from tests.crm.reports.conftest import DUE
from tests.crm.reports.test_delivering import deliver, due, freeze

pytestmark = pytest.mark.django_db

STEPS = {
    State.DUE: {State.RENDERING, State.SKIPPED, State.SUPPRESSED},
    State.RENDERING: {
        State.DUE,
        State.READY,
        State.SKIPPED,
        State.SUPPRESSED,
        State.FAILED,
    },
    State.READY: {
        State.DUE,
        State.SENDING,
        State.SKIPPED,
        State.SUPPRESSED,
        State.FAILED,
    },
    State.SENDING: {State.SENT, State.READY, State.FAILED, State.UNCERTAIN},
    State.UNCERTAIN: {State.SENT, State.FAILED, State.READY},
    State.FAILED: {State.DUE, State.READY},
    State.SKIPPED: {State.DUE},
    State.SUPPRESSED: {State.DUE},
    State.SENT: set(),
}
ALTER = "ALTER TABLE reports_reportdelivery"
PAIRS = [(old, new) for old in State for new in State if old != new]


def put(delivery: ReportDelivery, state: State, **values: Any) -> None:
    """Write a state straight into the row, with what the constraints ask for."""
    asked: dict[str, Any] = {
        "state": state,
        "owner": "somebody",
        "lease_until": DUE,
        "reason": Reason.NO_ANSWER,
        "sent_at": DUE,
        "resolved_by": delivery.recipient_id,
        "resolved_at": DUE + timedelta(seconds=delivery.pk),
        **values,
    }
    ReportDelivery.objects.filter(pk=delivery.pk).update(**asked)
    delivery.refresh_from_db()


def force(delivery: ReportDelivery, state: State) -> None:
    """Put the row into a state past the guard; the tests ask what follows from there."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"{ALTER} DISABLE TRIGGER report_delivery_guard")
        put(delivery, state, handed_over=1, resolved_by=None, resolved_at=None)
        cursor.execute(f"{ALTER} ENABLE TRIGGER report_delivery_guard")


class TestSteps:
    @pytest.mark.parametrize(("old", "new"), PAIRS, ids=str)
    def test_only_the_steps_of_the_table_are_possible(
        self, old: State, new: State
    ) -> None:
        delivery = freeze(due())
        force(delivery, old)
        hands = {"handed_over": 2} if (old, new) == (State.READY, State.SENDING) else {}

        refused = False
        try:
            with transaction.atomic():
                put(delivery, new, **hands)
        except IntegrityError:
            refused = True

        assert refused is (new not in STEPS[old])

    def test_an_uncertain_one_is_sent_again_by_a_person_only(self) -> None:
        delivery = freeze(due())
        force(delivery, State.UNCERTAIN)

        with pytest.raises(IntegrityError, match="only a person"), transaction.atomic():
            put(delivery, State.READY, resolved_by=None)

        put(delivery, State.READY)

    def test_sending_counts_a_hand_over(self) -> None:
        delivery = freeze(due())

        with pytest.raises(IntegrityError, match="counted"), transaction.atomic():
            put(delivery, State.SENDING)

        put(delivery, State.SENDING, handed_over=1)

    def test_a_delivery_begins_due_skipped_or_suppressed(self) -> None:
        template = due()

        for state, is_refused in ((State.SENT, True), (State.SKIPPED, False)):
            row = ReportDelivery(
                definition=template.definition,
                subscription=template.subscription,
                recipient=make.user(),
                period="2026-W01",
                state=state,
                reason=Reason.TOO_LATE,
                sent_at=DUE,
                handed_over=0,
                due_at=DUE,
                next_attempt_at=DUE,
                planned_at=DUE,
            )
            if is_refused:
                with pytest.raises(IntegrityError), transaction.atomic():
                    row.save()
            else:
                row.save()


class TestFrozen:
    def test_a_frozen_message_never_changes(self) -> None:
        delivery = freeze(due())

        for change in ({"message_id": "<x>"}, {"address": "x@example.com"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ReportDelivery.objects.filter(pk=delivery.pk).update(**change)

    def test_its_bytes_never_change(self) -> None:
        delivery = freeze(due())

        with pytest.raises(IntegrityError), transaction.atomic():
            StoredMessage.objects.filter(pk=delivery.pk).update(content=b"other")

    def test_a_run_is_neither_changed_nor_deleted(self) -> None:
        run = deliver(due()).run
        assert run is not None

        with pytest.raises(IntegrityError), transaction.atomic():
            ReportRun.objects.filter(pk=run.pk).update(payload={})
        with pytest.raises(Error), transaction.atomic():
            ReportRun.objects.filter(pk=run.pk).delete()

    def test_a_delivery_is_never_deleted_and_keeps_what_it_is_for(self) -> None:
        delivery = due()

        with pytest.raises(IntegrityError), transaction.atomic():
            ReportDelivery.objects.filter(pk=delivery.pk).delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportDelivery.objects.filter(pk=delivery.pk).update(period="2026-W46")


class TestOnce:
    def test_one_row_per_subscription_reader_and_period(self) -> None:
        row = due()
        values = {
            "definition": row.definition,
            "subscription": row.subscription,
            "recipient": row.recipient,
            "due_at": DUE,
            "next_attempt_at": DUE,
            "planned_at": DUE,
        }

        ReportDelivery.objects.create(period="2026-W46", **values)
        ReportDelivery.objects.create(period=row.period, is_test=True, **values)
        with pytest.raises(IntegrityError), transaction.atomic():
            ReportDelivery.objects.create(period=row.period, **values)

    def test_a_subscription_has_exactly_one_audience(self) -> None:
        row = make.subscription()
        rows = ReportSubscription.objects.filter(pk=row.pk)

        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(person=None)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(team=make.team())
        rows.update(person=None, team=make.team())

    @pytest.mark.parametrize(
        ("change", "is_refused"),
        [
            ({"weekday": 1}, False),
            ({"weekday": 7}, False),
            ({"weekday": 8}, True),
            ({"weekday": 0}, True),
            ({"hour": 23}, False),
            ({"hour": 24}, True),
            ({"formats": []}, False),
            ({"formats": ["doc"]}, True),
            ({"sections": []}, True),
            ({"wait_minutes": 119, "catch_up_hours": 2}, False),
            ({"wait_minutes": 120, "catch_up_hours": 2}, True),
        ],
    )
    def test_a_report_makes_sense(
        self, change: dict[str, Any], is_refused: bool
    ) -> None:
        rows = ReportDefinition.objects.filter(pk=make.report().pk)

        if is_refused:
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(**change)
        else:
            assert rows.update(**change) == 1


class TestPlace:
    def test_the_first_database_that_asks_may_send(self) -> None:
        assert place.check_place(at=DUE)
        assert place.check_place(at=DUE)

    def test_a_copy_or_restored_backup_holds_everything(self) -> None:
        place.check_place(at=DUE)
        SendingPlace.objects.update(fingerprint="where it was dumped")
        delivery = due()

        assert not place.check_place(at=DUE)
        by = make.administrator()
        assert place.release_sending(send_waiting=False, by=by, at=DUE) == 1

        delivery.refresh_from_db()
        assert (delivery.state, delivery.reason) == (State.SKIPPED, Reason.RESTORED)
        assert place.check_place(at=DUE)

    def test_what_waits_may_be_sent_after_all(self) -> None:
        by = make.administrator()
        place.hold_sending(reason="Drill", by=by, at=DUE)
        delivery = due()

        assert place.release_sending(send_waiting=True, by=by, at=DUE) == 0

        delivery.refresh_from_db()
        assert delivery.state == State.DUE

    def test_it_is_not_held_or_released_twice(self) -> None:
        by = make.administrator()

        with pytest.raises(place.PlaceRefusedError):
            place.release_sending(send_waiting=True, by=by, at=DUE)
        place.hold_sending(reason="Drill", by=by, at=DUE)
        with pytest.raises(place.PlaceRefusedError):
            place.hold_sending(reason="Drill", by=by, at=DUE)
