"""Where typed line items lie: zstd Parquet by source, billing month and delivery.

    <store>/source=3/billing_month=2025-01/delivery=17/part-1.parquet

A folder is written under `work/` first and moved in one step, so whatever lies under its
final name is whole. Any engine that reads hive-partitioned Parquet can read the store.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings


def root() -> Path:
    """Return the folder of the store."""
    return Path(settings.USAGE_STORE)


@contextmanager
def workplace(load_id: int) -> Iterator[Path]:
    """Yield an empty folder for one load and remove it afterwards."""
    folder = root() / "work" / f"load={load_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget_work(load_id: int) -> None:
    """Remove what a killed load left behind."""
    shutil.rmtree(root() / "work" / f"load={load_id}", ignore_errors=True)


def folder_of(*, source_id: int, billing_month: date, delivery_id: int) -> str:
    """Return the folder of one delivery, relative to the store."""
    return (
        f"source={source_id}/billing_month={billing_month:%Y-%m}/delivery={delivery_id}"
    )


def keep(staged: Path, *, folder: str) -> int:
    """Move a staged folder to its place; return its size in bytes."""
    place = root() / folder
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    staged.rename(place)
    return sum(file.stat().st_size for file in place.glob("*.parquet"))


def drop(folder: str) -> None:
    """Remove the line items of one delivery."""
    if folder:
        shutil.rmtree(root() / folder, ignore_errors=True)


def files_of(folder: str) -> list[str]:
    """Return the Parquet files of one delivery, sorted."""
    return sorted(str(file) for file in (root() / folder).glob("*.parquet"))


def rejects_file(load_id: int) -> Path:
    """Return where the rejected rows of a load lie for download."""
    return root() / "rejects" / f"load={load_id}.csv"


def upload_file(upload_id: int, name: str) -> Path:
    """Return where the parts of an upload are put together."""
    return root() / "uploads" / f"upload={upload_id}" / name


def forget_upload(upload_id: int) -> None:
    """Remove what was sent."""
    shutil.rmtree(root() / "uploads" / f"upload={upload_id}", ignore_errors=True)


def arrival_folder(arrival_id: int) -> Path:
    """Return where a file or folder that was found is fetched to."""
    return root() / "arrivals" / f"arrival={arrival_id}"


@contextmanager
def appending(path: Path, *, at: int) -> Iterator[BinaryIO | None]:
    """Yield a file to write on from a place, or None while somebody else writes.

    What lies behind the place was written and never noted; it is written again.
    """
    with path.open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        file.truncate(at)
        file.seek(at)
        yield cast("BinaryIO", file)
        os.fsync(file.fileno())
