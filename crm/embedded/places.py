"""Where the embedded servers keep their state and sockets; no server is started here."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SOCKET_PATH_LIMIT = 100
"""Bytes a unix socket path may have; the kernel allows about 107."""

LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"

SHORT_PARENT = Path("/tmp")  # noqa: S108 -- TMPDIR may differ between two commands; the folder inside is private
"""Where a short socket folder is made; the same for every command of one user."""


class PlaceRefusedError(Exception):
    """A folder cannot be used; the text names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folders of one checkout's embedded servers."""

    state: Path
    sockets: Path

    @property
    def database(self) -> Path:
        return self.state / "postgres"

    @property
    def valkey(self) -> Path:
        return self.state / "valkey"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def run(self) -> Path:
        return self.state / "run"

    @property
    def database_url(self) -> str:
        return f"postgresql://crm@{quote(str(self.sockets), safe='')}/crm"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def valkey_url(self) -> str:
        return f"unix://{quote(str(self.valkey_socket))}?db=0"

    @property
    def control_socket(self) -> Path:
        return self.sockets / "up.sock"


def find(*, base: Path) -> Places:
    """Return the places: CRM_STATE_DIR or `var` below the base.

    Sockets lie in the state folder, or in a short private folder where that path
    would be too long for a unix socket or holds a comma.
    """
    state = Path(os.environ.get("CRM_STATE_DIR") or base / "var").absolute()
    sockets = state / "run"
    longest = sockets / LONGEST_SOCKET_NAME
    is_list_of_hosts = "," in str(sockets)  # to PostgreSQL's clients
    if is_list_of_hosts or len(os.fsencode(longest)) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
        sockets = SHORT_PARENT / f"crm-{os.getuid()}-{digest}"
    return Places(state=state, sockets=sockets)


def prepare(places: Places) -> None:
    """Make the folders that are missing; those of sockets and locks private to this user.

    :raises PlaceRefusedError: when a folder cannot be made, or one that holds sockets
        belongs to somebody else or is open to others. Permissions are never changed.
    """
    try:
        places.logs.mkdir(parents=True, exist_ok=True)
        for private in (places.run, places.sockets):
            private.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise PlaceRefusedError(
            f"Cannot make {error.filename}: {error.strerror}. "
            "Name a folder of your own with CRM_STATE_DIR."
        ) from None
    for private in (places.run, places.sockets):
        _refuse_unless_private(private)


def _refuse_unless_private(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PlaceRefusedError(
            f"{folder} is not a folder of yours. "
            "Remove it, or name another state folder with CRM_STATE_DIR."
        )
    if found.st_mode & 0o077:
        raise PlaceRefusedError(
            f"{folder} is open to others, but holds the sockets of your servers. "
            f"Close it: chmod 700 '{folder}'"
        )
