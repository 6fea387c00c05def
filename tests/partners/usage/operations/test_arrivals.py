"""Exports in the drop: a folder and an object store, complete ones only, each once."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from django.db import IntegrityError, transaction
from fsspec.implementations.memory import MemoryFileSystem

from partners.usage import dropbox, operations
from partners.usage.dropbox import Drop, DropUnreachableError
from partners.usage.models import (
    ArrivalState,
    BillingSource,
    LoadState,
    UsageArrival,
)
from tests.partners.usage import exports
from tests.partners.usage.conftest import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("usage_store")]


@pytest.fixture(params=["folder", "memory"])
def drop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Drop]:
    """Return the same drop in a local folder and in an object store."""
    url = str(tmp_path / "drop") if request.param == "folder" else "memory://drop"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    yield Drop(url, {}, seconds=5)
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def export(tmp_path: Path) -> bytes:
    return exports.write(tmp_path / "jan.csv", [exports.row()]).read_bytes()


def put(drop: Drop, address: str, content: bytes) -> None:
    drop.system.makedirs(f"{drop.root}/{address}".rsplit("/", 1)[0], exist_ok=True)
    drop.system.pipe_file(f"{drop.root}/{address}", content)


def looked(drop: Drop) -> list[UsageArrival]:
    return operations.look_for_arrivals(drop=drop, at=AT)


def taken(drop: Drop, arrival: UsageArrival) -> Any:
    return operations.take_arrival(arrival=arrival, drop=drop, owner="test", at=AT)


class TestLook:
    def test_an_empty_place_is_no_fault(self, drop: Drop) -> None:
        assert looked(drop) == []

    def test_takes_what_lies_still_for_one_look(
        self, drop: Drop, export: bytes
    ) -> None:
        put(drop, "acme/jan.csv", export[:50])

        assert looked(drop) == []
        put(drop, "acme/jan.csv", export)
        assert looked(drop) == []
        assert [one.address for one in looked(drop)] == ["acme/jan.csv"]

    @pytest.mark.parametrize("name", ["jan.csv.part", ".jan.csv", "jan.tmp"])
    def test_leaves_what_is_still_being_written(self, drop: Drop, name: str) -> None:
        put(drop, f"acme/{name}", b"x")

        looked(drop)
        assert looked(drop) == []
        assert not UsageArrival.objects.exists()


class TestTake:
    def test_loads_and_puts_away(self, drop: Drop, export: bytes) -> None:
        put(drop, "acme/jan.csv", export)
        looked(drop)
        (arrival,) = looked(drop)

        load = taken(drop, arrival)
        load = operations.run_load(load=load, owner="test", at=AT)
        assert operations.conclude_arrivals(drop=drop, at=AT) == 1

        assert (load.state, load.rows_loaded) == (LoadState.LOADED, 1)
        assert BillingSource.objects.get().name == "acme"
        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.DONE
        assert drop.system.exists(f"{drop.root}/.done/acme/jan.csv")
        assert not drop.system.exists(f"{drop.root}/acme/jan.csv")
        assert looked(drop) == []

    def test_takes_a_folder_with_its_manifest_as_one_delivery(
        self, drop: Drop, export: bytes
    ) -> None:
        manifest = {"files": [{"name": "jan.csv", "rows": 1}], "delivery": "7"}
        put(drop, "acme/2025-01/jan.csv", export)
        put(drop, "acme/2025-01/manifest.json", json.dumps(manifest).encode())
        looked(drop)
        (arrival,) = looked(drop)

        load = operations.run_load(load=taken(drop, arrival), owner="test", at=AT)

        assert (load.state, load.manifest) == (LoadState.LOADED, "manifest.json")

    def test_a_refused_one_gets_its_reason_beside_it(self, drop: Drop) -> None:
        put(drop, "acme/bad.csv", b"a,b\n1,2\n")
        looked(drop)
        (arrival,) = looked(drop)

        operations.run_load(load=taken(drop, arrival), owner="test", at=AT)
        operations.conclude_arrivals(drop=drop, at=AT)

        arrival.refresh_from_db()
        why = json.loads(
            drop.system.cat_file(f"{drop.root}/.refused/acme/bad.csv.why.json")
        )
        assert arrival.state == ArrivalState.REFUSED
        assert why["code"] == "usage.columns-missing"

    def test_what_cannot_be_handed_in_is_refused_at_once(self, drop: Drop) -> None:
        put(drop, "acme/2025-01/readme.txt", b"nothing here")
        looked(drop)
        (arrival,) = looked(drop)

        assert taken(drop, arrival) is None

        arrival.refresh_from_db()
        assert (arrival.state, arrival.load) == (ArrivalState.REFUSED, None)
        assert drop.system.exists(f"{drop.root}/.refused/acme/2025-01/readme.txt")

    def test_two_workers_take_it_once(self, drop: Drop, export: bytes) -> None:
        put(drop, "acme/jan.csv", export)
        looked(drop)
        (arrival,) = looked(drop)

        assert taken(drop, arrival) is not None
        assert taken(drop, arrival) is None

    def test_what_changed_meanwhile_waits_for_the_next_look(
        self, drop: Drop, export: bytes
    ) -> None:
        put(drop, "acme/jan.csv", export)
        looked(drop)
        (arrival,) = looked(drop)
        put(drop, "acme/jan.csv", export + export)

        with pytest.raises(DropUnreachableError, match="changed"):
            taken(drop, arrival)

        arrival.refresh_from_db()
        assert arrival.state == ArrivalState.SEEN


class TestTimeouts:
    def test_a_place_that_does_not_answer_is_given_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        drop = Drop(str(tmp_path), {}, seconds=0.05)

        def slowly(_path: str) -> list[Any]:
            time.sleep(0.3)
            return []

        monkeypatch.setattr(drop, "_entries", slowly)

        with pytest.raises(DropUnreachableError, match=r"no answer in 0\.05 s"):
            drop.found()

    def test_a_kind_of_store_that_is_not_installed_is_named(self) -> None:
        with pytest.raises(DropUnreachableError, match="s3fs"):
            Drop("s3://bucket/prefix", {}, seconds=5)

    def test_object_stores_get_time_outs_of_their_own(self) -> None:
        timeouts = dropbox.DEFAULTS["s3"]["config_kwargs"]

        assert timeouts == {"connect_timeout": 5, "read_timeout": 30}
        assert "s3" in fsspec.available_protocols()


class TestConstraints:
    def test_one_open_arrival_per_address(self) -> None:
        first = UsageArrival.objects.create(address="a/b", source_name="a", seen_at=AT)
        UsageArrival.objects.create(address="a/c", source_name="a", seen_at=AT)
        with (
            pytest.raises(IntegrityError, match="usage_arrival_one_open_per_address"),
            transaction.atomic(),
        ):
            UsageArrival.objects.create(address="a/b", source_name="a", seen_at=AT)

        UsageArrival.objects.filter(pk=first.pk).update(state=ArrivalState.DONE)
        assert UsageArrival.objects.create(
            address="a/b", source_name="a", seen_at=AT
        ).pk

    def test_a_state_is_known(self) -> None:
        with pytest.raises(IntegrityError, match="usage_arrival_state_known"):
            UsageArrival.objects.create(
                address="a", source_name="a", seen_at=AT, state="other"
            )
