"""Reports: one beside matplotlib and WeasyPrint, a thousand to a mail server, memory."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from pypdf import PdfReader

from crm.accounts.models import User
from crm.figures import sections as figures
from crm.reports.models import (
    ReportDefinition,
    ReportDelivery,
    ReportRun,
    ReportSubscription,
    State,
)
from crm.reports.operations import planning, runs
from crm.reports.payloads import VisibleSet
from crm.reports.rendering import mail
from crm.reports.wanted import Wanted
from partners.models import Partner
from tests import make
from tests.bench.harness import Figure, Goal, case, interleaved
from tests.bench.reports_usual import Usual
from tests.faults import mail_server
from tests.faults.reports_fleet import Fleet

MONDAY = date(2026, 11, 16)
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
DELIVERED = datetime(2026, 11, 24, tzinfo=UTC)
LANGUAGES = ("en", "zh-hans")
ONE_REPORT_MS = 150.0
THOUSAND_SECONDS = 90.0
PLANNING_SECONDS = 0.5
MEMORY_MIB = 450.0
SECTIONS = [
    "headline",
    "changes",
    "commitments",
    "spend",
    "movers",
    "at-risk",
    "decisions",
    "next-steps",
]
"""Of a report of three pages with two charts, as the bound asks for."""

LONGEST = figures.names_for(figures.EXECUTIVE)


def world(partners: int) -> list[Partner]:
    """Make partners with a cooperation and eight weeks of daily usage each."""
    owner = make.user("alliance_manager")
    made = []
    for number in range(partners):
        one = make.partner(f"Partner {number:03}", owner=owner)
        make.cooperation(
            one, by=owner, next_step_due_on=MONDAY + timedelta(days=number % 80)
        )
        account = make.cloud_account(one)
        for at in range(-49, 7, 7):
            make.usage(
                account,
                MONDAY + timedelta(days=at),
                100 + number + at,
                model="qwen",
                tokens=1000,
                currency="EUR",
                delivered_at=DELIVERED,
            )
        made.append(one)
    return made


def wanted(
    definition: ReportDefinition, partners: list[Partner], language: str
) -> Wanted:
    ids = tuple(one.pk for one in partners)
    return Wanted(
        definition=definition,
        period="2026-W47",
        time_zone="Asia/Shanghai",
        currency="EUR",
        language=language,
        visible=VisibleSet(ids, tuple(sorted(figures.rights()))),
    )


def cpu(work: Callable[[], object], *, times: int = 7) -> float:
    """Return the median processor milliseconds of this process, after two warm rounds."""
    taken = []
    for number in range(times + 2):
        start = time.process_time()
        work()
        if number > 1:
            taken.append((time.process_time() - start) * 1000)
    return sorted(taken)[len(taken) // 2]


@case
def reports_one(scale: float) -> Iterator[Figure]:
    """Query, draw two charts, HTML, PDF of three pages, sheet and MIME; both languages."""
    partners = world(max(6, int(60 * scale)))
    for language, sections in itertools.product(LANGUAGES, (SECTIONS, LONGEST)):
        definition = make.report(sections=sections)
        delivery, run = _made(definition, partners, language)
        ours = partial(_one, delivery, run, wanted(definition, partners, language))
        taken = cpu(ours)
        baseline = cpu(Usual(run.payload).compose, times=3)
        pages = page_count(mail.parts_of(run).pdf.content)
        yield Figure(
            name=f"report, {language}, {pages} pages: CPU of the worker",
            ours=taken,
            baseline=ONE_REPORT_MS,
            unit="ms",
            goal=Goal(at_most=1),
        )
        yield Figure(
            name=f"report, {language}: beside matplotlib + WeasyPrint",
            ours=taken,
            baseline=baseline,
            unit="ms",
            goal=Goal(at_most=0.2),
        )


def _one(delivery: ReportDelivery, run: ReportRun, asked: Wanted) -> mail.Message:
    """Compute and draw one report as for a run that nobody drew before."""
    mail._parts.cache_clear()
    runs.computed_payload(wanted=asked)
    return mail.compose(delivery=delivery, run=run, date=AT)


def _made(
    definition: ReportDefinition, partners: list[Partner], language: str
) -> tuple[ReportDelivery, ReportRun]:
    reader = make.user("executive", language=language)
    subscription = make.subscription(
        definition, person=reader, language=language, at=AT - timedelta(days=8)
    )
    run = runs.freeze_run(wanted=wanted(definition, partners, language), at=AT)
    delivery = ReportDelivery.objects.create(
        definition=definition,
        subscription=subscription,
        recipient=reader,
        period="2026-W47",
        due_at=AT,
        next_attempt_at=AT,
        planned_at=AT,
    )
    return delivery, run


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(PdfReader(BytesIO(pdf)).pages)


@case
def reports_planning(scale: float) -> Iterator[Figure]:
    """Write 10,000 due rows in one round of the planner."""
    count = max(100, int(10_000 * scale))
    definition = make.report(catch_up_hours=24 * 14)
    subscribe(definition, count, at=timezone.now() - timedelta(days=7))

    def ours() -> None:
        planning.plan_due(at=timezone.now())

    start = time.perf_counter()
    ours()
    taken = time.perf_counter() - start
    if ReportDelivery.objects.filter(definition=definition).count() != count:
        raise RuntimeError("not every row was planned")
    yield Figure(
        name=f"planning {count:,} due reports",
        ours=taken,
        baseline=PLANNING_SECONDS,
        unit="s",
        goal=Goal(at_most=1),
    )
    again, plain = interleaved(ours, definition.refresh_from_db, times=3)
    yield Figure(
        name="planning when nothing is due, beside one query",
        ours=again * 1000,
        baseline=plain * 1000,
        unit="ms",
        goal=Goal(at_most=20),
    )


def subscribe(
    definition: ReportDefinition,
    count: int,
    *,
    at: datetime,
    partners: list[Partner] | None = None,
) -> None:
    """Subscribe so many new people; each about one of the partners, when there are any."""
    first = make.subscription(definition, at=at)
    executives = first.person.groups.all()[0] if first.person else None
    people = User.objects.bulk_create(
        User(
            email=f"reader{definition.pk}.{number}@example.com",
            name=f"Reader {number}",
            password="!",
            language=LANGUAGES[number % 2] if partners is None else "en",
        )
        for number in range(count - 1)
    )
    User.groups.through.objects.bulk_create(
        User.groups.through(user_id=one.pk, group_id=executives.pk)
        for one in people
        if executives
    )
    ReportSubscription.objects.bulk_create(
        ReportSubscription(
            definition=definition,
            person=person,
            scope="partner" if partners else "all",
            scope_partner=partners[number % len(partners)] if partners else None,
            currency="EUR",
            next_due_at=first.next_due_at,
            next_period=first.next_period,
        )
        for number, person in enumerate(people)
    )


@case
def reports_thousand(scale: float) -> Iterator[Figure]:
    """1,000 subscriptions with 200 scopes, two workers, to a local mail server."""
    count, scopes = max(20, int(1000 * scale)), max(4, int(200 * scale))
    ReportDelivery.objects.exclude(state=State.SENT).update(
        state=State.SKIPPED, reason="too-late", owner="", lease_until=None
    )
    partners = world(scopes)
    definition = make.report(sections=LONGEST, catch_up_hours=24 * 14, wait_minutes=0)
    subscribe(
        definition, count, at=timezone.now() - timedelta(days=7), partners=partners
    )
    server = mail_server.started()
    fleet = Fleet(server.url, lease_seconds=300)
    try:
        planning.plan_due(at=timezone.now())
        fleet.start("warm")
        start = time.perf_counter()
        fleet.start("second")
        wait_for(lambda: len(server.handler.log.accepted) >= count)
        taken = time.perf_counter() - start
        peak = max(memory_of(child) for child in fleet.children.values())
        spent = sum(processor_of(child) for child in fleet.children.values())
    finally:
        fleet.stop()
        server.stop()
    yield Figure(
        name=f"{count:,} subscriptions, {scopes} scopes: to accepted",
        ours=taken,
        baseline=THOUSAND_SECONDS * scale,
        unit="s",
        goal=Goal(at_most=1),
    )
    yield from _used(spent, peak, scale)


def _used(spent: float, peak: float, scale: float) -> Iterator[Figure]:
    """Return what the two workers used of processor and memory."""
    yield Figure(
        name="the same: processor time of both workers, on two cores",
        ours=spent,
        baseline=2 * THOUSAND_SECONDS * scale,
        unit="s",
        goal=Goal(at_most=1),
    )
    yield Figure(
        name="most memory of one of the two workers",
        ours=peak,
        baseline=MEMORY_MIB,
        unit="MiB",
        goal=Goal(at_most=1),
    )


def wait_for(is_done: Callable[[], bool]) -> None:
    """Wait until all is sent, but not for ever."""
    until = time.monotonic() + 20 * THOUSAND_SECONDS
    while not is_done():
        if time.monotonic() > until:
            raise TimeoutError("the reports were not sent")
        time.sleep(0.2)


def processor_of(process: int) -> float:
    """Return the processor seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(process: int) -> float:
    """Return the most memory a process ever had, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


@case
def reports_memory(scale: float) -> Iterator[Figure]:
    """Draw 1,000 different reports in one process, fonts included, in turns of languages."""
    count = max(20, int(1000 * scale))
    done = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-m", "tests.bench.reports_in_a_row", str(count)],
        check=True,
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
    )
    early, late, peak = (float(word) for word in done.stdout.split()[-3:])
    yield Figure(
        name=f"memory over {count:,} reports, fonts included",
        ours=peak,
        baseline=MEMORY_MIB,
        unit="MiB",
        goal=Goal(at_most=1),
    )
    yield Figure(
        name=f"memory after {count:,} beside after the first tenth",
        ours=late,
        baseline=early,
        unit="MiB",
        goal=Goal(at_most=1.05),
    )
