"""Tables as Parquet: the types of its columns are found in the rows, exactly kept.

Rows come once and in any number, so each block is first written aside with the types it
has by itself; when all are known, the blocks are read back and get common types. Whole
numbers and decimals stay exact, times are UTC; a column with values of different kinds
becomes text.
"""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crm.web.api.shapes import to_json

BLOCK = 5_000
EXACT = pa.decimal128(38, 18)
LARGEST = Decimal(10) ** 20
KINDS: tuple[tuple[type, pa.DataType], ...] = (
    (bool, pa.bool_()),
    (int, pa.int64()),
    (Decimal, EXACT),
    (float, pa.float64()),
    (datetime, pa.timestamp("us", tz="UTC")),
    (date, pa.date32()),
)
"""Type of a value → type of its column; the first that fits. All else is text."""


def write(file: IO[bytes], headings: Sequence[str], rows: Iterable[Any]) -> None:
    """Write a table; a heading that comes twice gets its number behind it."""
    names = _distinct(headings)
    with tempfile.TemporaryFile() as aside:
        kinds = _put_aside(aside, names, rows)
        schema = pa.schema(
            [
                (name, kind or pa.string())
                for name, kind in zip(names, kinds, strict=True)
            ]
        )
        aside.seek(0)
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for block in _blocks(aside):
                writer.write_table(_as_common(block, schema))


def _put_aside(
    aside: IO[bytes], names: Sequence[str], rows: Iterable[Any]
) -> list[pa.DataType | None]:
    kinds: list[pa.DataType | None] = [None] * len(names)
    left = iter(rows)
    while block := list(islice(left, BLOCK)):
        arrays = [_array([row[at] for row in block]) for at in range(len(names))]
        kinds = [
            _common(kind, array.type) for kind, array in zip(kinds, arrays, strict=True)
        ]
        table = pa.Table.from_arrays(arrays, names=list(names))
        with pa.ipc.new_stream(aside, table.schema) as stream:
            stream.write_table(table)
    return kinds


def _blocks(aside: IO[bytes]) -> Iterator[pa.Table]:
    end = aside.seek(0, 2)
    aside.seek(0)
    while aside.tell() < end:
        yield pa.ipc.open_stream(aside).read_all()


def _array(values: Sequence[Any]) -> pa.Array:
    kind = None
    for value in values:
        if value is not None:
            kind = _common(kind, _kind_of(value))
    if kind is None:
        return pa.nulls(len(values))
    if kind == pa.string():
        return pa.array([_text(value) for value in values], kind)
    return pa.array([_fitting(value) for value in values], kind)


def _kind_of(value: Any) -> pa.DataType:
    if isinstance(value, Decimal) and not _is_exact(value):
        return pa.string()
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return pa.string()
    fitting = (kind for known, kind in KINDS if isinstance(value, known))
    return next(fitting, pa.string())


def _is_exact(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -18 and abs(value) < LARGEST


def _fitting(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def _common(one: pa.DataType | None, other: pa.DataType) -> pa.DataType | None:
    if pa.types.is_null(other) or one == other:
        return one
    if one is None:
        return other
    return EXACT if {one, other} == {pa.int64(), EXACT} else pa.string()


def _as_common(block: pa.Table, schema: pa.Schema) -> pa.Table:
    arrays = []
    for column, field in zip(block.columns, schema, strict=True):
        if column.type == field.type:
            arrays.append(column)
        elif field.type == pa.string():
            texts = [_text(value) for value in column.to_pylist()]
            arrays.append(pa.array(texts, field.type))
        else:
            arrays.append(pa.array(column.to_pylist(), field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict | list):
        return to_json(value).decode()
    return str(value)


def _distinct(headings: Sequence[str]) -> list[str]:
    names: list[str] = []
    for at, heading in enumerate(headings, start=1):
        names.append(heading if heading not in names else f"{heading} {at}")
    return names
