"""Where the embedded servers keep their state and sockets; no server is started here."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SOCKET_PATH_LIMIT = 100
"""Bytes a unix socket path may have; the kernel allows about 107."""

LONGEST_SOCKET_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True, kw_only=True)
class Places:
    """The folders of one checkout's embedded servers."""

    state: Path
    sockets: Path

    @property
    def database_url(self) -> str:
        return f"postgresql://crm@{quote(str(self.sockets), safe='')}/crm"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"


def find(*, base: Path) -> Places:
    """Return the places: CRM_STATE_DIR or `var` below the base.

    Sockets lie in the state folder, or in a short private folder where that path
    would be too long for a unix socket.
    """
    state = Path(os.environ.get("CRM_STATE_DIR") or base / "var").absolute()
    sockets = state / "run"
    longest = sockets / LONGEST_SOCKET_NAME
    if len(os.fsencode(longest)) > SOCKET_PATH_LIMIT:
        digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
        sockets = Path(tempfile.gettempdir()) / f"crm-{os.getuid()}-{digest}"
    return Places(state=state, sockets=sockets)
