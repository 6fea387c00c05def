"""Charts as plain SVG, made here: stacked bars per day, with a link behind each bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm.core import numbers

WIDTH, HEIGHT = 960, 220
LEFT, BOTTOM, TOP = 64, 22, 8
MARKS = 4
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """One coloured part of a bar."""

    y: float
    height: float
    color: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its parts, what it says when pointed at, and where it leads."""

    x: float
    width: float
    pieces: tuple[Piece, ...]
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A line with its value, or a day below the bars."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws."""

    title: str
    bars: tuple[Bar, ...]
    values: tuple[Mark, ...]
    days: tuple[Mark, ...]
    keys: tuple[str, ...]
    unit: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM


def stacked(
    *,
    title: str,
    unit: str,
    days: Sequence[date],
    series: Mapping[str, Mapping[date, Decimal]],
    urls: Mapping[date, str],
) -> Chart:
    """Return a chart of the series, one on the other, day by day.

    What is negative (a credit, a correction) is told in the title and draws nothing.
    """
    totals = {
        day: sum((max(own.get(day, ZERO), ZERO) for own in series.values()), ZERO)
        for day in days
    }
    top = _round_up(max(totals.values(), default=ZERO))
    step = (WIDTH - LEFT) / max(len(days), 1)
    bars = tuple(
        Bar(
            x=round(LEFT + at * step, 2),
            width=round(max(step * 0.82, 0.5), 2),
            pieces=_pieces(day, series, top),
            title=_said(day, series, unit),
            url=urls.get(day, ""),
        )
        for at, day in enumerate(days)
    )
    return Chart(
        title=title,
        unit=unit,
        bars=bars,
        values=_values(top),
        days=_day_marks(days, step),
        keys=tuple(series),
    )


def _pieces(
    day: date, series: Mapping[str, Mapping[date, Decimal]], top: Decimal
) -> tuple[Piece, ...]:
    pieces, floor = [], float(HEIGHT - BOTTOM)
    for color, own in enumerate(series.values()):
        value = own.get(day, ZERO)
        if value <= 0:
            continue
        height = float(value / top) * (HEIGHT - BOTTOM - TOP)
        floor -= height
        pieces.append(Piece(y=round(floor, 2), height=round(height, 2), color=color))
    return tuple(pieces)


def _said(day: date, series: Mapping[str, Mapping[date, Decimal]], unit: str) -> str:
    parts = [
        f"{key or '–'}: {numbers.short(own[day])} {unit}"
        for key, own in series.items()
        if own.get(day)
    ]
    return "\n".join([day.isoformat(), *parts])


def _values(top: Decimal) -> tuple[Mark, ...]:
    room = HEIGHT - BOTTOM - TOP
    return tuple(
        Mark(
            at=round(HEIGHT - BOTTOM - room * number / MARKS, 2),
            text=numbers.short(top * number / MARKS),
        )
        for number in range(MARKS + 1)
    )


def _day_marks(days: Sequence[date], step: float) -> tuple[Mark, ...]:
    every = max(1, len(days) // 8)
    return tuple(
        Mark(at=round(LEFT + at * step, 2), text=day.strftime("%m-%d"))
        for at, day in enumerate(days)
        if at % every == 0
    )


def _round_up(value: Decimal) -> Decimal:
    """Return a round number that is at least the value."""
    if value <= 0:
        return Decimal(1)
    power = Decimal(10) ** value.adjusted()
    steps = (Decimal(n) for n in ("1", "1.5", "2", "2.5", "3", "4", "5", "6", "8"))
    return next((step * power for step in steps if step * power >= value), 10 * power)
