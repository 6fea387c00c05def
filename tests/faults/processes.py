"""Starts `manage.py up` as a person does and looks at the processes that live because of it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
PYTHON = (sys.executable, "-u", str(ROOT / "manage.py"))
HEALTHY = "Ctrl-C ends it."
UP_WITHIN = 250
"""A busy machine takes ten times as long as an idle one."""
LEFT_OUT = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "CRM_PORT"}


def environment(state: Path) -> dict[str, str]:
    """Return an environment in which everything is embedded below that folder."""
    kept = {name: text for name, text in os.environ.items() if name not in LEFT_OUT}
    return kept | {"CRM_STATE_DIR": str(state), "CRM_DEMO": "no"}


def manage(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(  # noqa: S603 -- our own arguments
        [*PYTHON, *arguments],
        env=environment(state),
        capture_output=True,
        text=True,
        timeout=UP_WITHIN,
        check=False,
    )


def begin(state: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start one command and do not wait for it."""
    return subprocess.Popen(  # noqa: S603 -- our own arguments
        [*PYTHON, *arguments], env=environment(state), stdin=subprocess.DEVNULL
    )


def of_state(state: Path) -> set[int]:
    """Return the ids of all processes that live because of the state folder.

    Their environment names it, or they work in it: PostgreSQL overwrites the former.
    """
    return {
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and _belongs(process, state)
    }


def eventually(is_true: Callable[[], bool], *, within: float) -> bool:
    """Tell whether it became true in so many seconds."""
    until = time.monotonic() + within
    while not is_true():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


class Up:
    """`manage.py up` of one state folder, ended with the block."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self.state = state
        self._output = state.with_name(f"{state.name}.out")
        with self._output.open("w") as output:
            self.process = subprocess.Popen(  # noqa: S603 -- our own arguments
                [*PYTHON, "up", *arguments],
                env=environment(state),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(15)

    @property
    def said(self) -> str:
        return self._output.read_text()

    def until_healthy(self) -> Self:
        """Wait until it says so."""
        eventually(
            lambda: HEALTHY in self.said or self.process.poll() is not None,
            within=UP_WITHIN,
        )
        assert HEALTHY in self.said, self.said
        return self

    @property
    def supervisor(self) -> int:
        (found,) = children_of(self.process.pid)
        return found

    def program(self, words: str) -> int:
        """Return the supervisor's child whose command line has the words."""
        (found,) = [
            number
            for number in children_of(self.supervisor)
            if words in _command_line(number)
        ]
        return found

    def kill_everything(self) -> None:
        """Kill again and again what is still there, without a chance to tidy up."""
        while found := of_state(self.state):
            for number in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            self.process.wait(15)


def children_of(number: int) -> set[int]:
    """Return the ids of a process's children."""
    listed = Path(f"/proc/{number}/task/{number}/children").read_text()
    return {int(child) for child in listed.split()}


def _command_line(number: int) -> str:
    return Path(f"/proc/{number}/cmdline").read_text().replace("\0", " ")


def _belongs(process: Path, state: Path) -> bool:
    try:
        named = f"CRM_STATE_DIR={state}\0" in (process / "environ").read_text()
        return named or (process / "cwd").readlink().is_relative_to(state)
    except (OSError, UnicodeDecodeError):
        return False
