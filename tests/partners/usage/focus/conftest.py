"""One file read wholly, for the tests of the reader."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from partners.usage.focus import engine, files, reading


@dataclass(frozen=True)
class Read:
    staged: reading.Staged
    rows: list[dict[str, Any]]


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
            stored = connection.execute(f"SELECT * FROM '{into}'")
            names = [column[0] for column in stored.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in stored.fetchall()]
        return Read(staged, rows)

    return read_one
