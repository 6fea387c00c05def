"""A program on the leash: the same process, with its lock, gone with its parent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.embedded import leash, locks, programs
from tests.faults.processes import eventually

SAY_ID = [sys.executable, "-c", "import os; print(os.getpid())"]
WAIT = [sys.executable, "-c", "input()"]
PARENT = """
import subprocess, sys, time
subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
time.sleep(60)
"""


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own arguments
        command,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


class TestLeash:
    def test_becomes_the_program(self) -> None:
        with subprocess.Popen(  # noqa: S603 -- our own arguments
            programs.leashed(SAY_ID), stdout=subprocess.PIPE, text=True
        ) as process:
            said, _ = process.communicate(timeout=20)

        assert int(said) == process.pid

    def test_holds_the_lock_while_the_program_runs(self, tmp_path: Path) -> None:
        lock = tmp_path / "lock"
        command = programs.leashed(WAIT, options=("--lock", str(lock)))

        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 -- our own arguments
            assert eventually(lambda: locks.is_held(lock), within=5)
            process.communicate(b"\n", timeout=20)

        assert locks.is_free(lock)

    def test_refuses_a_lock_that_is_held(self, tmp_path: Path) -> None:
        lock = tmp_path / "lock"
        options = ("--lock", str(lock), "--patience", "0.2")

        with locks.held(lock):
            refused = run(programs.leashed(SAY_ID, options=options))

        assert refused.returncode == leash.STILL_LOCKED
        assert "still running" in refused.stderr

    def test_removes_what_a_killed_predecessor_left(self, tmp_path: Path) -> None:
        stale = tmp_path / "postmaster.pid"
        stale.write_text("1234")

        run(programs.leashed(SAY_ID, options=("--remove", str(stale))))

        assert not stale.exists()

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own signal")
    def test_does_not_run_without_its_parent(self) -> None:
        refused = run(programs.leashed(SAY_ID), **{leash.PARENT: "1"})

        assert refused.returncode == 1
        assert "already ended" in refused.stderr

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own signal")
    def test_ends_with_its_parent(self, tmp_path: Path) -> None:
        lock = tmp_path / "lock"
        child = programs.leashed(WAIT, options=("--lock", str(lock)))

        with subprocess.Popen([sys.executable, "-c", PARENT, *child]) as parent:  # noqa: S603 -- our own arguments
            assert eventually(lambda: locks.is_held(lock), within=5)
            parent.kill()

        assert eventually(lambda: locks.is_free(lock), within=5)
