"""Numbers as people read them in narrow places and in full."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crm.core import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0, "0"),
        (Decimal("-0.001"), "0"),
        (Decimal("12.345"), "12.34"),
        (999, "999"),
        (9_999, "9,999"),
        (10_000, "10 k"),
        (1_234_567, "1.23 M"),
        (-250_000, "-250 k"),
        (Decimal("7.5e9"), "7.5 G"),
        (Decimal("1.5e16"), "15,000 T"),
    ],
)
def test_short_ones_keep_three_or_four_digits(
    value: Decimal | int | None, text: str
) -> None:
    assert numbers.short(value) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (None, 2, "–"),
        (Decimal("1234.5"), 2, "1,234.50"),
        (Decimal(-5), 0, "-5"),
    ],
)
def test_grouped_ones_have_their_decimals(
    value: Decimal | None, places: int, text: str
) -> None:
    assert numbers.grouped(value, places) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (Decimal("1200.500"), "1,200.5"),
        (Decimal(1200), "1,200"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "2026-03-01 09:30"),
        ("as it is", "as it is"),
        (7, "7"),
    ],
)
def test_a_value_of_a_line_is_told_in_full(value: object, text: str) -> None:
    assert numbers.plain(value) == text
