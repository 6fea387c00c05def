"""Numbers as people read them in narrow places: 1.23 M instead of 1,234,567.8."""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

STEPS = ((12, "T"), (9, "G"), (6, "M"), (3, "k"))
PLAIN_BELOW = Decimal(10_000)


def short(value: Decimal | int | None) -> str:
    """Return three or four significant digits with a metric letter behind them."""
    if value is None:
        return "–"
    number = Decimal(value)
    if abs(number) < PLAIN_BELOW:
        return _digits(number, letter="")
    power, letter = next(
        step for step in STEPS if abs(number) >= Decimal(10) ** step[0]
    )
    return _digits(number.scaleb(-power), letter=letter)


def _digits(number: Decimal, *, letter: str) -> str:
    places = 0 if abs(number) >= 1000 else 1 if abs(number) >= 100 else 2
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    text = f"{rounded:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{'0' if text == '-0' else text}{' ' + letter if letter else ''}"


def grouped(value: Decimal | None, places: int = 2) -> str:
    """Return a number with so many decimals, its thousands set apart, in every language."""
    return "–" if value is None else f"{value:,.{places}f}"


def plain(value: object) -> str:
    """Return one value of a line item as text: times in UTC, numbers in full."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        text = f"{value:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return "–" if value is None else str(value)


def percent(ratio: Decimal | None) -> str:
    """Return a ratio as percent with a sign; an en dash where there is none."""
    if ratio is None:
        return "–"
    places = Decimal("0.1") if abs(ratio) < 10 else Decimal(1)
    return f"{(ratio * 100).quantize(places):+,f} %"


def share(ratio: Decimal | None) -> str:
    """Return a part of a whole as percent; an en dash where there is none."""
    if ratio is None:
        return "–"
    return f"{(ratio * 100).quantize(Decimal('0.1')):f} %"
