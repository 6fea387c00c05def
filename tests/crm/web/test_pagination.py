"""Pages of rows that belong to a row: few are not counted, many are."""

import pytest
from django.core.paginator import Paginator
from pytest_django import DjangoAssertNumQueries

from crm.web.pagination import LimitedPaginator, PeekingFormSet
from tests import make
from tests.gallery.models import Part, Sample

pytestmark = pytest.mark.django_db


def formset(rows: int) -> tuple[PeekingFormSet, Paginator[Part]]:
    sample = Sample.objects.create(name="Full", owner=make.user())
    Part.objects.bulk_create(Part(sample=sample, title=f"{n}") for n in range(rows))
    parts = Part.objects.filter(sample=sample).order_by("pk")
    return PeekingFormSet.__new__(PeekingFormSet), Paginator(parts, 3)


@pytest.mark.parametrize(
    ("rows", "number", "titles", "count", "queries"),
    [
        (0, 1, [], 0, 1),
        (3, 1, ["0", "1", "2"], 3, 1),
        (4, 1, ["0", "1", "2"], 4, 2),
        (4, 2, ["3"], 4, 2),
        (4, 9, ["0", "1", "2"], 4, 2),
    ],
)
def test_a_first_page_that_holds_all_costs_one_query(
    rows: int,
    number: int,
    titles: list[str],
    count: int,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    inline, paginator = formset(rows)

    with django_assert_num_queries(queries):
        page = inline.get_page(paginator, number)
        shown = [part.title for part in page.object_list]
        assert (shown, page.paginator.count) == (titles, count)


def test_a_list_that_is_no_query_is_counted_as_it_is() -> None:
    assert LimitedPaginator([1, 2, 3], 2).count == 3
