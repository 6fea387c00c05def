"""One file read wholly, for the tests of the reader."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from partners.usage.focus import engine, files, reading, stored


@dataclass(frozen=True)
class Read:
    staged: reading.Staged
    rows: list[dict[str, Any]]
    months: list[date]
    """Billing months, the one with most rows first."""
    facts: stored.Facts


@pytest.fixture
def read(tmp_path: Path) -> Callable[[Path], Read]:
    """Read one file wholly and return what was staged and stored."""

    def read_one(path: Path) -> Read:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        with engine.opened(spill=work / "spill") as connection:
            reading.prepare(connection)
            opened = files.open_file(path, work=work)
            into = work / f"{path.name}.parquet"
            staged = reading.stage(opened, into=into, connection=connection)
            parts = [one for one in (into, staged.shape) if one is not None]
            found = connection.execute(f"SELECT * FROM {stored.rows_of(parts)}")
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            months = stored.months(connection, parts)
            return Read(staged, rows, months, stored.facts(connection, parts))

    return read_one
