from collections.abc import Iterator
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.usage.focus import engine, expressions, reading


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine.opened() as connection:
        reading.prepare(connection)
        yield connection


def is_storable(value: Decimal) -> bool:
    """Tell whether numeric(38,18) holds the value without rounding."""
    _sign, digits, exponent = value.normalize().as_tuple()
    if not isinstance(exponent, int):
        return False
    return exponent >= -18 and len(digits) + exponent <= 20


class TestNumbers:
    @settings(max_examples=150, deadline=None)
    @given(
        mantissa=st.integers(min_value=-(10**37), max_value=10**37),
        exponent=st.integers(min_value=-25, max_value=12),
        spelling=st.sampled_from(["{0}e{1}", "{0}E{1}", "plain"]),
    )
    def test_are_exact_or_told_apart(
        self,
        database: duckdb.DuckDBPyConnection,
        mantissa: int,
        exponent: int,
        spelling: str,
    ) -> None:
        value = Decimal(f"{mantissa}e{exponent}")
        text = (
            f"{value:f}" if spelling == "plain" else spelling.format(mantissa, exponent)
        )

        row = database.execute(
            f"SELECT number(v), NOT {expressions.odd(['v'])} OR fits(v) "
            "FROM (SELECT CAST(? AS VARCHAR) AS v)",
            [text],
        ).fetchone()

        assert row is not None
        assert (row[0] is not None and row[1]) == is_storable(value)
        if is_storable(value):
            assert row[0] == value
