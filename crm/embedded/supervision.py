"""supervisord as a child of `manage.py up`: starts programs, tells of their deaths, ends all."""

import contextlib
import http.client
import os
import re
import shlex
import signal
import subprocess
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from supervisor.xmlrpc import SupervisorTransport

from crm.embedded import leash, programs
from crm.embedded.places import Places

CONFIGURATION = Path(__file__).with_name("supervisord.conf")
GROUPS = {
    "postgres": "servers",
    "valkey": "servers",
    "web": "product",
    "worker": "product",
    "beat": "product",
}
UP_WITHIN = 20
LISTEN_EVERY = 0.1
NO_WAIT = False
UNHEARD = (OSError, xmlrpc.client.Error, http.client.HTTPException)
STOP_WITHIN = 9
"""Seconds after which whatever is left is killed; the programs' own limits sum up to less."""

DEATH = re.compile(r"exited: (\w+) \((.*); (?:not )?expected\)")
GIVEN_UP = re.compile(r"gave up: (\w+) entered FATAL state")


class SupervisionRefusedError(Exception):
    """The supervisor did not start; the text holds what it said."""


class Supervision:
    """One running supervisord and what it says."""

    def __init__(self, where: Places, *, say: Callable[[str], None]) -> None:
        self.places = where
        self.given_up = ""
        self._say = say
        self._is_ending = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        commands: Mapping[str, list[str]],
        *,
        environment: Mapping[str, str],
        passed: tuple[int, ...],
    ) -> None:
        """Start supervisord with these programs, none of them started yet.

        :param environment: what the programs see besides our own environment.
        :param passed: open files that it inherits.
        :raises SupervisionRefusedError: when it does not come up.
        """
        heard = self.places.run / "supervisord.out"
        with heard.open("w") as output:  # a file: a pipe would break when we are killed
            self._process = subprocess.Popen(  # noqa: S603 -- our own argument list
                programs.leashed(
                    [
                        *programs.PYTHON,
                        "supervisor.supervisord",
                        "-c",
                        str(CONFIGURATION),
                    ],
                    options=tuple(f"--keep={number}" for number in passed),
                ),
                cwd=Path(__file__).parents[2],
                env=os.environ | self._variables(commands) | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=passed,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, args=(heard,), daemon=True).start()
        self._await_control()

    def launch(self, *names: str) -> None:
        """Start the named programs, without waiting for them."""
        for name in names:
            self._ask("startProcess", f"{GROUPS[name]}:{name}", NO_WAIT)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End all programs, then supervisord; whatever lingers is killed."""
        self._is_ending = True
        if self._process is None:
            return
        groups: list[int] = []
        with contextlib.suppress(*UNHEARD):
            groups = self._process_groups()
        self._process.terminate()
        with contextlib.suppress(*UNHEARD):  # it looks at signals but once a second
            self._ask("shutdown")
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._kill(groups, self._process)

    def _process_groups(self) -> list[int]:
        """Return the programs' process ids: each leads a group of its own."""
        programs_found = cast("list[dict[str, int]]", self._ask("getAllProcessInfo"))
        return [found["pid"] for found in programs_found if found["pid"]]

    def _kill(self, groups: list[int], supervisor: subprocess.Popen[bytes]) -> None:
        for group in groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        supervisor.kill()
        supervisor.wait()

    def _ask(self, what: str, *arguments: str | bool) -> object:
        transport = SupervisorTransport(
            None, None, serverurl=f"unix://{self.places.control_socket}"
        )
        try:
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            answer: object = getattr(proxy.supervisor, what)(*arguments)
        finally:
            transport.close()
        return answer

    def _variables(self, commands: Mapping[str, list[str]]) -> dict[str, str]:
        lines = {name: shlex.join(commands.get(name, ["false"])) for name in GROUPS}
        return {
            "CRM_UP_CONTROL": str(self.places.control_socket),
            "CRM_UP_LOGS": str(self.places.logs),
            "CRM_UP_RUN": str(self.places.run),
            leash.PARENT: str(os.getpid()),
            **{f"CRM_UP_{name.upper()}": line for name, line in lines.items()},
        }

    def _await_control(self) -> None:
        until = time.monotonic() + UP_WITHIN
        while self.is_running and time.monotonic() < until:
            try:
                self._ask("getState")
            except UNHEARD:
                time.sleep(0.02)
            else:
                return
        heard = (self.places.run / "supervisord.out").read_text()
        raise SupervisionRefusedError(f"The supervisor did not start:\n{heard}")

    def _listen(self, heard: Path) -> None:
        with heard.open() as output:
            while not self._is_ending:
                line = output.readline()
                if line:
                    self._hear(line)
                else:
                    time.sleep(LISTEN_EVERY)

    def _hear(self, line: str) -> None:
        if died := DEATH.search(line):
            self._say(f"{died[1]} ended ({died[2]}). It is started again.")
        elif given_up := GIVEN_UP.search(line):
            self.given_up = given_up[1]
