"""A load killed at each of its steps: readers see the old or the new month, and a restart finishes."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Sum
from pytest_django.fixtures import Settings

from partners.usage import operations
from partners.usage.models import (
    DailyUsage,
    DeliveryStatus,
    MonthlyUsage,
    UsageDelivery,
    UsageLoad,
)
from tests.partners.usage import exports

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(90),
]

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2025, 1, 25, 9, tzinfo=UTC)
OLD, NEW = Decimal(2), Decimal(6)

LOAD_AND_DIE = """
import importlib, os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
import django
django.setup()
from partners.usage import operations
module, name, when = sys.argv[1].split(":")
module = importlib.import_module(module)
original = getattr(module, name)
def dying(*arguments, **options):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, name, dying)
at = datetime(2025, 1, 25, 9, tzinfo=UTC)
source, _ = operations.find_or_create_source(name="acme", by=None, at=at)
load = operations.request_load(source=source, paths=[Path(sys.argv[2])], by=None, at=at)
operations.run_load(load=load, owner="doomed", at=at)
"""

STEPS = {
    "files opened": ("partners.usage.operations.staging:open_all:after", OLD),
    "rows written": ("partners.usage.focus.reading:stage:after", OLD),
    "months divided": ("partners.usage.operations.staging:_divided:after", OLD),
    "delivery noted": ("partners.usage.store:keep:before", OLD),
    "items in the store": ("partners.usage.store:keep:after", OLD),
    "rollup prepared": ("partners.usage.operations.rollups:prepare:after", OLD),
    "old rows out": ("partners.usage.operations.rollups:take_out:after", OLD),
    "new rows in": ("partners.usage.operations.rollups:swap_in:after", OLD),
    "months derived": ("partners.usage.operations.rollups:derive_months:after", OLD),
    "journal written": ("partners.usage.operations.deliveries:_record:after", OLD),
    "swapped": ("partners.usage.operations.deliveries:settle:after", NEW),
    "concluded": ("partners.usage.operations.running:_conclude:before", NEW),
}


def billed() -> tuple[Decimal, Decimal]:
    """Return what daily and monthly rows say."""
    daily = DailyUsage.objects.aggregate(s=Sum("billed_cost"))["s"]
    monthly = MonthlyUsage.objects.aggregate(s=Sum("billed_cost"))["s"]
    return daily or Decimal(0), monthly or Decimal(0)


def load(path: Path) -> UsageLoad:
    source, _is_new = operations.find_or_create_source(name="acme", by=None, at=AT)
    asked = operations.request_load(source=source, paths=[path], by=None, at=AT)
    return operations.run_load(load=asked, owner="test", at=AT)


def load_and_die(path: Path, step: str, store: Path) -> int:
    """Load in another process that kills itself at the step; return its exit status."""
    parameters = connection.settings_dict
    address = os.environ["DATABASE_URL"].rsplit("/", maxsplit=1)[0]
    environment = os.environ | {
        "DATABASE_URL": f"{address}/{parameters['NAME']}",
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "USAGE_STORE": str(store),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(  # noqa: S603  our own arguments
        [sys.executable, "-c", LOAD_AND_DIE, step, str(path)],
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode


class TestKilledLoad:
    @pytest.mark.parametrize("name", list(STEPS))
    def test_leaves_the_old_or_the_new_month_and_is_finished(
        self, name: str, tmp_path: Path, settings: Settings
    ) -> None:
        step, expected = STEPS[name]
        settings.USAGE_STORE = tmp_path / "store"
        (tmp_path / "store").mkdir()
        load(exports.write(tmp_path / "old.csv", map(exports.day, (1, 2))))
        longer = exports.write(
            tmp_path / "new.csv",
            [exports.day(n, BilledCost="2", EffectiveCost="2") for n in (1, 2, 3)],
        )

        status = load_and_die(longer, step, tmp_path / "store")

        assert status == -signal.SIGKILL
        assert billed() == (expected, expected)
        UsageLoad.objects.filter(owner="doomed").update(
            lease_until=datetime(2025, 1, 1, tzinfo=UTC)
        )
        for left in operations.clean_up_loads(at=AT):
            operations.run_load(load=left, owner="next", at=AT)
        assert billed() == (NEW, NEW)
        assert not UsageDelivery.objects.filter(status=DeliveryStatus.STAGED).exists()
        assert list((tmp_path / "store" / "work").iterdir()) == []
        folders = set(UsageDelivery.objects.values_list("folder", flat=True))
        assert all((tmp_path / "store" / one).is_dir() for one in folders if one)
