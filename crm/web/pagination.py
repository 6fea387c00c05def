"""Pages of a list that never counts a big table to its end."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

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
