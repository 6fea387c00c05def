"""The API beside what one would write otherwise: stock DRF, and a plain view with raw SQL.

Three servers (gunicorn, one worker each) read the same rows of the same database; wrk asks them in
turn, so that noise hits all alike. Ours authenticates by token and counts against the rate limit.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.accounts import operations, tokens
from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from crm.embedded import addresses
from partners.models import Partner
from tests import make
from tests.bench.harness import Figure, Goal, case

KINDS = ("ours", "stock", "plain")
APPS = {
    "ours": "tests.bench.api_servers:ours",
    "stock": "tests.bench.api_servers:stock",
    "plain": "tests.bench.api_servers:plain",
}
ROUNDS = 3
BY_ID = "/api/v1/partners/by-external-id/bench/"
REQUESTS = re.compile(r"Requests/sec:\s+([\d.]+)")
FAILED = re.compile(r"Non-2xx|Socket errors")
Rates = dict[str, float]


@contextmanager
def serving(kind: str) -> Iterator[int]:
    """Run one server on a free port for the block."""
    with addresses.listen("127.0.0.1", port=0) as listening:
        port: int = listening.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "BENCH_API": kind,
        "API_RATE": "100000000/60",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "tests.bench.api_settings",
    }
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "gunicorn", "--workers", "1", "--worker-class", "gthread",
         "--threads", "4", "--keep-alive", "30", "--log-level", "error",
         "--bind", f"127.0.0.1:{port}", APPS[kind]],
        env=environment,
    )  # fmt: skip
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _database_url() -> str:
    """Return the address of the benchmark's own database on the same server."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def wait_for(url: str, headers: dict[str, str]) -> bytes:
    """Return the first answer of a server that is still starting."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
                return bytes(answer.read())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def rate(url: str, headers: dict[str, str], seconds: int) -> float:
    """Return requests per second that wrk saw, all of them answered with success."""
    command = ["wrk", "-t1", "-c4", f"-d{seconds}s", "--timeout", "30s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run(  # noqa: S603 - our own arguments
        [*command, url], capture_output=True, text=True, check=True
    )
    found = REQUESTS.search(done.stdout)
    if found is None or FAILED.search(done.stdout):
        raise RuntimeError(done.stdout)
    return float(found[1])


def in_turn(urls: dict[str, str], headers: dict[str, str], seconds: int) -> Rates:
    """Return the median rate of each, measured in turn."""
    rates: dict[str, list[float]] = {kind: [] for kind in urls}
    for _round in range(ROUNDS):
        for kind, url in urls.items():
            rates[kind].append(rate(url, headers, seconds))
    return {kind: statistics.median(seen) for kind, seen in rates.items()}


def fill(count: int) -> User:
    """Make partners with owner and team; return who reads them: a manager, by visibility."""
    team = Team.objects.create(name="Bench")
    owners = [make.user(Role.ALLIANCE_MANAGER, team=team) for _number in range(20)]
    Partner.objects.bulk_create(
        Partner(
            display_name=f"Partner {number}",
            legal_name=f"Partner {number} Ltd",
            owner=owners[number % 20],
            team=team,
            industry="automotive",
            country="CN",
            confidentiality="public",
        )
        for number in range(count)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return owners[0]


def token_of(person: User) -> str:
    """Return a token that reads everything as this person."""
    at = timezone.now()
    _token, text = operations.issue_token(
        owner=person,
        name="bench",
        scopes=tokens.SCOPES,
        expires_at=at + timedelta(days=1),
        by=person,
        at=at,
    )
    return text


def _figure(name: str, rates: Rates, baseline: str, at_least: float) -> Figure:
    return Figure(
        name=name,
        ours=rates["ours"],
        baseline=rates[baseline],
        unit="requests/s",
        goal=Goal(at_least=at_least),
    )


@case
def api_reads(scale: float) -> Iterator[Figure]:
    """Compare lists of 50 and 1,000 partners and one detail, over HTTP."""
    if shutil.which("wrk") is None:
        sys.stdout.write("api_reads: left out, wrk is not here (apt-get install wrk)\n")
        return
    reader = fill(max(2_000, int(5_000 * scale)))
    headers = {"Authorization": f"Bearer {token_of(reader)}"}
    seconds = max(1, int(5 * scale))
    number = Partner.objects.order_by("id").values_list("pk", flat=True)[0]
    with serving("ours") as ours, serving("stock") as stock, serving("plain") as plain:
        hosts = {
            "ours": f"http://127.0.0.1:{ours}/api/v1/partners/",
            "stock": f"http://127.0.0.1:{stock}/stock/",
            "plain": f"http://127.0.0.1:{plain}/plain/",
        }
        for limit, over_stock, of_plain in ((50, 4.0, 0.45), (1_000, 8.0, None)):
            urls = {
                kind: f"{host}?limit={limit}{'&expand=owner' if kind == 'ours' else ''}"
                for kind, host in hosts.items()
            }
            _same_rows(urls, headers, limit)
            rates = in_turn(urls, headers, seconds)
            name = f"api: list of {limit:,} partners with owner"
            yield _figure(f"{name}, beside stock DRF", rates, "stock", over_stock)
            if of_plain is not None:
                yield _figure(f"{name}, beside raw SQL", rates, "plain", of_plain)
        urls = {kind: f"{hosts[kind]}{number}/" for kind in ("ours", "stock")}
        rates = in_turn(urls, headers, seconds)
        yield _figure("api: one partner, beside stock DRF", rates, "stock", 1.5)


def _same_rows(urls: dict[str, str], headers: dict[str, str], limit: int) -> None:
    for kind, url in urls.items():
        rows = json.loads(wait_for(url, headers))["results"]
        if len(rows) != limit or "@" not in rows[0]["owner"]["email"]:
            raise RuntimeError(f"{kind} does not answer with the same rows")


@case
def api_upserts(scale: float) -> Iterator[Figure]:
    """Upsert 10,000 partners in lists of 1,000 through the door, and change them again."""
    count = max(1_000, int(10_000 * scale))
    person = make.user(Role.ALLIANCE_MANAGER, team=Team.objects.create(name="Upserts"))
    caller = Client(
        headers={"Authorization": f"Bearer {token_of(person)}", "Host": "localhost"}
    )
    for name, tier in (("new", "growth"), ("changed", "key")):
        lists = [
            [
                {"external_id": f"B-{n}", "display_name": f"Bulk {n}", "tier": tier}
                for n in range(start, start + 1_000)
            ]
            for start in range(0, count, 1_000)
        ]
        begun = time.perf_counter()
        for each in lists:
            answer = caller.put(BY_ID, each, content_type="application/json")
            if answer.status_code != 200:
                raise RuntimeError(answer.content[:500])
        taken = time.perf_counter() - begun
        yield Figure(
            name=f"api: upsert of {count:,} {name} partners, beside the goal of 3,000/s",
            ours=count / taken,
            baseline=3_000,
            unit="rows/s",
            goal=Goal(at_least=1.0),
        )
