"""The API of what comes in: uploads in parts, loads, deliveries, decisions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from crm.accounts.roles import Role
from partners.usage import operations, tasks
from partners.usage.models import (
    BillingSource,
    UsageDelivery,
    UsageUpload,
)
from tests import make
from tests.crm.web.api.conftest import caller, program
from tests.partners.usage import doors, exports
from tests.partners.usage.conftest import AT, Loader
from tests.partners.usage.doors import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("usage_store")]

Capture = Callable[..., Any]


@pytest.fixture
def world(load: Loader, tmp_path: Path) -> World:
    return doors.begin(load, tmp_path)


def told(answer: Any) -> Any:
    return orjson.loads(answer.content)


def of(partner: Any) -> str:
    return f"partner_id={partner.pk}&since=2025-01-01&until=2025-02-01"


class TestUpload:
    def test_a_file_comes_in_parts_and_is_loaded_by_a_worker(
        self, tmp_path: Path, django_capture_on_commit_callbacks: Capture
    ) -> None:
        export = exports.write(tmp_path / "a.csv", [exports.row()]).read_bytes()
        api = program(make.user(Role.INTEGRATION), "usage:write")
        begun = {"source_name": "acme", "file_name": "a.csv", "size": len(export)}

        upload = told(api.send("POST", "/api/v1/usage/uploads/", begun))
        put(api, upload["id"], 0, export[:100])
        answer = put(api, upload["id"], 100, export[100:])
        taken = api.send(
            "POST", "/api/v1/usage/deliveries/", {"upload_id": upload["id"]}
        )
        status = taken.headers["Location"]
        waiting = told(api.get(status))
        tasks.run_load(load_id=waiting["id"])
        loaded = told(api.get(status))

        assert told(answer)["offset"] == len(export)
        assert (taken.status_code, waiting["state"]) == (202, "waiting")
        assert (loaded["state"], loaded["rows_loaded"]) == ("loaded", 1)
        assert loaded["totals"]["USD"]["billed"] == "1"

    def test_a_wrong_offset_says_where_to_go_on(self) -> None:
        api = program(make.user(Role.FINANCE), "usage:write")
        begun = {"source_name": "acme", "file_name": "a.csv", "size": 10}
        upload = told(api.send("POST", "/api/v1/usage/uploads/", begun))
        put(api, upload["id"], 0, b"abc")

        answer = put(api, upload["id"], 7, b"x")

        assert (answer.status_code, told(answer)["code"]) == (
            409,
            "usage.upload-offset",
        )
        path = f"/api/v1/usage/uploads/{upload['id']}/"
        assert told(api.get(path))["offset"] == 3

    def test_parts_may_be_larger_than_other_bodies_but_not_boundless(
        self, settings: Settings
    ) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
        settings.USAGE_PART_LIMIT = 4_000
        api = program(make.user(Role.FINANCE), "usage:write")
        begun = {"source_name": "acme", "file_name": "a.csv", "size": 9_000}
        upload = told(api.send("POST", "/api/v1/usage/uploads/", begun))

        assert put(api, upload["id"], 0, b"x" * 4_000).status_code == 200
        assert put(api, upload["id"], 4_000, b"x" * 4_001).status_code == 413

    def test_is_nobody_elses(self, world: World) -> None:
        mine, other = (make.user(Role.FINANCE) for _number in range(2))
        begun = {"source_name": "acme", "file_name": "a.csv", "size": 10}
        upload = told(caller(mine).send("POST", "/api/v1/usage/uploads/", begun))
        path = f"/api/v1/usage/uploads/{upload['id']}/"

        assert caller(other).get(path).status_code == 404
        assert put(caller(other), upload["id"], 0, b"x").status_code == 404
        handed = {"upload_id": upload["id"]}
        answer = caller(other).send("POST", "/api/v1/usage/deliveries/", handed)
        assert answer.status_code == 400
        assert caller(world.anna).send("POST", path.rsplit("/", 2)[0] + "/", begun)
        assert not UsageUpload.objects.filter(created_by=world.anna).exists()

    def test_can_be_abandoned(self) -> None:
        api = caller(make.user(Role.FINANCE))
        begun = {"source_name": "acme", "file_name": "a.csv", "size": 10}
        upload = told(api.send("POST", "/api/v1/usage/uploads/", begun))

        path = f"/api/v1/usage/uploads/{upload['id']}/abandon/"
        answer = api.send("POST", path, {})

        assert told(answer)["state"] == "abandoned"


def put(api: Client, upload_id: int, offset: int, part: bytes) -> Any:
    return api.generic(
        "PUT",
        f"/api/v1/usage/uploads/{upload_id}/parts/{offset}/",
        part,
        content_type="application/octet-stream",
    )


class TestSources:
    def test_are_registered_and_changed_with_their_version(self) -> None:
        api = caller(make.user(Role.FINANCE))

        made = api.send("POST", "/api/v1/usage/sources/", {"name": "acme"})
        path = made.headers["Location"]
        changed = api.send(
            "PATCH", path, {"lateness_days": 5}, If_Match=made.headers["ETag"]
        )
        stale = api.send(
            "PATCH", path, {"lateness_days": 6}, If_Match=made.headers["ETag"]
        )

        assert told(changed)["lateness_days"] == 5
        assert (stale.status_code, BillingSource.objects.get().version) == (412, 2)


class TestDecisions:
    def held(self, load: Loader, tmp_path: Path) -> UsageDelivery:
        days = [exports.day(1), exports.day(2)]
        load(exports.write(tmp_path / "long.csv", days))
        load(exports.write(tmp_path / "short.csv", days[:1]))
        return UsageDelivery.objects.get(status="held")

    def test_finance_approves(self, load: Loader, tmp_path: Path) -> None:
        path = f"/api/v1/usage/deliveries/{self.held(load, tmp_path).pk}/approve/"

        answer = caller(make.user(Role.FINANCE)).send("POST", path, {})

        assert (answer.status_code, told(answer)["status"]) == (200, "current")

    def test_refuses_withdraws_and_restores(self, load: Loader, tmp_path: Path) -> None:
        api = caller(make.user(Role.FINANCE))
        base = f"/api/v1/usage/deliveries/{self.held(load, tmp_path).pk}"

        refused = api.send("POST", f"{base}/refuse/", {"reason": "cut off"})
        again = api.send("POST", f"{base}/refuse/", {"reason": "cut off"})
        restored = api.send("POST", f"{base}/restore/", {})
        withdrawn = api.send("POST", f"{base}/withdraw/", {"reason": "wrong"})

        assert told(refused)["status"] == "withdrawn"
        assert (again.status_code, told(again)["code"]) == (
            409,
            "usage.delivery-refused",
        )
        assert told(restored)["status"] == "current"
        assert told(withdrawn)["status"] == "withdrawn"

    def test_others_may_not(self, load: Loader, tmp_path: Path) -> None:
        path = f"/api/v1/usage/deliveries/{self.held(load, tmp_path).pk}/approve/"

        for role in (Role.ALLIANCE_MANAGER, Role.AUDITOR, Role.INTEGRATION):
            answer = caller(make.user(role)).send("POST", path, {})
            assert answer.status_code == 403, role
        assert Client().post(path).status_code == 401

    def test_a_load_is_cancelled_once(self, load: Loader, tmp_path: Path) -> None:
        source = BillingSource.objects.create(name="a")
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        asked = operations.request_load(source=source, paths=[path], by=None, at=AT)
        api = caller(make.user(Role.FINANCE))

        first = api.send("POST", f"/api/v1/usage/loads/{asked.pk}/cancel/", {})
        again = api.send("POST", f"/api/v1/usage/loads/{asked.pk}/cancel/", {})

        assert told(first)["state"] == "cancelled"
        assert again.status_code == 409

    def test_rejects_come_as_a_file(self, load: Loader, tmp_path: Path) -> None:
        bad = load(exports.write(tmp_path / "a.csv", [exports.row(BilledCost="x")]))
        api = caller(make.user(Role.FINANCE))

        answer = api.get(f"/api/v1/usage/loads/{bad.pk}/rejects/")

        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a file
        assert "BilledCost,x,Not a number." in text
        assert api.get("/api/v1/usage/loads/0/rejects/").status_code == 404
