"""REST doors of cloud usage; each write is one call of an operation."""

from partners.usage.api import (
    accounts,
    cooperation_usage,
    deliveries,
    events,
    figures,
    signals,
    uploads,
)

urlpatterns = [
    *accounts.urlpatterns,
    *cooperation_usage.urlpatterns,
    *deliveries.urlpatterns,
    *events.urlpatterns,
    *figures.urlpatterns,
    *signals.urlpatterns,
    *uploads.urlpatterns,
]
