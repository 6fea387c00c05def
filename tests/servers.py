"""A PostgreSQL and a Valkey of the test run's own, when the environment names none.

The process that pytest was started as owns them; the workers of pytest-xdist inherit the
environment that it sets. A second run in the same checkout gets a temporary folder.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from crm.embedded import locks, places, servers

CHOSEN = "CRM_TESTS_STATE_CHOSEN"
STATE = "CRM_STATE_DIR"
BASE = Path(__file__).parents[1]

REFUSALS = servers.REFUSALS

_running: list[servers.Servers] = []


def choose_place() -> dict[str, str]:
    """Return the environment that points the settings at a state folder of this run's own."""
    if "PYTEST_VERSION" not in os.environ:  # a type checker reads the settings
        return {STATE: str(_usual_folder())}
    if CHOSEN in os.environ:
        return {}
    return {STATE: str(_own_folder()), CHOSEN: str(os.getpid())}


def start() -> None:
    """Start what the environment does not name, in the owning process alone.

    Nothing there has to outlive a crash, so nothing is flushed to disk; a state that a
    killed run left unusable is thrown away.
    """
    parts = servers.embedded_parts()
    if os.environ.get(CHOSEN) != str(os.getpid()) or not parts or _running:
        return
    where = places.find(base=BASE)
    own = servers.Servers(where, parts=parts, durable=False)
    try:
        own.start()
    except servers.ServerRefusedError:
        shutil.rmtree(where.database, ignore_errors=True)
        own.start()
    _running.append(own)
    os.environ.update(_addresses(where, parts))
    atexit.register(stop)


def stop() -> None:
    """Stop what this process started."""
    while _running:
        _running.pop().stop()


def _addresses(where: places.Places, parts: servers.Parts) -> dict[str, str]:
    """Return what tests that start processes of their own pass on to them."""
    urls = {"postgres": where.database_url, "valkey": where.valkey_url}
    return {servers.URLS[part]: urls[part] for part in parts}


def _usual_folder() -> Path:
    return Path(os.environ.get(STATE) or BASE / "var").absolute() / "tests"


def _own_folder() -> Path:
    usual = _usual_folder()
    usual.mkdir(parents=True, exist_ok=True)
    try:
        locks.take(usual / "lock")  # freed when this process ends
    except locks.LockedError:
        usual = Path(tempfile.mkdtemp(prefix="crm-tests-"))
        atexit.register(shutil.rmtree, usual, ignore_errors=True)
    return usual
