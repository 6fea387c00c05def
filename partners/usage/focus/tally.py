"""Adding the costs of a file up while it is read, beside the writing of its rows.

DuckDB hands every row it reads to `Tally.see`, two thousand at a time, before any row is
left out. What lies in the store afterwards is added up on its own and held against it.
Some batches are put by and added up together: adding up costs more per batch than per row.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Context, Decimal
from threading import Lock

import duckdb
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from partners.usage.focus import columns
from partners.usage.focus.engine import name
from partners.usage.focus.expressions import NUMBER

EXACT = Context(prec=120)
"""Python's own 28 digits would round the sums of large bills."""

Totals = dict[str, dict[str, Decimal]]
"""Sums per currency and cost column."""

KEYS = ("currency", *columns.COSTS)
SUMS = [(column, "sum") for column in columns.COSTS]

HELD_ROWS = 1 << 17
"""Rows put by before they are added up; some ten megabytes."""


class Tally:
    """Rows and costs of one file so far; several threads of DuckDB add to it."""

    def __init__(self) -> None:
        self.rows = 0
        self.totals: Totals = {}
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._lock = Lock()

    def see(
        self,
        currency: pa.Array,
        billed: pa.Array,
        effective: pa.Array,
        listed: pa.Array,
        contracted: pa.Array,
    ) -> pa.Array:
        """Add some rows, the costs in the order of `columns.COSTS`; answer one for each."""
        costs = [_joined(column) for column in (billed, effective, listed, contracted)]
        batch = pa.RecordBatch.from_arrays(
            [_joined(currency), *costs], names=list(KEYS)
        )
        count = len(currency)
        with self._lock:
            self.rows += count
            self._held.append(batch)
            self._held_rows += count
            if self._held_rows >= HELD_ROWS:
                self.add_up()
        return pa.repeat(1, count)

    def add_up(self) -> None:
        """Add up what was put by."""
        if not self._held:
            return
        rows = pa.Table.from_batches(self._held)
        self._held, self._held_rows = [], 0
        found = rows.group_by("currency", use_threads=False).aggregate(SUMS)
        for row in found.to_pylist():
            costs = [row[f"{column}_sum"] for column in columns.COSTS]
            self.add(row["currency"], costs=costs)

    def add(
        self, currency: str | None, *, costs: Sequence[Decimal | None], rows: int = 0
    ) -> None:
        """Add sums of some rows, in the order of `columns.COSTS`."""
        self.rows += rows
        sums = self.totals.setdefault(
            (currency or "").upper(), dict.fromkeys(columns.COSTS, Decimal(0))
        )
        for column, cost in zip(columns.COSTS, costs, strict=True):
            sums[column] = EXACT.add(sums[column], cost or Decimal(0))


def _joined(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def seen() -> str:
    """Return SQL that lets the tally see a row of typed columns."""
    costs = ", ".join(name("t_" + column) for column in columns.COSTS)
    return f'tally("BillingCurrency", {costs}) = 1'


@contextmanager
def tallied(connection: duckdb.DuckDBPyConnection) -> Iterator[Tally]:
    """Let SQL of the block call `tally`, and yield what it has seen."""
    tally = Tally()
    connection.create_function(
        "tally",
        tally.see,
        ["VARCHAR", *([NUMBER] * len(columns.COSTS))],
        "BIGINT",
        type=ARROW,
        null_handling=SPECIAL,
        side_effects=True,  # called for each row once, neither folded nor moved
    )
    try:
        yield tally
        tally.add_up()
    finally:
        connection.remove_function("tally")
