"""Charts as SVG: one drawing for mail (as PNG), PDF and page (as vectors).

Sizes are in points of a drawing 560 wide. Texts stand in the SVG as text, in the family
of the bundled font, so that nothing depends on the machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from html import escape

from crm.reports.blocks import Block
from crm.reports.rendering import words

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 34, 28
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
    scale = scale_for(known)
    unit = block.get("unit", "count")
    marks = _bars if block.get("chart") == "bars" else _lines
    parts = [
        HEAD,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>',
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
        yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{color}"/>'
        said = escape(words.axis(value, unit, language))
        yield (
            f'<text x="{LEFT - 6}" y="{_f(scale.y(value) + 4)}" text-anchor="end" '
            f'fill="{FAINT}">{said}</text>'
        )


def _labels(labels: Sequence[str]) -> Iterator[str]:
    every = -(-len(labels) // MOST_LABELS)
    slot = _slot(len(labels))
    for index, label in enumerate(labels):
        if index % every == 0:
            yield (
                f'<text x="{_f(LEFT + slot * (index + 0.5))}" y="{HEIGHT - 9}" '
                f'text-anchor="middle" fill="{FAINT}">{escape(label)}</text>'
            )


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
                f'fill="{COLORS[number % len(COLORS)]}"/>'
            )


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
            f'<path d="{path}" fill="none" stroke="{color}" stroke-width="2.2" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )
        if end is not None:
            yield f'<circle cx="{end[0]}" cy="{end[1]}" r="3.2" fill="{color}"/>'


def _legend(labels: Sequence[str]) -> Iterator[str]:
    x = float(LEFT)
    for number, label in enumerate(labels):
        color = COLORS[number % len(COLORS)]
        yield f'<rect x="{_f(x)}" y="10" width="10" height="10" rx="2" fill="{color}"/>'
        yield f'<text x="{_f(x + 15)}" y="19" fill="{INK}">{escape(label)}</text>'
        x += 33 + sum(11.5 if ord(sign) > 0x2E80 else 6.2 for sign in label)


def _slot(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / count


def _f(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
