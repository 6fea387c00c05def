"""Reports under kill -9, pauses, cut connections and a faulty mail server.

Duplicates and losses are counted from the mail server's own log, not from our rows.
`REPORTS_FAULTS=full` runs 1,000 reports under 500 faults instead of the short form.
"""

import os
import sys
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from crm.reports.faultpoints import STEPS
from crm.reports.models import ReportDelivery, State
from crm.reports.operations import claims, planning, resolving
from tests import make
from tests.faults import mail_server, reports_fleet
from tests.faults.mail_server import FaultyController
from tests.faults.reports_fleet import Fleet, outcome, owe, unfinished

IS_FULL = os.environ.get("REPORTS_FAULTS") == "full"
REPORTS, FAULTS, SECONDS = (1000, 500, 900.0) if IS_FULL else (50, 15, 40.0)
HARMLESS = STEPS[: STEPS.index("marked")]
"""Steps at which a death never leaves a doubt: the end was not sent yet."""

pytestmark = [
    pytest.mark.faults,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(1200 if IS_FULL else 120),
]


@pytest.fixture
def server() -> Iterator[FaultyController]:
    controller = mail_server.started()
    yield controller
    controller.stop()


@pytest.fixture
def rough_server() -> Iterator[FaultyController]:
    controller = mail_server.started(
        faults=["refuse", "cut", "silent", "full"], rate=0.08, seed=7
    )
    yield controller
    controller.stop()


def wait_until_ended(count: int, *, seconds: float = 40.0) -> None:
    until = time.monotonic() + seconds
    while unfinished(count) and time.monotonic() < until:
        reports_fleet.hurry()
        claims.sweep()
        time.sleep(0.1)
    assert unfinished(count) == 0


class TestKilledAtEachStep:
    @pytest.mark.parametrize("step", STEPS)
    def test_sends_no_second_copy_and_hides_no_loss(
        self, step: str, server: FaultyController
    ) -> None:
        owe(1)
        planning.plan_due(at=timezone.now())
        fleet = Fleet(server.url)
        try:
            fleet.start("doomed", CRM_REPORTS_DIE_AT=step)
            fleet.wait_for("doomed", "X")
            fleet.start("healthy")
            wait_until_ended(1)
        finally:
            fleet.stop()

        found = outcome(server.handler.log)
        assert (found.duplicates, found.lost, found.claimed) == ([], [], [])
        assert ReportDelivery.objects.get().state == (
            State.SENT if step in HARMLESS or step == "stored" else State.UNCERTAIN
        )


class TestPausedLongerThanItsLease:
    @pytest.mark.parametrize("step", ["message-frozen", "body-sent"])
    def test_lets_the_other_worker_send(
        self, step: str, server: FaultyController
    ) -> None:
        owe(1)
        planning.plan_due(at=timezone.now())
        fleet = Fleet(server.url)
        try:
            fleet.start("paused", CRM_REPORTS_STOP_AT=step)
            fleet.wait_for("paused", "T")
            fleet.start("healthy")
            wait_until_ended(1)
            fleet.go_on("paused")
            time.sleep(1)
        finally:
            fleet.stop()

        found = outcome(server.handler.log)
        assert (found.duplicates, found.lost, found.claimed) == ([], [], [])
        assert ReportDelivery.objects.get().state == State.SENT


class TestTwoPlanners:
    def test_owe_every_reader_once(self, server: FaultyController) -> None:
        owe(300)
        fleet = Fleet(server.url)
        try:
            for name in ("planner", "second planner", "third planner"):
                fleet.start(name, "planner")
            until = time.monotonic() + 40
            while ReportDelivery.objects.count() < 300 and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(0.5)
        finally:
            fleet.stop()

        assert ReportDelivery.objects.count() == 300


class TestEverythingAtOnce:
    def test_no_duplicate_no_silent_loss_every_doubt_listed(
        self, rough_server: FaultyController
    ) -> None:
        owe(REPORTS)
        fleet = Fleet(rough_server.url)
        try:
            fleet.start("planner", "planner")
            fleet.start("second planner", "planner")
            for number in range(4):
                fleet.start(f"sender {number}")
            reports_fleet.harass(
                fleet, count=REPORTS, faults=FAULTS, seconds=SECONDS, seed=20261123
            )
            wait_until_ended(REPORTS, seconds=60)
        finally:
            fleet.stop()

        found = outcome(rough_server.handler.log)
        sys.stderr.write(
            f"\n{fleet.kills} kills, {fleet.pauses} pauses, {fleet.cuts} cuts, "
        )
        sys.stderr.write(f"{dict(rough_server.handler.log.faults)}: {found}\n")
        assert (found.duplicates, found.lost, found.claimed) == ([], [], [])
        assert found.changed == []
        assert sum(found.states.values()) == REPORTS


class TestSendAgain:
    def test_sends_the_same_bytes_when_a_person_says_so(
        self, server: FaultyController
    ) -> None:
        owe(1)
        planning.plan_due(at=timezone.now())
        fleet = Fleet(server.url)
        try:
            fleet.start("doomed", CRM_REPORTS_DIE_AT="marked")
            fleet.wait_for("doomed", "X")
            wait_until_ended(1)
            resolving.send_again(
                delivery=ReportDelivery.objects.get(),
                by=make.reports_manager(),
                at=timezone.now(),
            )
            fleet.start("healthy")
            wait_until_ended(1)
        finally:
            fleet.stop()

        assert ReportDelivery.objects.get().state == State.SENT
        assert list(server.handler.log.accepted.values()) == [1]
