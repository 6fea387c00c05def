"""A worker killed in the middle of a long import: nothing is half there, the next one does it once."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal.models import Event
from partners.models import ImportBatch, ImportJob, Partner, PartnerDomain
from partners.operations import import_jobs
from tests import make
from tests.crm.core.conftest import Valkey
from tests.faults.test_jobs import (
    Start,
    beat,
    product,
    running_valkey,
    start,
    valkey,
    wait_until,
    worker,
)

__all__ = ["running_valkey", "start", "valkey"]

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(120),
    pytest.mark.django_db(transaction=True),
]
ROWS = 1_200
SHEET = "Name,Website\n" + "\n".join(f"Long {i},long{i}.example" for i in range(ROWS))
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE d.datname = current_database() AND NOT granted
    AND relation = 'partners_partnerdomain'::regclass
"""


@pytest.fixture
def anna() -> User:
    return make.user(Role.ALLIANCE_MANAGER)


@pytest.fixture
def asked(anna: User) -> ImportBatch:
    """Return a long import that is looked at and waits for a worker to commit it."""
    early = timezone.now() - timedelta(minutes=1)
    batch = import_jobs.start_import(
        file_name="long.csv", content=SHEET.encode(), by=anna, at=early
    )
    import_jobs.run_job(batch_id=batch.pk, owner="here", at=early)
    return import_jobs.commit(batch=batch, by=anna, at=early)


@pytest.fixture
def gate(valkey: Valkey) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Let nobody write a domain: partners are written before, so this is the middle."""
    address = product(valkey)["DATABASE_URL"].replace(" ", "%20")  # of the folder
    with psycopg.connect(address) as holder:
        holder.execute("LOCK TABLE partners_partnerdomain IN SHARE MODE")
        yield holder


def is_in_the_middle() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        (count,) = cursor.fetchone()
    return bool(count)


def kill(program: "subprocess.Popen[bytes]") -> None:
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()


@pytest.fixture
def told(anna: User, asked: ImportBatch) -> Callable[[], str]:
    """Return what the page of the import says about its progress, whenever it is asked."""
    page = Client(headers={"host": "localhost"})
    page.force_login(anna)

    def _told() -> str:
        answer = page.get(f"/admin/partners/importbatch/{asked.pk}/progress/")
        return " ".join(answer.content.decode().split())

    return _told


def let_lease_end(batch: ImportBatch) -> None:
    """Let the minute be over in which the dead could still be alive."""
    ImportJob.objects.filter(pk=batch.pk).update(lease_until=Now())


class TestKilledWorker:
    def test_leaves_nothing_and_the_next_one_does_it_once(
        self,
        start: Start,
        asked: ImportBatch,
        told: Callable[[], str],
        gate: "psycopg.Connection[tuple[object, ...]]",
    ) -> None:
        beat(start)
        doomed = worker(start)
        wait_until(is_in_the_middle)
        wait_until(lambda: "Commit: running · writing" in told())

        kill(doomed)
        gate.rollback()

        wait_until(lambda: not is_in_the_middle())
        asked.refresh_from_db()
        assert asked.status == ImportBatch.Status.PREVIEWED
        assert Partner.objects.count() == PartnerDomain.objects.count() == 0
        assert "Commit: running" in told()

        let_lease_end(asked)
        worker(start)

        wait_until(lambda: "Commit: done" in told())
        job = ImportJob.objects.get()
        assert (job.state, job.attempts) == (ImportJob.State.DONE, 2)
        assert Partner.objects.count() == PartnerDomain.objects.count() == ROWS
        assert Event.objects.filter(kind="import.committed").count() == 1
        assert Event.objects.filter(kind="partner.registered").count() == ROWS
