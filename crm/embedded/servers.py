"""Starts both embedded servers as children of this process, for tests and single commands.

A running product has them under a supervisor instead: see `supervision`.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from crm.embedded import leash, places, postgres, programs, valkey

READY_WITHIN = 60
"""Seconds; recovery after a crash takes the longest."""

STOP_WITHIN = 8
LOG_LIMIT = 10_000_000
"""Bytes after which a log of single commands starts anew."""


Parts = frozenset[str]
"""Which of `postgres` and `valkey` are embedded."""

URLS = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}


class ServerRefusedError(Exception):
    """A server did not start; the text holds the end of its log."""


REFUSALS = (
    places.PlaceRefusedError,
    postgres.PostgresRefusedError,
    valkey.ValkeyRefusedError,
    ServerRefusedError,
)
"""All reasons for which servers do not start; their texts are for people."""


def embedded_parts() -> Parts:
    """Return the servers for which the environment names none of the person's own."""
    named = {name.removesuffix("_FILE") for name, value in os.environ.items() if value}
    return frozenset(part for part, url in URLS.items() if url not in named)


class Servers:
    """PostgreSQL and Valkey of one state folder, running until `stop`."""

    def __init__(
        self, where: places.Places, *, parts: Parts, durable: bool = True
    ) -> None:
        self.places = where
        self.parts = parts
        self.durable = durable
        self._running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []

    def start(self) -> None:
        """Start both and wait until both answer.

        :raises PlaceRefusedError, PostgresRefusedError, ValkeyRefusedError: when one
            cannot run here.
        :raises ServerRefusedError: when one did not come up.
        """
        places.prepare(self.places)
        try:
            if "postgres" in self.parts:
                self._launch_postgres()
            if "valkey" in self.parts:
                self._launch_valkey()
            self._wait_for_all()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End both, by force when they linger."""
        for process, wanted in self._running:
            process.send_signal(wanted)
        for process, _ in self._running:
            try:
                process.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def _launch_postgres(self) -> None:
        binaries = postgres.find()
        postgres.make_cluster(self.places, binaries)
        command = programs.database(self.places, binaries, durable=self.durable)
        self._launch("postgres", command, signal.SIGINT)

    def _launch_valkey(self) -> None:
        program = valkey.find()
        valkey.configure(self.places, durable=self.durable)
        self._launch("valkey", programs.broker(self.places, program), signal.SIGTERM)

    def _launch(self, name: str, command: list[str], ending: signal.Signals) -> None:
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 -- our own argument list
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ | {leash.PARENT: str(os.getpid())},
            )
        self._running.append((process, ending))

    def _log(self, name: str) -> Path:
        log = self.places.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.unlink()
        return log

    def _wait_for_all(self) -> None:
        if "postgres" in self.parts:
            self._wait(postgres.answers, "postgres")
        if "valkey" in self.parts:
            self._wait(valkey.answers, "valkey")

    def _wait(self, answers: Callable[[places.Places], bool], name: str) -> None:
        until = time.monotonic() + READY_WITHIN
        while not answers(self.places):
            ended = any(process.poll() is not None for process, _ in self._running)
            if ended or time.monotonic() > until:
                tail = "\n".join(self._log(name).read_text().splitlines()[-10:])
                raise ServerRefusedError(f"{name} did not start:\n{tail}")
            time.sleep(0.03)
