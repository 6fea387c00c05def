"""Where typed line items lie: zstd Parquet by source, billing month and delivery.

    <store>/source=3/billing_month=2025-01/delivery=17/part-1.parquet

A folder is written under `work/` first and moved in one step, so whatever lies under its
final name is whole. Any engine that reads hive-partitioned Parquet can read the store.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

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
