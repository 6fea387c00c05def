"""Every address that answers GET, on the demo times one hundred, asked by somebody with every role."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.demo import operations as demo
from tests import doors
from tests.bench.bench_api import token_of
from tests.bench.harness import Figure, Goal, case
from tests.bench.multiply import multiply

TIMES = 100
ASKED = 20
MOST_MS = 300
FEED = "changes"
"""Has an order of its own."""


def p95(client: Client, path: str, query: dict[str, str]) -> float:
    """Return the milliseconds within which 19 of 20 answers came."""
    taken = []
    for _number in range(ASKED):
        begun = time.perf_counter()
        answer: Any = client.get(path, query)
        if answer.status_code not in {200, 404}:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:500]!r}")
        taken.append((time.perf_counter() - begun) * 1_000)
        if len(taken) == 3 and min(taken) > 10 * MOST_MS:
            break
    return sorted(taken)[max(0, len(taken) * 95 // 100 - 1)]


def asked() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield all lists, with the orderings they offer, and all details."""
    for path, door in doors.lists().items():
        address, needed = doors.filled(path, door), doors.NEEDED.get(path, {})
        yield address, needed
        for name in door.orderings if door.plural != FEED else ():
            for sign in ("", "-"):
                yield address, {**needed, "ordering": f"{sign}{name}"}
    for path, door in doors.details().items():
        yield doors.filled(path, door), {}


def made_large(folder: str, times: int) -> User:
    """Seed the demo, multiply it; return somebody with every role."""
    with override_settings(USAGE_STORE=folder):
        demo.seed_demo(seed=2026, at=timezone.now(), say=lambda _text: None)
    everyone = User.objects.get(email="ivan@demo.example")
    everyone.groups.set(Group.objects.filter(name__in=Role.values))
    rows = multiply(times)
    sys.stdout.write(f"api_sizes: {rows:,} rows more\n")
    return everyone


@case
def api_sizes(scale: float) -> Iterator[Figure]:
    """Find the slowest of all lists and details."""
    with ExitStack() as stack:
        folder = tempfile.mkdtemp()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        everyone = made_large(folder, max(2, int(TIMES * scale)))
        client = Client(
            headers={
                "Authorization": f"Bearer {token_of(everyone)}",
                "Host": "localhost",
            }
        )
        seen = {
            (path, query.get("ordering", "")): p95(client, path, query)
            for path, query in asked()
        }
    slowest = sorted(seen.items(), key=lambda item: -item[1])
    for (path, ordering), taken in slowest[:12]:
        sys.stdout.write(f"    {taken:8.1f} ms  {path} {ordering}\n")
    yield Figure(
        name=f"api: p95 of the slowest of {len(seen)} lists and details",
        ours=slowest[0][1],
        baseline=MOST_MS,
        unit="ms",
        goal=Goal(at_most=1.0),
    )
    connection.close()
