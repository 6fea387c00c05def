"""Processes that plan and send reports, and what is done to them."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from crm.accounts.models import User
from crm.reports.models import ReportDelivery, ReportSubscription, State
from tests import make
from tests.faults.mail_server import MailLog

ROOT = Path(__file__).resolve().parents[2]
END_STATES = (State.SENT, State.UNCERTAIN, State.FAILED)
LEASE_SECONDS = 2


class Fleet:
    """Children that run `reports_worker`; what is killed is started again."""

    def __init__(self, url: str, *, lease_seconds: int = LEASE_SECONDS) -> None:
        self.children: dict[str, int] = {}
        self.kills = self.pauses = self.cuts = 0
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.reports_worker"],
            env=environment(url, lease_seconds),
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def start(self, name: str, role: str = "sender", **extra: str) -> None:
        """Start or restart the child of this name."""
        said = " ".join([role, *(f"{key}={value}" for key, value in extra.items())])
        if self.nursery.stdin is None or self.nursery.stdout is None:
            raise RuntimeError("The nursery has no pipes.")
        self.nursery.stdin.write(f"{said}\n")
        self.nursery.stdin.flush()
        self.children[name] = int(self.nursery.stdout.readline())

    def kill(self, name: str) -> None:
        """End a child at once, wherever it is."""
        os.kill(self.children[name], signal.SIGKILL)
        self.kills += 1

    def pause(self, name: str) -> None:
        """Stop a child for longer than its lease, then let it go on."""
        os.kill(self.children[name], signal.SIGSTOP)
        self.pauses += 1
        time.sleep(LEASE_SECONDS + 0.3)
        self.go_on(name)

    def go_on(self, name: str) -> None:
        """Let a stopped child go on."""
        os.kill(self.children[name], signal.SIGCONT)

    def wait_for(self, name: str, state: str) -> None:
        """Wait until the child is stopped (T) or dead (X)."""
        until = time.monotonic() + 30
        while state_of(self.children[name]) != state:
            if time.monotonic() > until:
                raise TimeoutError(f"{name} never came to {state}")
            time.sleep(0.02)

    def cut_database(self) -> None:
        """End all connections of the children to the database."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        self.cuts += 1

    def stop(self) -> None:
        """End all children, and those who were never named again."""
        for child in self.children.values():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.nursery.kill()
        self.nursery.communicate()


def environment(url: str, lease_seconds: int) -> dict[str, str]:
    """Return the settings of a child: this test's database and mail server."""
    name = connection.settings_dict["NAME"]
    address = urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}")
    return os.environ | {
        "DATABASE_URL": address.geturl(),
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "EMAIL_URL": url,
        "REPORTS_LEASE_SECONDS": str(lease_seconds),
        "REPORTS_REPLY_SECONDS": "2",
    }


def state_of(process: int) -> str:
    """Return R, S, D, T (stopped), Z or X (dead), as the kernel says."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "X"
    return text.rpartition(")")[2].split()[0]


def owe(count: int) -> None:
    """Subscribe so many people to a report that is due now."""
    at = timezone.now()
    definition = make.report(catch_up_hours=24 * 14, formats=[])
    first = make.subscription(definition, at=at - timedelta(days=7))
    people = User.objects.bulk_create(
        User(email=f"reader{n}@example.com", name=f"Reader {n}", password="!")
        for n in range(count - 1)
    )
    ReportSubscription.objects.bulk_create(
        ReportSubscription(
            definition=definition,
            person=person,
            formats=[],
            next_due_at=first.next_due_at,
            next_period=first.next_period,
        )
        for person in people
    )


def hurry() -> None:
    """Let the pauses after refusals be over: the clock of the test runs faster."""
    ReportDelivery.objects.filter(
        state__in=[State.DUE, State.READY], next_attempt_at__gt=timezone.now()
    ).update(next_attempt_at=timezone.now())


def unfinished(count: int) -> int:
    """Return how many of so many deliveries have not come to an end."""
    return count - ReportDelivery.objects.filter(state__in=END_STATES).count()


def harass(fleet: Fleet, *, count: int, faults: int, seconds: float, seed: int) -> None:
    """Kill, pause and cut until so many faults are made and all rows have ended."""
    chance = random.Random(seed)  # noqa: S311  # a script, not a secret
    until = time.monotonic() + seconds
    while time.monotonic() < until and unfinished(count):
        time.sleep(chance.uniform(0.15, 0.35))
        hurry()
        if fleet.kills + fleet.pauses + fleet.cuts >= faults:
            continue
        name = chance.choice([each for each in fleet.children if each != "planner"])
        blow = chance.random()
        if blow < 0.85:
            fleet.kill(name)
            fleet.start(name)
        elif blow < 0.97:
            fleet.pause(name)
        else:
            fleet.cut_database()


@dataclass(frozen=True)
class Outcome:
    """What the mail server's log and our rows say about each other."""

    duplicates: list[str]
    lost: list[str]
    claimed: list[str]
    changed: list[str]
    uncertain_arrived: int
    uncertain_lost: int
    states: dict[str, int]


def outcome(log: MailLog) -> Outcome:
    """Compare every row with the log of the mail server."""
    rows = list(ReportDelivery.objects.values_list("pk", "message_id", "state"))
    doubtful = [
        log.accepted[name] for _, name, state in rows if state == State.UNCERTAIN
    ]
    return Outcome(
        duplicates=[name for name, copies in log.accepted.items() if copies > 1],
        lost=[
            f"{pk} {state}"
            for pk, name, state in rows
            if not log.accepted[name] and state not in {State.UNCERTAIN, State.FAILED}
        ],
        claimed=[
            f"{pk} {state}"
            for pk, name, state in rows
            if log.accepted[name] and state not in {State.SENT, State.UNCERTAIN}
        ],
        changed=[name for name, bodies in log.bodies.items() if len(bodies) > 1],
        uncertain_arrived=sum(1 for copies in doubtful if copies),
        uncertain_lost=sum(1 for copies in doubtful if not copies),
        states={
            state: sum(1 for row in rows if row[2] == state)
            for state in {row[2] for row in rows}
        },
    )
