"""What a report says about itself: its period, its sources, and what has no other words."""

from typing import Any

import pytest
from django.utils import translation

from crm.figures import links, words
from crm.reports import comparison
from crm.reports.models import ReportDelivery, ReportRun
from crm.reports.rendering import document
from tests.crm.reports.samples import payload
from tests.crm.reports.test_delivering import deliver, due


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("2026-W47", "Week 47, 2026"),
        ("2026-11", "Month 11, 2026"),
        ("2026-Q4", "Quarter 4, 2026"),
    ],
)
def test_a_period_has_a_name(label: str, said: str) -> None:
    assert document.period_name(label) == said


class TestFootnotes:
    def said(self, **fields: Any) -> list[str]:
        made: Any = payload("en")
        made.update(fields)
        return document.of(made)["footnotes"]

    def test_name_a_source_without_data(self) -> None:
        found = self.said(
            freshness=[{"source": "Cloud", "latest_on": None, "is_complete": False}]
        )

        assert "Cloud: no data yet." in found

    def test_say_how_far_a_source_goes_and_for_how_many(self) -> None:
        found = self.said(
            freshness=[
                {
                    "source": "Cloud",
                    "latest_on": "2026-11-21",
                    "is_complete": True,
                    "note": "All accounts.",
                }
            ]
        )

        assert found[1:3] == ["Cloud: data through 21 Nov 2026.", "All accounts."]

    def test_say_what_is_of_today_and_which_revision_it_is(self) -> None:
        found = self.said(notes=["Made after the fact."], revision=3)

        assert "Made after the fact." in found
        assert "Revision 3 of this report." in found


def test_late_sources_stand_in_a_list_as_the_language_writes_lists() -> None:
    late = [{"source": name, "latest_on": None, "is_complete": False} for name in "AB"]
    made: Any = payload("zh-hans")
    made.update(freshness=late, is_provisional=True)

    with translation.override("zh-hans"):
        assert document.of(made)["warning"].endswith("A、B。")


def test_what_is_gone_stands_at_the_end_of_the_changes() -> None:
    before, after = payload("en"), payload("en")
    after["sections"] = []

    found = comparison.differences(before, after)

    assert found
    assert all(each.new is None for each in found)


def test_a_page_that_is_not_there_has_no_address() -> None:
    assert links.page("no-such-page") == ""
    assert links.page("admin:index", query="a=1").endswith("/admin/?a=1")


def test_days_are_counted_in_words() -> None:
    assert words.shown({"kind": "days", "value": 1}, "en") == "1 day"
    assert words.remarks(["", "a", "b"]) == "a, b"


@pytest.mark.django_db
def test_rows_are_called_by_what_they_are() -> None:
    delivery = deliver(due())
    run = ReportRun.objects.get()

    assert str(ReportDelivery.objects.get()) == f"2026-W47 {delivery.pk}"
    assert "2026-W47" in str(run)
    assert str(delivery.message) == str(delivery.pk)
