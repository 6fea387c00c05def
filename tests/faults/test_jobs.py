"""Celery over a real Valkey: flushed, frozen, killed and restarted while work goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from kombu import Connection

from crm.core import addresses
from crm.core.models import Heartbeat
from tests.crm.core.conftest import Valkey
from tests.crm.core.conftest import valkey as running_valkey

__all__ = ["running_valkey"]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
STOP_WITHIN = 10.0
Start = Callable[..., "subprocess.Popen[bytes]"]

ASK_TWICE = """
import time
import django
django.setup()
from crm.core.queue import enqueue
for _ in range(2):
    started = time.monotonic()
    enqueue("core.ping", nonce="never")
    print(round(time.monotonic() - started, 1), flush=True)
"""

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(120),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def valkey(running_valkey: Valkey) -> Valkey:
    return running_valkey


@pytest.fixture
def start(valkey: Valkey) -> Iterator[Start]:
    """Start Celery programs of the product on the test's own servers."""
    programs: list[subprocess.Popen[bytes]] = []

    def _start(*words: str, **environment: str) -> "subprocess.Popen[bytes]":
        program = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-W", "ignore", *words],
            cwd=ROOT,
            env=os.environ | product(valkey) | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        programs.append(program)
        return program

    yield _start
    for program in programs:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.communicate()


def product(valkey: Valkey) -> dict[str, str]:
    """Return the environment of programs that work on this test's database and broker."""
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}" if database["PORT"] else ""
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{place}"
    if not place:
        url = f"postgresql://{database['USER']}@{database['HOST'].replace('/', '%2F')}"
    return {
        "DATABASE_URL": f"{url}/{database['NAME']}",
        "REDIS_URL": valkey.url,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "CRM_TICK_SECONDS": "1",
    }


def worker(start: Start) -> "subprocess.Popen[bytes]":
    return start("-m", "celery", "-A", "crm", "worker", "--without-mingle", "-c", "1")


def beat(start: Start) -> "subprocess.Popen[bytes]":
    return start("-m", "celery", "-A", "crm", "beat")


def ping(valkey: Valkey, nonce: str) -> None:
    url = addresses.redis_broker_url(valkey.url)
    options: Any = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with Connection(url, transport_options=options) as broker:
        current_app.send_task("core.ping", kwargs={"nonce": nonce}, connection=broker)


def blocked_clients(valkey: Valkey) -> int:
    with valkey.client() as client:
        return int(client.info("clients")["blocked_clients"])


def at_of(name: str) -> datetime | None:
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


def wait_until(holds: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)


def wait_for_tick() -> None:
    """Wait for a sign of life of beat that is newer than the one known now."""
    before = at_of("beat")
    wait_until(lambda: at_of("beat") != before)


class TestWorker:
    def test_runs_what_was_asked_for_and_stops_in_time(
        self, valkey: Valkey, start: Start
    ) -> None:
        program = worker(start)

        ping(valkey, "one")
        wait_until(lambda: at_of("ping:one") is not None)
        program.terminate()

        assert program.wait(STOP_WITHIN) == 0

    def test_works_on_after_the_broker_was_killed(
        self, valkey: Valkey, start: Start
    ) -> None:
        worker(start)
        ping(valkey, "before")
        wait_until(lambda: at_of("ping:before") is not None)

        valkey.stop()
        time.sleep(2)
        valkey.start()
        ping(valkey, "after")

        wait_until(lambda: at_of("ping:after") is not None)

    def test_the_next_one_does_what_a_killed_one_left(
        self, valkey: Valkey, start: Start
    ) -> None:
        killed = worker(start)
        ping(valkey, "one")
        wait_until(lambda: at_of("ping:one") is not None)
        os.killpg(killed.pid, signal.SIGKILL)
        # until the server has noticed, it hands messages to the dead: only ticks help
        wait_until(lambda: blocked_clients(valkey) == 0)

        ping(valkey, "two")
        worker(start)

        wait_until(lambda: at_of("ping:two") is not None)


class TestBeat:
    def test_ticks_within_seconds_of_its_start(self, start: Start) -> None:
        worker(start)
        start(
            "-m", "celery", "-A", "crm", "beat", CRM_TICK_SECONDS="3600"
        )  # the distance does not matter for the first one

        wait_until(lambda: at_of("beat") is not None)

    def test_two_of_them_and_a_flush_lose_and_double_nothing(
        self, valkey: Valkey, start: Start
    ) -> None:
        worker(start)
        beat(start)
        beat(start)
        wait_for_tick()

        valkey.client().flushall()

        wait_for_tick()
        assert Heartbeat.objects.filter(name="beat").count() == 1


class TestFrozenBroker:
    def test_holds_a_request_up_once_and_not_for_long(
        self, valkey: Valkey, start: Start
    ) -> None:
        valkey.signal(signal.SIGSTOP)

        program = start("-c", ASK_TWICE)
        said = program.communicate(timeout=60)[0].decode().split()

        assert 0 < float(said[0]) <= 15
        assert float(said[1]) < 0.5
        assert program.returncode == 0
