"""Signals of usage: late data, spend of nobody, held deliveries, anomalies."""

from django.db.models import QuerySet

from crm.web import api
from partners.usage.models import UsageSignal


class UsageSignalShape(api.Shape[UsageSignal]):
    """One thing that is the matter; `facts` holds the figures, exact as texts."""

    class Meta:
        model = UsageSignal
        fields = (
            "id",
            "kind",
            "source_id",
            "account_id",
            "delivery_id",
            "partner_id",
            "day",
            "currency",
            "facts",
            "raised_at",
            "cleared_at",
        )


class UsageSignalFilters(api.Filters):
    class Meta:
        model = UsageSignal
        fields = {
            "kind": ["exact", "in"],
            "partner_id": ["exact", "in", "isnull"],
            "source_id": ["exact", "in"],
            "account_id": ["exact", "in"],
            "cleared_at": ["isnull"],
            "day": ["gte", "lte"],
        }


class UsageSignals(api.Resource[UsageSignal]):
    """What is or was the matter with usage; `cleared_at__isnull=true` is what stands."""

    plural = "usage-signals"
    access = api.Access("usage", read="usage.view_usagesignal")
    shape, filters = UsageSignalShape, UsageSignalFilters

    def rows(self) -> QuerySet[UsageSignal]:
        return UsageSignal.objects.visible_to(self.user)


urlpatterns = api.routes("usage-signals", UsageSignals)
