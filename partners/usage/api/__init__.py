"""REST doors of cloud usage; each write is one call of an operation."""

from partners.usage.api import cooperation_usage, events, signals

urlpatterns = [
    *cooperation_usage.urlpatterns,
    *events.urlpatterns,
    *signals.urlpatterns,
]
