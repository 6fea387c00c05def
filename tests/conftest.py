"""What all tests share: their servers and an append-only journal that may be flushed."""

import os

import hypothesis
import pytest

from tests import servers
from tests.append_only import flush_empties_append_only_tables, flush_keeps_roles

__all__ = ["flush_empties_append_only_tables", "flush_keeps_roles"]


# the same examples in every run, so that what fails for one fails for all; others are
# looked for with HYPOTHESIS_PROFILE=searching
hypothesis.settings.register_profile("usual", derandomize=True, database=None)
hypothesis.settings.register_profile("searching", print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def pytest_configure() -> None:
    try:
        servers.start()
    except servers.REFUSALS as refusal:
        pytest.exit(str(refusal), returncode=1)


def pytest_unconfigure() -> None:
    servers.stop()
