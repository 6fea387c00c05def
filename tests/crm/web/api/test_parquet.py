"""Tables as Parquet: types found in the rows, digits kept, any number of rows."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm.web.api import formats, parquet


def written(headings: list[str], rows: Any) -> pa.Table:
    file = io.BytesIO()
    parquet.write(file, headings, rows)
    file.seek(0)
    return pq.read_table(file)


@pytest.mark.parametrize(
    ("values", "kind", "kept"),
    [
        ([1, None], pa.int64(), [1, None]),
        ([1, Decimal("0.1")], parquet.EXACT, [Decimal(1), Decimal("0.1")]),
        ([True, False], pa.bool_(), [True, False]),
        ([0.5, None], pa.float64(), [0.5, None]),
        ([date(2026, 1, 2)], pa.date32(), [date(2026, 1, 2)]),
        ([None, None], pa.string(), [None, None]),
        ([1, "one"], pa.string(), ["1", "one"]),
        ([2**70], pa.string(), [str(2**70)]),
        ([Decimal("1e-19")], pa.string(), ["0." + "0" * 18 + "1"]),
        ([{"a": [1]}], pa.string(), ['{"a":[1]}']),
        (["=1+1"], pa.string(), ["=1+1"]),
    ],
)
def test_a_column_gets_the_type_of_its_values(
    values: list[Any], kind: pa.DataType, kept: list[Any]
) -> None:
    table = written(["column"], [(value,) for value in values])

    assert table.schema.field("column").type == kind
    assert table.column("column").to_pylist() == kept


def test_times_are_utc() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    assert written(["at"], [(at,)]).column("at").to_pylist() == [at]


def test_blocks_of_different_types_get_a_common_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet, "BLOCK", 2)

    rows = [(None, 1), (None, 2), (3, Decimal("0.5")), (4, None), (5, 6)]
    table = written(["late", "wider"], iter(rows))

    assert table.column("late").to_pylist() == [None, None, 3, 4, 5]
    assert table.schema.field("wider").type == parquet.EXACT
    assert table.column("wider").to_pylist() == [1, 2, Decimal("0.5"), None, 6]


def test_without_rows_there_are_still_columns() -> None:
    assert written(["a", "a"], []).schema.names == ["a", "a 2"]


def test_answers_as_a_file() -> None:
    answer: Any = formats.TABLES["parquet"]("usage", ["day"], [(date(2026, 1, 2),)])

    content = b"".join(answer.streaming_content)
    answer.file_to_stream.close()
    assert answer["Content-Disposition"] == 'attachment; filename="usage.parquet"'
    assert pq.read_table(io.BytesIO(content)).num_rows == 1
