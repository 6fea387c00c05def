"""REST doors of agreements and deals; each write is one call of an operation."""

from deals.api import agreements, deals, moves, parts

urlpatterns = [
    *agreements.urlpatterns,
    *deals.urlpatterns,
    *moves.urlpatterns,
    *parts.urlpatterns,
]
