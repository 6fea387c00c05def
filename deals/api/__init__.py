"""REST doors of agreements and deals; each write is one call of an operation."""

from deals.api import (
    agreements,
    commitments,
    contracts,
    deals,
    exchange,
    forecast,
    imports,
    ledgers,
    moves,
    parts,
    standings,
)

urlpatterns = [
    *agreements.urlpatterns,
    *exchange.urlpatterns,
    *deals.urlpatterns,
    *moves.urlpatterns,
    *parts.urlpatterns,
    *commitments.urlpatterns,
    *contracts.urlpatterns,
    *standings.urlpatterns,
    *ledgers.urlpatterns,
    *forecast.urlpatterns,
    *imports.urlpatterns,
]
