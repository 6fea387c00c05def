"""What all tests share: their servers and an append-only journal that may be flushed."""

import pytest

from tests import servers
from tests.append_only import flush_empties_append_only_tables, flush_keeps_roles

__all__ = ["flush_empties_append_only_tables", "flush_keeps_roles"]


def pytest_configure() -> None:
    try:
        servers.start()
    except servers.REFUSALS as refusal:
        pytest.exit(str(refusal), returncode=1)


def pytest_unconfigure() -> None:
    servers.stop()
