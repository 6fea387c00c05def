"""Uploads in parts and the drop, killed at each step: nothing lost, nothing counted twice."""

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
from partners.usage.dropbox import Drop
from partners.usage.models import (
    ArrivalState,
    DailyUsage,
    LoadState,
    UploadState,
    UsageArrival,
    UsageLoad,
    UsageUpload,
)
from tests import make
from tests.partners.usage import exports

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(90),
]

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2025, 1, 25, 9, tzinfo=UTC)
PART = 300

DIE = """
import importlib, os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
import django
django.setup()
from crm.accounts.models import User
from partners.usage import dropbox, operations
from partners.usage.models import UsageUpload
module, name, when = sys.argv[1].split(":")
module = importlib.import_module(module)
*outer, name = name.split(".")
for one in outer:
    module = getattr(module, one)
original = getattr(module, name)
def dying(*arguments, **options):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, name, dying)
at = datetime(2025, 1, 25, 9, tzinfo=UTC)
"""

SEND = """
upload, by = UsageUpload.objects.get(), User.objects.get()
content = Path(sys.argv[2]).read_bytes()
for offset in range(0, len(content), 300):
    operations.append_part(
        upload=upload, offset=offset, blocks=[content[offset:offset + 300]], at=at)
operations.hand_in_upload(upload=upload, by=by, at=at)
"""

TAKE = """
drop = dropbox.Drop(sys.argv[2], {}, seconds=5)
for arrival in operations.look_for_arrivals(drop=drop, at=at):
    load = operations.take_arrival(arrival=arrival, drop=drop, owner="doomed", at=at)
    operations.run_load(load=load, owner="doomed", at=at)
operations.conclude_arrivals(drop=drop, at=at)
"""

UPLOADS = {
    "part written, not noted": "partners.usage.operations.uploads:_advance:before",
    "part noted": "partners.usage.operations.uploads:_advance:after",
    "load asked for": "partners.usage.operations.loads:request_load:after",
    "handed in": "partners.usage.operations:hand_in_upload:after",
}

ARRIVALS = {
    "taken": "partners.usage.operations.arrivals:_unchanged:before",
    "fetched": "partners.usage.dropbox:Drop.fetch:after",
    "load asked for": "partners.usage.operations.loads:request_load:after",
    "handed in": "partners.usage.operations:take_arrival:after",
    "loaded": "partners.usage.operations:run_load:after",
    "put away": "partners.usage.dropbox:Drop.put_away:after",
}


def die(script: str, step: str, argument: Path, store: Path) -> None:
    """Run a script in another process that kills itself at the step."""
    address = os.environ["DATABASE_URL"].rsplit("/", maxsplit=1)[0]
    done = subprocess.run(  # noqa: S603  our own arguments
        [sys.executable, "-c", DIE + script, step, str(argument)],
        env=os.environ
        | {
            "DATABASE_URL": f"{address}/{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "USAGE_STORE": str(store),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def billed() -> Decimal:
    return DailyUsage.objects.aggregate(s=Sum("billed_cost"))["s"] or Decimal(0)


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> Path:
    settings.USAGE_STORE = tmp_path / "store"
    settings.USAGE_STORE.mkdir()
    return Path(settings.USAGE_STORE)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return exports.write(tmp_path / "jan.csv", map(exports.day, (1, 2, 3)))


class TestKilledUpload:
    @pytest.mark.parametrize("step", UPLOADS.values(), ids=list(UPLOADS))
    def test_goes_on_where_it_stopped(
        self, step: str, export: Path, store: Path
    ) -> None:
        content, by = export.read_bytes(), make.user()
        source, _is_new = operations.find_or_create_source(name="acme", by=by, at=AT)
        operations.begin_upload(
            source=source, file_name="jan.csv", size=len(content), by=by, at=AT
        )

        die(SEND, step, export, store)

        upload = UsageUpload.objects.get()
        if upload.state == UploadState.OPEN and upload.offset < len(content):
            rest = content[upload.offset :]
            operations.append_part(
                upload=upload, offset=upload.offset, blocks=[rest], at=AT
            )
        load = operations.hand_in_upload(upload=upload, by=by, at=AT)
        assert Path(load.paths[0]).read_bytes() == content
        operations.run_load(load=load, owner="next", at=AT)
        assert (billed(), UsageLoad.objects.count()) == (Decimal(3), 1)


class TestKilledArrival:
    @pytest.mark.parametrize("step", ARRIVALS.values(), ids=list(ARRIVALS))
    def test_is_loaded_once_and_put_away(
        self, step: str, export: Path, store: Path, tmp_path: Path
    ) -> None:
        place = tmp_path / "drop" / "acme"
        place.mkdir(parents=True)
        export.rename(place / "jan.csv")
        drop = Drop(str(tmp_path / "drop"), {}, seconds=5)
        operations.look_for_arrivals(drop=drop, at=AT)

        die(TAKE, step, tmp_path / "drop", store)

        past = datetime(2025, 1, 1, tzinfo=UTC)
        UsageArrival.objects.exclude(lease_until=None).update(lease_until=past)
        for arrival in operations.look_for_arrivals(drop=drop, at=AT):
            operations.take_arrival(arrival=arrival, drop=drop, owner="next", at=AT)
        for load in UsageLoad.objects.filter(state=LoadState.WAITING):
            operations.run_load(load=load, owner="next", at=AT)
        operations.conclude_arrivals(drop=drop, at=AT)
        assert (billed(), UsageLoad.objects.count()) == (Decimal(3), 1)
        assert UsageArrival.objects.get().state == ArrivalState.DONE
        assert (tmp_path / "drop" / ".done" / "acme" / "jan.csv").is_file()
        assert list(place.glob("*")) == []
