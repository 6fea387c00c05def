"""On the demo's data, many times as large: the queries of every list, recorded, the same for any page.

`BUDGETS=write pytest tests/crm/demo/test_api_budgets.py` rewrites tests/budgets.json; look at the
difference. A new list is found by its address and has to be recorded.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.demo import operations
from tests import doors
from tests.bench.multiply import multiply
from tests.crm.web.api.conftest import TokenCaller, program

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
BUDGETS = Path(__file__).parents[2] / "budgets.json"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SIZES = (2, 20, 200)
EMPTY = {
    "/api/v1/deal-imports/<int:batch>/rows/",
    "/api/v1/partner-imports/<int:batch>/rows/",
}
"""Lists of something the demo has none of: it imports nothing."""


def queries_of(api: TokenCaller, path: str) -> tuple[list[int], int]:
    """Return how many queries a page of each size costs, and the rows of the largest."""
    counts, rows = [], 0
    for limit in SIZES:
        query: dict[str, str] = {"limit": str(limit), **doors.NEEDED.get(path, {})}
        with CaptureQueriesContext(connection) as asked:
            answer = api.get(path, query)
        assert answer.status_code == 200, f"{path}: {answer.content!r}"
        counts.append(len(asked))
        rows = len(answer.json()["results"])
    return counts, rows


def test_every_list_costs_what_is_recorded_however_long_the_page(
    tmp_path: Path, settings: Any
) -> None:
    settings.USAGE_STORE = tmp_path
    assert operations.seed_demo(seed=2026, at=AT, say=lambda _text: None)
    everyone = User.objects.get(email="ivan@demo.example")
    everyone.groups.set(Group.objects.filter(name__in=Role.values))
    api = program(everyone)
    addresses = {
        path: doors.filled(path, door)
        for path, door in sorted(doors.lists().items())
        if path not in EMPTY
    }
    multiply(25, below=500)
    api.get("/api/v1/partners/")  # notes the use of the token

    counts = {path: queries_of(api, address) for path, address in addresses.items()}

    costs = {path: seen for path, (seen, _rows) in counts.items()}
    assert {path: seen for path, seen in costs.items() if len(set(seen)) > 1} == {}
    long = [path for path, (_seen, rows) in counts.items() if rows == max(SIZES)]
    assert len(long) >= 15, "few lists of the demo are long enough to tell"
    found = {path: seen[0] for path, seen in costs.items()}
    if os.environ.get("BUDGETS") == "write":
        BUDGETS.write_text(json.dumps({"api lists": found}, indent=2) + "\n")
    recorded = json.loads(BUDGETS.read_text())
    assert found == recorded["api lists"], "BUDGETS=write rewrites tests/budgets.json"
