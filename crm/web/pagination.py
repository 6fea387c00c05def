"""Pages of a list that never counts a big table to its end."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

if TYPE_CHECKING:
    from django.forms.models import BaseInlineFormSet as PagedInlineFormSet
else:
    from unfold.forms import PaginationInlineFormSet as PagedInlineFormSet

MOST_ROWS = 10_000


class LimitedPaginator(Paginator[Any]):
    """Counts up to MOST_ROWS and offers no page beyond; people narrow the list instead.

    An exact COUNT reads the whole table, and a page far down reads all rows before it.
    """

    @cached_property
    def found(self) -> int:
        """Rows found, at most one more than MOST_ROWS."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[: MOST_ROWS + 1].count()
        return min(len(rows), MOST_ROWS + 1)

    @cached_property
    def count(self) -> int:
        """Rows that can be reached by pages."""
        return min(self.found, MOST_ROWS)

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more rows than pages reach."""
        return self.found > MOST_ROWS


class PeekingFormSet(PagedInlineFormSet[Any, Any, Any]):
    """Rows that belong to a row, by pages; what fits on the first page is not counted."""

    def get_page(self, paginator: Paginator[Any], page: int) -> Page[Any]:
        """Return the page, or the first when there are not so many."""
        if page > 1:
            found: Page[Any] = super().get_page(paginator, page)  # type: ignore[misc]  # the theme's
            return found
        rows = list(paginator.object_list[: paginator.per_page + 1])
        if len(rows) <= paginator.per_page:
            vars(paginator)["count"] = len(rows)  # else counted when asked
        return Page(rows[: paginator.per_page], 1, paginator)
