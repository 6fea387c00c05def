"""`manage.py load_usage`: one object, and the exit status."""

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from partners.usage import operations
from partners.usage.models import BillingSource, DailyUsage, UsageLoad
from tests.partners.usage import exports

pytestmark = pytest.mark.django_db


def run(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("load_usage", *map(str, arguments), "--json", stdout=out)
        status = 0
    except SystemExit as exit_:
        status = int(str(exit_.code))
    return status, json.loads(out.getvalue())


@pytest.fixture(autouse=True)
def _own_store(usage_store: Path) -> None:
    assert usage_store.is_dir()


class TestLoadUsage:
    def test_prints_one_object(self, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.day(1), exports.day(2)])

        status, told = run(path, "--source", "acme")

        assert status == 0
        assert told["status"] == "loaded"
        assert told["delivery_id"] == told["deliveries"][0]["id"]
        assert told["focus_version"] == "1.0"
        assert told["billing_periods"] == ["2025-01"]
        assert (told["rows_read"], told["rows_loaded"], told["rows_rejected"]) == (
            2,
            2,
            0,
        )
        assert told["totals"] == {
            "USD": {"billed": "2", "effective": "2", "list": "4", "contracted": "2"}
        }
        assert told["files"][0]["name"] == "a.csv"
        assert told["seconds"] >= 0

    def test_what_cannot_be_handed_in_has_the_same_shape(self, tmp_path: Path) -> None:
        status, told = run(tmp_path / "nothing.json", "--source", "acme")

        assert status == 1
        assert (told["status"], told["delivery_id"]) == ("refused", None)
        assert told["error"]["code"] == "usage.file-missing"
        assert (told["files"], told["totals"], told["rows_read"]) == ([], {}, 0)

    def test_waits_where_a_worker_was_quicker(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.day(1)])
        run_load = operations.run_load

        def stolen(*, load: UsageLoad, owner: str, at: datetime) -> UsageLoad:
            run_load(load=load, owner="a worker", at=at)
            return run_load(load=load, owner=owner, at=at)

        monkeypatch.setattr(operations, "run_load", stolen)

        status, told = run(path, "--source", "acme")

        assert (status, told["status"], told["rows_loaded"]) == (0, "loaded", 1)

    def test_an_unknown_source_is_created_with_a_notice(self, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.day(1)])

        _status, told = run(path, "--source", "new one")

        assert "new one" in told["notices"][0]
        source = BillingSource.objects.get(name="new one")
        assert source.delivery_mode == "overwrite"

    def test_again_is_a_no_op_and_no_failure(self, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.day(1)])
        _status, first = run(path, "--source", "acme")

        status, again = run(path, "--source", "acme")

        assert (status, again["status"]) == (0, "no-op")
        assert again["delivery_id"] == first["delivery_id"]

    def test_refused_is_one(self, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(BilledCost="abc")])

        status, told = run(path, "--source", "acme")

        assert (status, told["status"]) == (1, "refused")
        assert (told["error"]["line"], told["error"]["column"]) == (2, "BilledCost")

    def test_a_missing_file_is_refused(self, tmp_path: Path) -> None:
        status, told = run(tmp_path / "none.csv", "--source", "acme")

        assert (status, told["error"]["code"]) == (1, "usage.file-missing")

    def test_held_is_one(self, tmp_path: Path) -> None:
        run(
            exports.write(tmp_path / "a.csv", map(exports.day, (1, 2))), "--source", "s"
        )

        status, told = run(
            exports.write(tmp_path / "b.csv", [exports.day(1)]), "--source", "s"
        )

        assert (status, told["status"]) == (1, "held")

    def test_a_dry_run_changes_nothing(self, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.day(1)])

        status, told = run(path, "--source", "acme", "--dry-run")

        assert (status, told["dry_run"], told["rows_read"]) == (0, True, 1)
        assert not DailyUsage.objects.exists()

    def test_a_dry_run_makes_no_source(self, tmp_path: Path, usage_store: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.day(1)])

        status, told = run(path, "--source", "new one", "--dry-run")

        assert (status, told["status"], told["load_id"]) == (0, "loaded", None)
        assert (told["dry_run"], told["rows_read"], told["rows_loaded"]) == (True, 1, 0)
        assert told["totals"]["USD"]["billed"] == "1"
        assert "new one" in told["notices"][0]
        assert not BillingSource.objects.exists()
        assert not UsageLoad.objects.exists()
        assert list(usage_store.iterdir()) == []

    def test_a_dry_run_without_a_source_refuses_rubbish(self, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(BilledCost="abc")])

        status, told = run(path, "--source", "new one", "--dry-run")

        assert (status, told["status"], told["rows_rejected"]) == (1, "refused", 1)
        assert (told["error"]["line"], told["error"]["column"]) == (2, "BilledCost")
        assert not BillingSource.objects.exists()

    def test_a_dry_run_of_nothing_makes_no_source(self, tmp_path: Path) -> None:
        status, told = run(tmp_path / "none.json", "--source", "new one", "--dry-run")

        assert (status, told["error"]["code"]) == (1, "usage.file-missing")
        assert not BillingSource.objects.exists()

    def test_wrong_usage_is_two(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError) as caught:
            call_command("load_usage", str(tmp_path), "--source", " ")

        assert caught.value.returncode == 2
