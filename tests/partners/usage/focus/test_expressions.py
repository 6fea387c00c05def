"""Numbers are exact or told apart, whatever their spelling."""

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


def is_storable(mantissa: int, exponent: int) -> bool:
    """Tell whether numeric(38,18) holds mantissa times ten to the exponent."""
    digits = str(abs(mantissa))
    needed = len(digits) - len(digits.rstrip("0"))
    is_fine = mantissa == 0 or exponent + needed >= -18
    return is_fine and (mantissa == 0 or len(digits) + exponent <= 20)


SPELLED = st.tuples(
    st.integers(min_value=-(10**37), max_value=10**37),
    st.integers(min_value=-25, max_value=12),
    st.sampled_from(["{0}e{1}", "{0}E{1}", "plain"]),
)


def spell(mantissa: int, exponent: int, spelling: str) -> str:
    if spelling == "plain":
        return f"{Decimal(f'{mantissa}e{exponent}'):f}"
    return spelling.format(mantissa, exponent)


class TestNumbers:
    @pytest.mark.timeout(60)
    @settings(max_examples=15, deadline=None)
    @given(drawn=st.lists(SPELLED, min_size=20, max_size=60))
    def test_are_exact_or_told_apart(
        self, database: duckdb.DuckDBPyConnection, drawn: list[tuple[int, int, str]]
    ) -> None:
        spelled = [spell(*one) for one in drawn]

        rows = database.execute(
            f"SELECT number(v), NOT {expressions.odd(['v'])} OR fits(v) "
            "FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS v)",
            [spelled],
        ).fetchall()

        for (mantissa, exponent, _spelling), (number, fits) in zip(
            drawn, rows, strict=True
        ):
            value = Decimal(f"{mantissa}e{exponent}")
            is_kept = number is not None and fits
            assert is_kept == is_storable(mantissa, exponent)
            assert not is_kept or number == value
