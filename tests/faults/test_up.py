"""`manage.py up` with real processes: killed in part, killed whole, started twice, ended."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crm.embedded import health
from tests.faults import processes
from tests.faults.processes import Up, eventually, of_state

pytestmark = [
    pytest.mark.faults,
    pytest.mark.enable_socket,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

STOPPED_WITHIN = 10
GONE_WITHIN = 60
"""After a kill nobody forces the end: each program takes the time it may."""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "with a blank" / "state"
    folder.parent.mkdir()
    yield folder
    assert eventually(lambda: of_state(folder) == set(), within=GONE_WITHIN)


def page(up: Up) -> int:
    """Return the status of the page that tells whether everything is there."""
    address = next(word for word in up.said.split() if word.startswith("http://"))
    port = urlsplit(address).port
    return health.status_of("/readyz", host="127.0.0.1", port=port or 80)


class TestUp:
    def test_serves_restarts_what_dies_and_ends_on_a_signal(self, state: Path) -> None:
        with Up(state) as up:
            up.until_healthy()
            assert page(up) == 200

            for words in (
                "fd://",
                "valkey-server",
                "bin/postgres",
                "celery -A crm beat",
            ):
                os.kill(up.program(words), signal.SIGKILL)
            told = lambda: up.said.count("It is started again.") == 4  # noqa: E731
            assert eventually(told, within=60), up.said
            assert eventually(lambda: page(up) == 200, within=60)

            up.process.terminate()
            assert up.process.wait(STOPPED_WITHIN) == 0
            assert of_state(state) == set()
        assert up.said.rstrip().endswith("Stopped.")

    @pytest.mark.long
    def test_recovers_after_everything_was_killed(self, state: Path) -> None:
        assert processes.manage(state, "migrate", "-v0").returncode == 0
        with Up(state) as up:
            up.until_healthy()
            up.kill_everything()
        with Up(state) as again:
            again.until_healthy()
            assert page(again) == 200
            again.process.send_signal(signal.SIGINT)
            assert again.process.wait(STOPPED_WITHIN) == 0

    @pytest.mark.long
    @pytest.mark.parametrize("victim", ["up", "supervisor"])
    def test_leaves_nothing_behind_when_its_head_is_killed(
        self, state: Path, victim: str
    ) -> None:
        with Up(state) as up:
            up.until_healthy()
            os.kill(up.process.pid if victim == "up" else up.supervisor, signal.SIGKILL)
            up.process.wait(STOPPED_WITHIN)
            assert eventually(lambda: of_state(state) == set(), within=GONE_WITHIN)

    @pytest.mark.long
    def test_runs_once_for_one_state_folder_and_serves_its_commands(
        self, state: Path
    ) -> None:
        with Up(state) as up:
            up.until_healthy()

            second = processes.manage(state, "up")
            command = processes.manage(state, "migrate", "--check")

            assert second.returncode == 1
            assert "already runs here" in second.stderr
            assert command.returncode == 0
            assert page(up) == 200

    def test_refuses_a_taken_port_that_was_asked_for(self, state: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])

            refused = processes.manage(state, "up", "--port", port)

        assert refused.returncode == 1
        assert f"Port {port} is taken" in refused.stderr


class TestCheck:
    def test_verifies_each_part_and_leaves_nothing(self, state: Path) -> None:
        checked = processes.manage(state, "up", "--check")

        lines = checked.stdout.splitlines()
        assert [line.split()[:2] for line in lines] == [
            ["ok", part]
            for part in ("database", "web", "page", "worker", "beat", "stop")
        ]
        assert checked.returncode == 0


class TestSingleCommands:
    def test_have_servers_for_their_own_duration(self, state: Path) -> None:
        assert processes.manage(state, "migrate", "-v0").returncode == 0

        assert of_state(state) == set()

    def test_that_need_no_database_start_none(self, state: Path) -> None:
        assert processes.manage(state, "check").returncode == 0

        assert not (state / "postgres").exists()

    def test_at_the_same_time_share_one_pair_of_servers(self, state: Path) -> None:
        sleep = "import time; from django.db import connection as c; c.ensure_connection(); time.sleep(2)"
        commands = [processes.begin(state, "shell", "-v0", "-c", sleep) for _ in "abc"]

        outcomes = [command.wait(processes.UP_WITHIN) for command in commands]

        assert outcomes == [0, 0, 0]
