"""Signs of life and claimed ticks."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from crm.core import operations, tasks
from crm.core.models import Heartbeat, TickClaim

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.django_db
class TestShowLife:
    def test_keeps_one_row_per_name(self) -> None:
        operations.show_life(name="beat", at=AT)
        operations.show_life(name="beat", at=AT + timedelta(minutes=1))

        assert Heartbeat.objects.get().at == AT + timedelta(minutes=1)

    def test_never_goes_back_in_time(self) -> None:
        operations.show_life(name="beat", at=AT)
        operations.show_life(name="beat", at=AT - timedelta(seconds=1))

        assert Heartbeat.objects.get().at == AT

    def test_the_database_refuses_a_second_row_of_a_name(self) -> None:
        Heartbeat.objects.create(name="beat", at=AT)

        with pytest.raises(IntegrityError, match="core_heartbeat_name"):
            Heartbeat.objects.create(name="beat", at=AT)


@pytest.mark.django_db
class TestTasks:
    def test_ping_answers_under_its_nonce(self) -> None:
        tasks.ping(nonce="abc", added_by_a_later_release=1)

        assert Heartbeat.objects.get().name == "ping:abc"

    def test_tick_shows_that_beat_lives(self) -> None:
        tasks.tick()
        tasks.tick()

        assert str(Heartbeat.objects.get()) == "beat"

    def test_tick_forgets_pings_older_than_a_day(self) -> None:
        operations.show_life(name="ping:old", at=AT - timedelta(days=1, seconds=1))
        operations.show_life(name="ping:edge", at=AT - timedelta(days=1))
        operations.show_life(name="worker", at=AT - timedelta(days=9))

        assert operations.forget_pings(at=AT) == 1
        assert set(Heartbeat.objects.values_list("name", flat=True)) == {
            "ping:edge",
            "worker",
        }


@pytest.mark.django_db
class TestClaimTick:
    def test_gives_each_slot_once(self) -> None:
        assert operations.claim_tick(name="reports.plan", slot="2026-W47", at=AT)
        assert not operations.claim_tick(name="reports.plan", slot="2026-W47", at=AT)
        assert operations.claim_tick(name="reports.plan", slot="2026-W48", at=AT)
        assert operations.claim_tick(name="alerts.watch", slot="2026-W47", at=AT)

    def test_the_database_refuses_a_second_claim(self) -> None:
        claim = TickClaim.objects.create(name="reports.plan", slot="2026-W47", at=AT)

        assert str(claim) == "reports.plan 2026-W47"
        with pytest.raises(IntegrityError, match="tick_claim_once_per_slot"):
            TickClaim.objects.create(name="reports.plan", slot="2026-W47", at=AT)

    def test_a_rollback_frees_the_slot(self) -> None:
        with transaction.atomic():
            operations.claim_tick(name="reports.plan", slot="2026-W47", at=AT)
            transaction.set_rollback(True)

        assert operations.claim_tick(name="reports.plan", slot="2026-W47", at=AT)


@pytest.mark.django_db(transaction=True)
class TestTwoBeats:
    def test_only_one_of_eight_gets_the_slot(self) -> None:
        barrier = threading.Barrier(8)
        won: list[bool] = []

        def claim() -> None:
            barrier.wait()
            with transaction.atomic():
                won.append(operations.claim_tick(name="x", slot="2026-W47", at=AT))
            connection.close()

        threads = [threading.Thread(target=claim) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(won) == [False] * 7 + [True]
