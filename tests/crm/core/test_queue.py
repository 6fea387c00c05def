"""Asking for work: after commit, JSON only, never failing the caller."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from crm.core import queue
from crm.core.queue import enqueue

Capture = Callable[..., AbstractContextManager[list[Callable[[], Any]]]]


def waiting() -> list[dict[str, Any]]:
    """Take all messages out of the in-memory broker and return their keywords."""
    with current_app.connection_for_read() as connection:
        box = connection.SimpleQueue("celery")
        return [box.get(block=False).payload[1] for _ in range(box.qsize())]


@pytest.fixture(autouse=True)
def fresh_broker() -> Iterator[None]:
    queue.broker.down_until = 0.0
    waiting()
    yield
    queue.broker.down_until = 0.0


class Publisher:
    """Stands where the broker's client stands, and fails as it does."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.calls = 0

    def __call__(self, name: str, **options: object) -> None:
        self.calls += 1
        raise self.error


@pytest.mark.django_db(transaction=True)
class TestEnqueue:
    def test_sends_only_after_the_commit(self) -> None:
        with transaction.atomic():
            enqueue("core.ping", nonce="a")
            before_commit = waiting()

        assert before_commit == []
        assert waiting() == [{"nonce": "a"}]

    def test_sends_nothing_after_a_rollback(self) -> None:
        with transaction.atomic():
            enqueue("core.ping", nonce="a")
            transaction.set_rollback(True)

        assert waiting() == []

    def test_sends_at_once_outside_a_transaction(self) -> None:
        enqueue("core.ping", nonce="a", number=3, sure=True, nothing=None)

        assert waiting() == [{"nonce": "a", "number": 3, "sure": True, "nothing": None}]


class TestArguments:
    @pytest.mark.parametrize(
        "value", [Decimal(1), datetime.now(UTC), b"x", [1], {"a": 1}, 1.5, object()]
    )
    def test_what_is_no_plain_value_is_refused_before_the_commit(
        self, value: Any
    ) -> None:
        with pytest.raises(TypeError, match=r"'core\.ping'.*nonce"):
            enqueue("core.ping", nonce=value)


@pytest.mark.django_db
class TestBrokerDown:
    @pytest.mark.parametrize("error", [OperationalError("down"), TimeoutError()])
    def test_does_not_fail_the_caller(
        self,
        error: Exception,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr(current_app, "send_task", Publisher(error))

        assert queue.broker.send("core.ping", {"nonce": "secret"}) is False
        assert "core.ping not sent" in caplog.text
        assert "secret" not in caplog.text

    def test_many_messages_wait_for_it_once(
        self,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Capture,
    ) -> None:
        publisher = Publisher(OperationalError("down"))
        monkeypatch.setattr(current_app, "send_task", publisher)

        with django_capture_on_commit_callbacks(execute=True):
            for number in range(50):
                enqueue("core.ping", nonce=str(number))

        assert publisher.calls == 1

    def test_tries_again_after_the_pause(self, monkeypatch: pytest.MonkeyPatch) -> None:
        publisher = Publisher(OperationalError("down"))
        monkeypatch.setattr(current_app, "send_task", publisher)

        queue.broker.send("core.ping", {})
        queue.broker.down_until -= queue.PAUSE_AFTER_FAILURE
        queue.broker.send("core.ping", {})

        assert publisher.calls == 2
