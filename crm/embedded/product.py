"""The whole product on one machine: servers, database, web server, worker and beat.

`run` is `manage.py up`: it prepares everything, starts it under the supervisor, waits
until all is well, says where it is, and ends it on a signal.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import FrameType

from django.conf import settings
from django.db import connection

from crm.embedded import (
    addresses,
    health,
    locks,
    outside,
    owner,
    places,
    postgres,
    preparation,
    programs,
    servers,
    supervision,
    valkey,
)

REFUSALS = (
    *servers.REFUSALS,
    addresses.AddressRefusedError,
    outside.OutsideRefusedError,
    preparation.PreparationRefusedError,
    supervision.SupervisionRefusedError,
)
"""All reasons for which the product does not start; their texts are for people."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- compared, not bound
FIRST_PAGE_WITHIN = 10
"""Seconds that the web server has the processors for itself at the start."""

HEALTHY_WITHIN = 60
LOOK_EVERY = 0.2


class UpRefusedError(Exception):
    """The product cannot run, or stopped by itself; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the person asked for."""

    host: str
    port: int | None
    demo: bool
    migrate: bool = True
    durable: bool = True


@dataclass(frozen=True, kw_only=True)
class Running:
    """The product while it runs."""

    host: str
    port: int
    started_at: datetime
    supervision: supervision.Supervision

    @property
    def address(self) -> str:
        """Return the address for a browser on this machine."""
        named = "localhost" if self.host in {*EVERYWHERE, "127.0.0.1"} else self.host
        return f"http://{named}:{self.port}/"

    def status_of(self, page: str) -> int:
        """Return the page's HTTP status, 0 when the web server does not answer."""
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return health.status_of(page, host=host, port=self.port)

    def answers(self) -> bool:
        return self.status_of("/healthz") == HTTPStatus.OK


@contextmanager
def running(
    where: places.Places, wish: Wish, say: Callable[[str], None]
) -> Iterator[Running]:
    """Have web server, worker and beat started for the block; they may not answer yet.

    :raises REFUSALS, UpRefusedError: when the product cannot run.
    """
    places.prepare(where)
    with (
        _owning(where, say) as owned,
        addresses.listen(wish.host, port=wish.port) as listening,
    ):
        port: int = listening.getsockname()[1]
        if wish.port is None and port != addresses.USUAL_PORT:
            say(f"Port {addresses.USUAL_PORT} is taken; using {port}.")
        found = Running(
            host=wish.host,
            port=port,
            started_at=datetime.now(UTC),
            supervision=supervision.Supervision(where, say=say),
        )
        try:
            _start(found, wish, say, passed=(listening.fileno(), owned))
            yield found
        finally:
            with _ignoring_signals():
                connection.close()
                found.supervision.stop()


def wait_until_healthy(found: Running) -> list[str]:
    """Wait for all of them and return the names of those that do not answer in time.

    :raises UpRefusedError: when one cannot be kept running.
    """
    ran = health.ask_worker()
    ticked = health.beat_ticked_since(found.started_at)
    questions: dict[str, Callable[[], bool]] = {
        "web": found.answers,
        "worker": ran,
        "beat": ticked,
    }
    until = time.monotonic() + HEALTHY_WITHIN
    while questions and time.monotonic() < until:
        _refuse_what_gave_up(found.supervision)
        questions = {name: ask for name, ask in questions.items() if not ask()}
        time.sleep(health.LOOK_EVERY)
    return list(questions)


def wait_for_the_end(found: Running) -> None:
    """Return never: wait until a signal raises KeyboardInterrupt.

    :raises UpRefusedError: when a program cannot be kept running.
    """
    while True:
        _refuse_what_gave_up(found.supervision)
        time.sleep(LOOK_EVERY)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt the block as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _ignoring_signals() -> Iterator[None]:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDINGS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _owning(where: places.Places, say: Callable[[str], None]) -> Iterator[int]:
    found = owner.current(where)
    if found and found[0] == "up":
        raise UpRefusedError(
            f"The product already runs here (process {found[1]}). Stop that one first, "
            "or use another checkout or another CRM_STATE_DIR."
        )
    if found:
        say("Waiting for the command that uses the database to end …")
    try:
        with owner.owning(where, role="up", patience=owner.PATIENCE) as owned:
            yield owned
    except locks.LockedError:
        raise UpRefusedError(
            f"Another command still uses the servers in {where.state}."
        ) from None


def _start(
    found: Running, wish: Wish, say: Callable[[str], None], *, passed: tuple[int, int]
) -> None:
    """Start everything in order; the first of the passed files is the web server's."""
    supervisor, where = found.supervision, found.supervision.places
    parts = servers.embedded_parts()
    commands = _server_commands(where, parts, wish, say) | {
        "web": programs.web(listening=passed[0]),
        "worker": programs.worker(),
        "beat": programs.beat(),
    }
    public = os.environ.get("PUBLIC_URL") or found.address
    supervisor.start(commands, environment={"PUBLIC_URL": public}, passed=passed)
    supervisor.launch(*sorted(parts))
    _wait_for_servers(where, parts, supervisor)
    preparation.prepare(migrate=wish.migrate, demo=wish.demo, say=say)
    supervisor.launch("web")
    health.wait_until(found.answers, within=FIRST_PAGE_WITHIN)
    supervisor.launch("worker", "beat")


def _server_commands(
    where: places.Places, parts: servers.Parts, wish: Wish, say: Callable[[str], None]
) -> dict[str, list[str]]:
    commands = {}
    if "postgres" in parts:
        binaries = postgres.find()
        if not where.database.exists():
            say("Making the database …")
        postgres.make_cluster(where, binaries)
        commands["postgres"] = programs.database(where, binaries, durable=wish.durable)
    else:
        outside.check_database()
    if "valkey" in parts:
        program = valkey.find()
        valkey.configure(where, durable=wish.durable)
        commands["valkey"] = programs.broker(where, program)
    else:
        outside.check_broker(settings.REDIS_URL)
    return commands


def _wait_for_servers(
    where: places.Places, parts: servers.Parts, supervisor: supervision.Supervision
) -> None:
    questions = {"postgres": postgres.answers, "valkey": valkey.answers}
    for name in sorted(parts):
        until = time.monotonic() + servers.READY_WITHIN
        while not questions[name](where):
            _refuse_what_gave_up(supervisor)
            if time.monotonic() > until:
                raise UpRefusedError(f"{name} does not answer. See {where.logs}.")
            time.sleep(0.03)


def _refuse_what_gave_up(supervisor: supervision.Supervision) -> None:
    name = supervisor.given_up
    if name:
        log = supervisor.places.logs / f"{name}.log"
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise UpRefusedError(
            f"{name} cannot be kept running. The end of {log}:\n{tail}"
        )
    if not supervisor.is_running:
        raise UpRefusedError("The supervisor was killed. Everything has been stopped.")
