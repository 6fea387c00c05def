"""Billing exports to visible rollups, beside plain COPY and GROUP BY of the same rows."""

import csv
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models

from partners.models import Partner
from partners.usage import operations, queries
from partners.usage.focus import columns, generator
from partners.usage.focus.engine import name
from partners.usage.models import CloudAccount, UsageDelivery, UsageLoad
from partners.usage.queries import Scope
from tests import make
from tests.bench.harness import Figure, Goal, case, seconds

AT = datetime(2025, 2, 2, tzinfo=UTC)
ROWS = 2_000_000
MIB = 1024 * 1024


def generated(folder: Path, *, rows: int, kind: str) -> Path:
    """Make one month of usage of forty partners up."""
    wish = generator.Wish(
        customers=generator.pareto(40),
        first_month=date(2025, 1, 1),
        rows=rows,
        kind=kind,
    )
    return generator.generate(wish, into=folder).files[0]


def load(path: Path, *, source: str) -> UsageLoad:
    found, _is_new = operations.find_or_create_source(name=source, by=None, at=AT)
    asked = operations.request_load(source=found, paths=[path], by=None, at=AT)
    done = operations.run_load(load=asked, owner="bench", at=AT)
    if done.state != "loaded":
        raise RuntimeError(done.error or done.notices)
    return done


@dataclass(kw_only=True)
class Taken:
    """Seconds of the clock, and of processors: ours and the database's for us."""

    wall: float = 0.0
    processor: float = 0.0


@contextmanager
def watched() -> Iterator[Taken]:
    """Measure a block; on a busy machine seconds of processors say more than the clock's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    backend = Path(f"/proc/{row[0] if row else 0}/stat")
    taken = Taken()
    start, used = time.perf_counter(), time.process_time() + used_by(backend)
    yield taken
    taken.wall = time.perf_counter() - start
    taken.processor = time.process_time() + used_by(backend) - used


def used_by(stat: Path) -> float:
    """Return the processor seconds of a process of this machine."""
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(path: Path, *, source: str) -> Taken:
    with watched() as taken:
        load(path, source=source)
    return taken


def kind_of(column: str) -> str:
    if column in columns.DECIMALS:
        return "numeric"
    return "timestamptz" if column in columns.TIMES else "text"


def copied(path: Path) -> tuple[Taken, int]:
    """COPY the plain rows into an unlogged, unindexed table and group them.

    Returns what that takes and the bytes of the table.
    """
    with path.open() as file:
        names = file.readline().strip().split(",")
    typed = ", ".join(f"{name(column)} {kind_of(column)}" for column in names)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS plain_rows")
        cursor.execute(f"CREATE UNLOGGED TABLE plain_rows ({typed})")
        with watched() as taken:
            with (
                path.open("rb") as file,
                cursor.copy("COPY plain_rows FROM STDIN (FORMAT csv, HEADER)") as copy,
            ):
                while block := file.read(MIB):
                    copy.write(block)
            cursor.execute(GROUPED)
            cursor.fetchall()
        cursor.execute("SELECT pg_total_relation_size('plain_rows')")
        size = cursor.fetchone()
        cursor.execute("DROP TABLE plain_rows")
    return taken, int(size[0]) if size else 0


GROUPED = """
SELECT "ChargePeriodStart"::date, "SubAccountId", "SkuId", "RegionId",
    "ChargeCategory", "BillingCurrency", sum("ConsumedQuantity"), sum("ListCost"),
    sum("ContractedCost"), sum("BilledCost"), sum("EffectiveCost"), count(*)
FROM plain_rows GROUP BY 1, 2, 3, 4, 5, 6
"""
CREATED = 100_000


def created(path: Path, *, rows: int) -> float:
    """Read some rows and `bulk_create` them; return seconds for so many rows."""

    class PlainRow(models.Model):
        """One row of an export, as a table of the framework would hold it."""

        class Meta:
            app_label, db_table, managed = "bench", "plain_rows", False

        def __str__(self) -> str:
            return str(self.pk)

    fields: dict[str, Callable[..., models.Field[Any, Any]]] = {
        "numeric": partial(models.DecimalField, max_digits=38, decimal_places=18),
        "timestamptz": models.DateTimeField,
        "text": models.TextField,
    }
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        for column in reader.fieldnames or ():
            field = fields[kind_of(column)](null=True, db_column=column)
            PlainRow.add_to_class(column.lower(), field)
        editor = connection.schema_editor()
        with editor:
            editor.create_model(PlainRow)
        start = time.perf_counter()
        count = 0
        while block := list(islice(reader, 1000)):
            count += len(block)
            PlainRow._base_manager.bulk_create(
                PlainRow(**{name.lower(): value or None for name, value in row.items()})
                for row in block
            )
            if count >= CREATED:
                break
        taken = time.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE plain_rows")
    return taken * rows / count


@case
def usage_load(scale: float) -> Iterator[Figure]:
    """Load CSV.gz and Parquet; COPY and GROUP BY of the same rows is the baseline."""
    rows = max(20_000, int(ROWS * scale))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        settings.USAGE_STORE = folder / "store"
        (folder / "store").mkdir()
        plain = generated(folder / "csv", rows=rows, kind="csv")
        packed = generated(folder / "gz", rows=rows, kind="csv.gz")
        typed = generated(folder / "parquet", rows=rows, kind="parquet")
        baseline, table = copied(plain)
        text = timed(packed, source="bench csv.gz")
        parquet = timed(typed, source="bench parquet")
        made = created(plain, rows=rows)
        stored = UsageDelivery.objects.get(load__source__name="bench csv.gz")
        shutil.rmtree(folder / "store")
    label = f"usage: {rows:,} rows"
    for kind, ours, goal in (("CSV.gz", text, 0.85), ("Parquet", parquet, 0.45)):
        yield Figure(name=f"{label} from {kind}", ours=ours.wall,
                     baseline=baseline.wall, unit="s", goal=Goal(at_most=goal))  # fmt: skip
        yield Figure(name=f"{label} from {kind}, processors", ours=ours.processor,
                     baseline=baseline.processor, unit="s", goal=Goal())  # fmt: skip
    yield Figure(name=f"{label}, bulk_create beside CSV.gz", ours=made,
                 baseline=text.wall, unit="s", goal=Goal(at_least=35))  # fmt: skip
    yield Figure(name=f"{label} stored", ours=stored.stored_bytes / MIB,
                 baseline=table / MIB, unit="MiB", goal=Goal(at_most=0.125))  # fmt: skip


@case
def usage_growth(scale: float) -> Iterator[Figure]:
    """Load ten times the rows; CSV.gz."""
    rows = max(20_000, int(ROWS * scale))
    taken = []
    with tempfile.TemporaryDirectory() as place:
        settings.USAGE_STORE = Path(place) / "store"
        settings.USAGE_STORE.mkdir()
        for count in (rows // 10, rows):
            path = generated(Path(place) / str(count), rows=count, kind="csv.gz")
            taken.append(timed(path, source=f"bench {count}").wall)
    yield Figure(name=f"usage: {rows:,} rows beside a tenth", ours=taken[1],
                 baseline=taken[0], unit="s", goal=Goal(at_most=11))  # fmt: skip


PEAK = """
import re, sys
from pathlib import Path
import django
django.setup()
from tests.bench import bench_usage
bench_usage.settings.USAGE_STORE = Path(sys.argv[1]) / "store-peak"
bench_usage.settings.USAGE_STORE.mkdir()
bench_usage.settings.DATABASES["default"]["NAME"] = sys.argv[3]
bench_usage.load(Path(sys.argv[2]), source="bench peak")
status = Path("/proc/self/status").read_text()  # ru_maxrss would be the bench's own
print(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])
"""


@case
def usage_peak(scale: float) -> Iterator[Figure]:
    """Measure the peak memory of a load in a process of its own."""
    rows = max(20_000, int(ROWS * scale))
    with tempfile.TemporaryDirectory() as place:
        path = generated(Path(place) / "gz", rows=rows, kind="csv.gz")
        done = subprocess.run(  # noqa: S603  our own arguments
            [
                sys.executable, "-c", PEAK, place, str(path),
                connection.settings_dict["NAME"],
            ],
            capture_output=True,
            text=True,
            check=True,
        )  # fmt: skip
    peak = int(done.stdout.split()[-1]) / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure(name=f"usage: peak of a load of {rows:,} rows (bench {own:.0f} MiB)",
                 ours=peak, baseline=1536, unit="MiB", goal=Goal(at_most=1))  # fmt: skip


FILL = """
INSERT INTO usage_dailyusage (delivery_id, account_id, meter_id, billing_month,
    charge_day, tag_bucket, region, environment, charge_category, currency, quantity,
    list_cost, contracted_cost, billed_cost, effective_cost, row_count)
SELECT %(delivery)s, a.id, m.id, date_trunc('month', d)::date, d::date, '', 'eu-1', '',
    'Usage', 'USD', 1, 1.25, 1.1, 1.05, 1.05, 24
FROM unnest(%(accounts)s::bigint[]) a(id),
    generate_series(DATE '2024-01-01', DATE '2025-12-31', '1 day') d,
    (SELECT id FROM usage_usagemeter ORDER BY id LIMIT %(meters)s) m
"""


def filled(scale: float) -> list[Partner]:
    """Fill the rollups: 12 million rows at scale 1, four accounts for each partner."""
    with tempfile.TemporaryDirectory() as place:
        settings.USAGE_STORE = Path(place)
        done = load(generated(Path(place) / "x", rows=5000, kind="csv"), source="fill")
    by, meters = make.user(), 12
    partners = [make.partner() for _ in range(max(2, int(340 * scale)))]
    accounts = CloudAccount.objects.bulk_create(
        CloudAccount(
            source=done.source,
            provider="bench",
            billing_account_id=f"{partner.pk}-{at}",
            discovered_at=AT,
        )
        for partner in partners
        for at in range(4)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {
                "delivery": done.deliveries.get().pk,
                "accounts": [account.pk for account in accounts],
                "meters": meters,
            },
        )
    for at, account in enumerate(accounts):
        operations.assign_account(
            account=account, partner=partners[at // 4], since=None, by=by, at=AT
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE usage_dailyusage")
        cursor.execute("VACUUM ANALYZE usage_monthlyusage")
    return partners


@case
def usage_queries(scale: float) -> Iterator[Figure]:
    """Ask for a partner's year and the top of the portfolio; goals are milliseconds."""
    partners = filled(scale)
    scope = Scope(partner_ids=(partners[0].pk,))
    since = date(2025, 1, 1)
    year = seconds(
        lambda: queries.spend_series(scope, since=since, until=date(2026, 1, 1)),
        times=20,
    )
    top = seconds(
        lambda: queries.top_partners(
            month=date(2025, 6, 1),
            currency="USD",
            partner_ids=[partner.pk for partner in partners],
        ),
        times=20,
    )
    account = CloudAccount.objects.filter(provider="bench").latest("pk")
    start = time.perf_counter()
    operations.assign_account(
        account=account,
        partner=partners[0],
        since=since + timedelta(days=40),
        by=make.user(),
        at=AT,
    )
    moved = time.perf_counter() - start
    yield Figure(name="usage: a partner's year by day", ours=year * 1000, baseline=25,
                 unit="ms", goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name="usage: top 50 of the portfolio", ours=top * 1000, baseline=50,
                 unit="ms", goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name="usage: an account moves", ours=moved * 1000, baseline=1000,
                 unit="ms", goal=Goal(at_most=1))  # fmt: skip
