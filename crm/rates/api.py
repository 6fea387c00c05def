"""The API door of exchange rates: read only, loads come by command and admin."""

from django.db.models import QuerySet

from crm.rates.models import FxRate
from crm.web import api


class FxRateShape(api.Shape[FxRate]):
    """How much of one currency one unit of another was worth on one day."""

    class Meta:
        model = FxRate
        fields = ("id", "date", "base", "quote", "rate", "source")


class FxRateFilters(api.Filters):
    class Meta:
        model = FxRate
        fields = {
            "date": ["exact", "gte", "lte"],
            "base": ["exact", "in"],
            "quote": ["exact", "in"],
        }


class ExchangeRates(api.Resource[FxRate]):
    """Exchange rates; everybody who is known may read them."""

    plural = "exchange-rates"
    access = api.Access("rates")
    shape = FxRateShape
    filters = FxRateFilters
    orderings = ("id", "date")
    default_ordering = "-date"

    def rows(self) -> QuerySet[FxRate]:
        return FxRate.objects.all()


urlpatterns = api.routes("exchange-rates", ExchangeRates)
