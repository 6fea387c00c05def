"""What all tests share: their servers and an append-only journal that may be flushed."""

import math
import os
from typing import Any

import hypothesis
import pytest

from crm.accounts import credentials
from crm.demo import notice
from tests import servers
from tests.append_only import flush_empties_append_only_tables, flush_keeps_roles

__all__ = ["flush_empties_append_only_tables", "flush_keeps_roles"]


# the same examples in every run, so that what fails for one fails for all; others are
# looked for with HYPOTHESIS_PROFILE=searching
hypothesis.settings.register_profile("usual", derandomize=True, database=None)
hypothesis.settings.register_profile("searching", print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Ask what a process asks now and then, not at each request: no test counts it.

    What permissions are called is read once; whether there is demo data, every half minute, which
    a test that counts queries would meet by chance.
    """
    notice.REMEMBER_SECONDS = math.inf
    notice.MEMORY = notice.Memory()
    with django_db_blocker.unblock():
        credentials.names_of_permissions()
        notice.MEMORY.has_demo()


def pytest_configure() -> None:
    try:
        servers.start()
    except servers.REFUSALS as refusal:
        pytest.exit(str(refusal), returncode=1)


def pytest_unconfigure() -> None:
    servers.stop()
