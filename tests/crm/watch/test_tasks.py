"""Jobs of the watch: what a tick asks for, and what the jobs do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from time_machine import TimeMachineFixture

from crm.accounts.roles import Role
from crm.watch import tasks
from crm.watch.models import GateLook, Stocktaking
from crm.watch.operations import stock
from tests import make

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 4, tzinfo=UTC)


class TestTasks:
    def test_look_once_a_night_and_leave_it_to_whoever_is_at_it(self) -> None:
        make.cooperation()

        tasks.take_stock()
        tasks.take_stock(future_argument=1)
        tasks.look_at_gates()

        assert Stocktaking.objects.get().cooperations == 1
        assert GateLook.objects.count() == 1

    @pytest.mark.parametrize(("hour", "asked"), [(2, 0), (3, 1)])
    def test_the_tick_asks_for_the_look_from_three_on(
        self,
        django_capture_on_commit_callbacks: Any,
        time_machine: TimeMachineFixture,
        hour: int,
        asked: int,
    ) -> None:
        time_machine.move_to(NIGHT.replace(hour=hour), tick=False)

        with django_capture_on_commit_callbacks() as callbacks:
            tasks.tick()

        assert len(callbacks) == asked

    def test_the_tick_asks_for_nothing_that_is_done(
        self, django_capture_on_commit_callbacks: Any, time_machine: TimeMachineFixture
    ) -> None:
        time_machine.move_to(NIGHT, tick=False)
        stock.take_stock(at=NIGHT)

        with django_capture_on_commit_callbacks() as callbacks:
            tasks.tick()

        assert callbacks == []

    def test_mails_that_are_owed_are_asked_for_and_sent(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        anna = make.user(Role.ALLIANCE_MANAGER)
        make.cooperation(
            make.partner(owner=anna), owner=anna, entered_at=NIGHT - timedelta(days=300)
        )
        stock.take_stock(at=timezone.now())

        with django_capture_on_commit_callbacks() as callbacks:
            tasks.tick()
        tasks.send_alerts(person_id=anna.pk)
        tasks.send_alerts(person_id=anna.pk)

        assert len(callbacks) == 1
        (letter,) = mail.outbox
        assert letter.to == [anna.email] or anna.email in letter.to[0]
