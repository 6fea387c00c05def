"""Charts drawn by the server as SVG, each with the same figures as a table below.

    chart = Chart(
        title=_("Tokens by week"), labels=("1 Jun", "8 Jun"),
        series=(Series(name=_("Input"), values=(Decimal(3), Decimal(5))),),
    )

and in a template `{% include "web/chart.html" with chart=chart %}`. Bars of several series stand on
one another. Colours come from classes of `web/chart.css`, so that nothing is inline and dark works.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal, format_decimal
from django.utils.functional import Promise
from django.utils.translation import get_language

Text = str | Promise
WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 8, 10, 26
MOST_LABELS = 9
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Series:
    """One kind of figure, a value per label; none is below zero."""

    name: Text
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle of the drawing; `number` is that of its series, from 1."""

    x: str
    y: str
    width: str
    height: str
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the grid with its value."""

    y: str
    text_y: str
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One label below the bars."""

    x: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars over labels."""

    title: Text
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_empty(self) -> bool:
        return not any(value for one in self.series for value in one.values)

    @property
    def right(self) -> int:
        return WIDTH - RIGHT

    @property
    def left(self) -> int:
        return LEFT

    def bars(self) -> Iterator[Bar]:
        """Yield the rectangles, the first series at the bottom."""
        top, slot = self._top, self._slot
        for index, label in enumerate(self.labels):
            height = ZERO
            for number, one in enumerate(self.series, start=1):
                value = one.values[index]
                if value <= 0:
                    continue
                height += value
                tall = _tall(value, top)
                yield Bar(
                    x=_f(LEFT + slot * (index + 0.15)),
                    y=_f(HEIGHT - BOTTOM - _tall(height, top)),
                    width=_f(slot * 0.7),
                    height=_f(tall),
                    number=number,
                    label=f"{label}, {one.name}: {whole(value)}",
                )

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the grid from zero upwards."""
        step = step_for(self._highest)
        value = ZERO
        while value <= self._top:
            y = HEIGHT - BOTTOM - _tall(value, self._top)
            yield Line(_f(y), _f(y + 4), short(value))
            value += step

    def marks(self) -> Iterator[Mark]:
        """Yield as many labels as have room."""
        every = -(-len(self.labels) // MOST_LABELS)
        for index, label in enumerate(self.labels):
            if index % every == 0:
                yield Mark(_f(LEFT + self._slot * (index + 0.5)), label)

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the table: a label with the figure of each series."""
        for index, label in enumerate(self.labels):
            yield label, [whole(one.values[index]) for one in self.series]

    @property
    def _highest(self) -> Decimal:
        sums = (sum(values, ZERO) for values in zip(*self._values(), strict=True))
        return max(sums, default=ZERO)

    def _values(self) -> Sequence[tuple[Decimal, ...]]:
        return [one.values for one in self.series]

    @property
    def _top(self) -> Decimal:
        step = step_for(self._highest)
        return max((self._highest / step).to_integral(ROUND_CEILING), Decimal(1)) * step

    @property
    def _slot(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(len(self.labels), 1)


def step_for(highest: Decimal) -> Decimal:
    """Return the distance of grid lines: round, and three to five of them."""
    if highest <= 0:
        return Decimal(1)
    power = Decimal(10) ** (highest / 4).adjusted()
    return next(step * power for step in STEPS if step * power * 4 >= highest)


def short(value: Decimal) -> str:
    """Return a figure for an axis: 1.5M, 150万."""
    return str(format_compact_decimal(value, locale=_locale(), fraction_digits=1))


def whole(value: Decimal) -> str:
    """Return a figure in full, without needless digits."""
    return str(format_decimal(value, format="#,##0.##", locale=_locale()))


def day_of(day: date) -> str:
    """Return a day without its year, as an axis says it."""
    return str(format_skeleton("MMMd", day, locale=_locale()))


def _locale() -> str:
    return "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en"


def _tall(value: Decimal, top: Decimal) -> float:
    return float((HEIGHT - TOP - BOTTOM) * value / top)


def _f(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
