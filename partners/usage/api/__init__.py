"""REST doors of cloud usage; each write is one call of an operation."""

from partners.usage.api import cooperation_usage, events

urlpatterns = [*cooperation_usage.urlpatterns, *events.urlpatterns]
