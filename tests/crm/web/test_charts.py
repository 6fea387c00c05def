"""Charts: heights add up, lines are round, the table has every figure; no database."""

from datetime import date
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from crm.web import charts
from crm.web.charts import Chart, Series


def chart(*values: tuple[int, int]) -> Chart:
    return Chart(
        title="Tokens",
        labels=tuple(f"week {number}" for number in range(len(values))),
        series=(
            Series(name="in", values=tuple(Decimal(one) for one, _two in values)),
            Series(name="out", values=tuple(Decimal(two) for _one, two in values)),
        ),
    )


@pytest.mark.parametrize(
    ("highest", "step"),
    [("0", "1"), ("4", "1"), ("7", "2"), ("9", "2.5"), ("1000", "250"), ("0.3", "0.1")],
)
def test_lines_are_round(highest: str, step: str) -> None:
    assert charts.step_for(Decimal(highest)) == Decimal(step)


def test_bars_stand_on_one_another() -> None:
    one, two = chart((100, 300)).bars()

    assert (one.number, two.number) == (1, 2)
    assert float(two.height) == pytest.approx(3 * float(one.height), rel=0.01)
    assert float(two.y) + float(two.height) == pytest.approx(float(one.y), abs=0.2)
    assert float(two.y) == charts.TOP


def test_the_table_has_every_figure() -> None:
    html = render_to_string("web/chart.html", {"chart": chart((1_234_567, 2), (0, 3))})

    assert "1,234,567" in html
    assert html.count("<tr>") == 3
    assert html.count("<rect") == 3
    assert "style=" not in html


def test_nothing_to_draw_says_so() -> None:
    html = render_to_string("web/chart.html", {"chart": chart((0, 0))})

    assert "Nothing to draw yet." in html
    assert "<svg" not in html


def test_axes_speak_the_language() -> None:
    with translation.override("zh-hans"):
        assert charts.short(Decimal(1_500_000)) == "150万"
    with translation.override("en"):
        assert charts.short(Decimal(1_500_000)) == "1.5M"


def test_labels_leave_room() -> None:
    assert len(list(chart(*[(1, 1)] * 26).marks())) == 9


@pytest.mark.parametrize(
    ("language", "words"), [("en", "May 27"), ("zh-hans", "5月27日")]
)
def test_a_day_of_an_axis_is_written_as_people_do(language: str, words: str) -> None:
    with translation.override(language):
        assert charts.day_of(date(2026, 5, 27)) == words
