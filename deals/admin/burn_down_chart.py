"""The burn-down of a commitment as SVG: committed, planned, drawn, projected.

Drawn on the server; colours and dashes are attributes, so that a strict
Content-Security-Policy has nothing to refuse. What it shows stands beside it as a table.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from deals.queries.burn_down import BurnPoint

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 34
MOST_LABELS = 8
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
SUFFIXES = ((Decimal(10) ** 9, "G"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k"))


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of the chart."""

    name: str
    label: str
    points: Sequence[tuple[date, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """From days and amounts to places in the drawing."""

    start: date
    end: date
    top: Decimal
    step: Decimal

    def x(self, day: date) -> float:
        span = max((self.end - self.start).days, 1)
        share = (day - self.start).days / span
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def y(self, amount: Decimal) -> float:
        share = float(amount / self.top)
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)


def draw(points: Sequence[BurnPoint], *, amount: Decimal) -> SafeString:
    """Return the drawing; nothing without two days."""
    if len(points) < 2:
        return mark_safe("")
    curves = list(_curves(points, amount))
    frame = _frame(points, curves, amount)
    parts = [
        (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" class="burn-down" role="img" '
            f'aria-label="{escape(_("Burn-down of the commitment"))}" '
            'xmlns="http://www.w3.org/2000/svg">'
        ),
        *_grid(frame),
        *_days(frame, points),
        *(_curve(frame, curve) for curve in curves),
        "</svg>",
    ]
    return mark_safe("".join(parts))  # noqa: S308  numbers and escaped texts only


def legend() -> SafeString:
    """Return the names of the curves beside a sample of each."""
    names = (
        ("committed", _("amount promised")),
        ("planned", _("planned")),
        ("drawn", _("drawn, final")),
        ("provisional", _("drawn, provisional")),
        ("projected", _("projected")),
    )
    return format_html_join(
        "",
        '<span class="burn-key"><svg viewBox="0 0 28 8" width="28" height="8" '
        'aria-hidden="true"><path class="burn-{}" d="M0 4H28"/></svg>{}</span>',
        names,
    )


def _curves(points: Sequence[BurnPoint], amount: Decimal) -> Iterator[Curve]:
    start, end = points[0].day, points[-1].day
    drawn = [(p, p.drawn) for p in points if p.drawn is not None]
    final = [(p.day, value) for p, value in drawn if p.is_final]
    rest = [(p.day, value) for p, value in drawn if not p.is_final]
    yield Curve(
        name="committed",
        label=_("amount promised"),
        points=[(start, amount), (end, amount)],
    )
    yield Curve(
        name="planned",
        label=_("planned"),
        points=[(p.day, p.planned) for p in points],
    )
    yield Curve(name="drawn", label=_("drawn, final"), points=final)
    yield Curve(
        name="provisional",
        label=_("drawn, provisional"),
        points=[*final[-1:], *rest],
    )
    yield Curve(
        name="projected",
        label=_("projected"),
        points=[(p.day, p.projected) for p in points if p.projected is not None],
    )


def _frame(
    points: Sequence[BurnPoint], curves: Sequence[Curve], amount: Decimal
) -> Frame:
    highest = max((v for curve in curves for _day, v in curve.points), default=amount)
    # a projection far beyond the amount would flatten all the rest
    highest = min(max(highest, amount), amount * 3)
    power = Decimal(10) ** (highest / 4).adjusted()
    step = next(s * power for s in STEPS if s * power * 5 >= highest)
    lines = (highest / step).to_integral_value(rounding=ROUND_CEILING)
    return Frame(start=points[0].day, end=points[-1].day, top=step * lines, step=step)


def _grid(frame: Frame) -> Iterator[str]:
    value = Decimal(0)
    while value <= frame.top:
        y = frame.y(value)
        yield (
            f'<path class="burn-grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            f'<text class="burn-text" x="{LEFT - 6}" y="{y + 4:.1f}" '
            f'text-anchor="end">{short(value)}</text>'
        )
        value += frame.step


def _days(frame: Frame, points: Sequence[BurnPoint]) -> Iterator[str]:
    starts = [p.day for p in points if p.day.day == 1] or [points[0].day]
    every = -(-len(starts) // MOST_LABELS)
    for day in starts[::every]:
        x = frame.x(day)
        anchor = "start" if x < LEFT + 20 else "end" if x > WIDTH - 40 else "middle"
        yield (
            f'<path class="burn-grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>'
            f'<text class="burn-text" x="{x:.1f}" y="{HEIGHT - 12}" '
            f'text-anchor="{anchor}">{day:%Y-%m}</text>'
        )


def _curve(frame: Frame, curve: Curve) -> str:
    places = _clipped(curve.points, frame)
    if len(places) < 2:
        return ""
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return (
        f'<path class="burn-{curve.name}" d="M{line}">'
        f"<title>{escape(curve.label)}</title></path>"
    )


def _clipped(
    points: Iterable[tuple[date, Decimal]], frame: Frame
) -> list[tuple[float, float]]:
    place: Callable[[Decimal], float] = frame.y
    return [
        (frame.x(day), place(max(min(amount, frame.top), Decimal(0))))
        for day, amount in points
    ]


def short(value: Decimal) -> str:
    """Return an amount for an axis: 2.5M."""
    for size, suffix in SUFFIXES:
        if abs(value) >= size:
            return f"{(value / size).normalize():f}{suffix}"
    return f"{value.normalize():f}"
