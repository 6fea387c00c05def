"""Invented exchange rates of two years, one a week, for the five currencies of the demo."""

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from crm.rates import operations
from crm.rates.files import RateLine

EURO_BUYS = {"CNY": "7.80", "USD": "1.09", "JPY": "161.0", "SGD": "1.46"}
WEEKS = 108


def bring(*, at: datetime) -> None:
    """Load the rates up to today; each swings a little around its level."""
    operations.load_rates(
        lines=_lines(at.date()), file_name="demo", sha256="", by=None, at=at
    )


def _lines(today: date) -> Iterator[RateLine]:
    line = 0
    for week in range(WEEKS, -1, -1):
        for number, (quote, level) in enumerate(sorted(EURO_BUYS.items())):
            line += 1
            swing = Decimal(f"{1 + 0.03 * math.sin(week / 9 + number):.4f}")
            yield RateLine(
                line=line,
                date=today - timedelta(weeks=week),
                base="EUR",
                quote=quote,
                rate=Decimal(level) * swing,
                source="demo",
            )
