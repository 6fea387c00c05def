"""REST doors of the watch."""

from crm.watch.api import alerts, health, lists

urlpatterns = [*alerts.urlpatterns, *health.urlpatterns, *lists.urlpatterns]
