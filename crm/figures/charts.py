"""Charts as SVG: one drawing for mail (as PNG), PDF and page (as vectors).

Sizes are in points of a drawing 560 wide. Texts stand in the SVG as text, in the family
of the bundled font, so that nothing depends on the machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from html import escape

from crm.figures import words
from crm.figures.blocks import Block

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 34, 34
COLORS = ("#1d4ed8", "#0f9f8f", "#d97706", "#7c3aed", "#be123c")
INK, FAINT, GRID, GROUND = "#1f2937", "#6b7280", "#e5e7eb", "#ffffff"
FAMILY = "Noto Sans CJK SC"
HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    f'width="{WIDTH}" height="{HEIGHT}" font-family="{FAMILY}" font-size="11">'
)
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
MOST_LABELS = 10


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to a height: `top` is the highest line of the grid."""

    bottom: Decimal
    top: Decimal
    step: Decimal

    def y(self, value: Decimal) -> float:
        """Return the distance from the upper edge."""
        share = (value - self.bottom) / (self.top - self.bottom)
        return float(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share))

    def lines(self) -> Iterator[Decimal]:
        """Return the values at which the grid has a line."""
        value = self.bottom
        while value <= self.top:
            yield value
            value += self.step


def draw(block: Block, *, language: str) -> str:
    """Return the chart of a block as SVG, the same text for the same block."""
    series = [
        (each["label"], [None if v is None else Decimal(v) for v in each["values"]])
        for each in block.get("series", [])
    ]
    known = [v for _, values in series for v in values if v is not None]
    labels = block.get("labels", [])
    if not known or not labels:
        return ""
    kind = block.get("chart", "lines")
    scale = scale_for([*_heights(series)] if kind == "stacked" else known)
    unit = block.get("unit", "count")
    marks = MARKS[kind]
    parts = [
        HEAD,
        f'<rect class="chart-ground" width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>',
        *_grid(scale, unit, language),
        *_labels(labels),
        *marks(series, scale, len(labels)),
        *_legend([label for label, _ in series]),
        "</svg>",
    ]
    return "".join(parts)


def scale_for(known: Sequence[Decimal]) -> Scale:
    """Return a scale with three to six round lines that holds all values and zero."""
    low, high = min(Decimal(0), *known), max(Decimal(0), *known)
    span = high - low or Decimal(1)
    power = Decimal(10) ** (span / 4).adjusted()
    step = next(s * power for s in STEPS if s * power * 4 >= span)
    if all(value == value.to_integral() for value in known):
        step = max(step, Decimal(1)).to_integral(ROUND_CEILING)
    bottom = -((-low / step).to_integral(ROUND_CEILING) * step)
    top = (high / step).to_integral(ROUND_CEILING) * step
    return Scale(bottom, max(top, bottom + step), step)


def _grid(scale: Scale, unit: str, language: str) -> Iterator[str]:
    for value in scale.lines():
        y = _f(scale.y(value))
        color = FAINT if value == 0 else GRID
        mark = "chart-axis" if value == 0 else "chart-grid"
        yield (
            f'<path class="{mark}" d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{color}"/>'
        )
        said = escape(words.axis(value, unit, language))
        yield (
            f'<text class="chart-faint" x="{LEFT - 6}" y="{_f(scale.y(value) + 4)}" '
            'text-anchor="end" '
            f'fill="{FAINT}">{said}</text>'
        )


def _labels(labels: Sequence[str]) -> Iterator[str]:
    every = -(-len(labels) // MOST_LABELS)
    slot = _slot(len(labels))
    for index, label in enumerate(labels):
        if index % every == 0:
            x = _f(LEFT + slot * (index + 0.5))
            for line, part in enumerate(in_lines(label, slot * every)):
                yield (
                    f'<text class="chart-faint" x="{x}" y="{HEIGHT - 18 + 12 * line}" '
                    f'text-anchor="middle" fill="{FAINT}">{escape(part)}</text>'
                )


def in_lines(label: str, room: float) -> list[str]:
    """Return a label in one line, or broken into two where it is too long for its room."""
    if width_of(label) <= room or " " not in label:
        return [label]
    breaks = [at for at, sign in enumerate(label) if sign == " "]
    middle = min(breaks, key=lambda at: abs(2 * at - len(label)))
    return [label[:middle], label[middle + 1 :]]


def width_of(text: str) -> float:
    """Return about how wide a text is drawn: Chinese signs are wider."""
    return sum(11.5 if ord(sign) > 0x2E80 else 6.2 for sign in text)


def _bars(
    series: Sequence[tuple[str, Sequence[Decimal | None]]], scale: Scale, count: int
) -> Iterator[str]:
    slot = _slot(count)
    width = min(slot * 0.7 / len(series), 34.0)
    zero = scale.y(Decimal(0))
    for number, (_label, values) in enumerate(series):
        for index, value in enumerate(values):
            if value is None:
                continue
            y = scale.y(value)
            x = LEFT + slot * (index + 0.5) + width * (number - len(series) / 2)
            yield (
                f'<rect x="{_f(x)}" y="{_f(min(y, zero))}" width="{_f(width - 1)}" '
                f'height="{_f(abs(zero - y))}" rx="1.5" '
                f'class="chart-{number % len(COLORS)}" '
                f'fill="{COLORS[number % len(COLORS)]}"/>'
            )


def _stacked(
    series: Sequence[tuple[str, Sequence[Decimal | None]]], scale: Scale, count: int
) -> Iterator[str]:
    slot = _slot(count)
    width = min(slot * 0.62, 44.0)
    for index in range(count):
        x = LEFT + slot * (index + 0.5) - width / 2
        ends = {True: Decimal(0), False: Decimal(0)}
        for number, (_label, values) in enumerate(series):
            value = values[index]
            if not value:
                continue
            start = ends[value > 0]
            ends[value > 0] = start + value
            high = scale.y(max(start, start + value))
            yield (
                f'<rect class="chart-{number % len(COLORS)}" x="{_f(x)}" y="{_f(high)}" '
                f'width="{_f(width)}" '
                f'height="{_f(scale.y(min(start, start + value)) - high)}" '
                f'fill="{COLORS[number % len(COLORS)]}"/>'
            )


def _heights(
    series: Sequence[tuple[str, Sequence[Decimal | None]]],
) -> Iterator[Decimal]:
    """Return how far up and down the stacks reach."""
    for values in zip(*(each for _, each in series), strict=True):
        known = [value for value in values if value is not None]
        yield sum((value for value in known if value > 0), Decimal(0))
        yield sum((value for value in known if value < 0), Decimal(0))


def _lines(
    series: Sequence[tuple[str, Sequence[Decimal | None]]], scale: Scale, count: int
) -> Iterator[str]:
    slot = _slot(count)
    for number, (_label, values) in enumerate(series):
        color = COLORS[number % len(COLORS)]
        path, pen, end = "", "M", None
        for index, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            end = (_f(LEFT + slot * (index + 0.5)), _f(scale.y(value)))
            path += f"{pen}{end[0]} {end[1]}"
            pen = "L"
        yield (
            f'<path class="chart-line-{number % len(COLORS)}" d="{path}" fill="none" '
            f'stroke="{color}" stroke-width="2.2" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
        if end is not None:
            yield (
                f'<circle class="chart-{number % len(COLORS)}" cx="{end[0]}" '
                f'cy="{end[1]}" r="3.2" fill="{color}"/>'
            )


def _legend(labels: Sequence[str]) -> Iterator[str]:
    x = float(LEFT)
    for number, label in enumerate(labels):
        color = COLORS[number % len(COLORS)]
        mark = f"chart-{number % len(COLORS)}"
        yield (
            f'<rect class="{mark}" x="{_f(x)}" y="10" width="10" height="10" rx="2" '
            f'fill="{color}"/>'
        )
        yield (
            f'<text class="chart-ink" x="{_f(x + 15)}" y="19" fill="{INK}">'
            f"{escape(label)}</text>"
        )
        x += 33 + width_of(label)


def _slot(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / count


def _f(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


MARKS = {"bars": _bars, "lines": _lines, "stacked": _stacked}
