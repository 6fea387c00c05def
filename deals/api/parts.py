"""What belongs to a deal: lines, attribution, weekly snapshots."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from deals.api.deals import DealAct, one_of, text
from deals.api.moves import OfDeal
from deals.models import AttributionCredit, Deal, DealLine, DealSnapshot
from deals.operations import lines
from deals.operations.lines import Line
from deals.pipeline import CreditKind
from partners.models import Partner


class LineShape(api.Shape[DealLine]):
    """One thing that a deal sells."""

    class Meta:
        model = DealLine
        fields = (
            "id",
            "deal_id",
            "position",
            "product",
            "service_category",
            "quantity",
            "unit",
            "unit_price",
            "amount",
        )


class LineGiven(api.Given):
    """One thing that is sold."""

    product = serializers.CharField(max_length=200)
    service_category = text(max_length=80, default="")
    quantity = serializers.DecimalField(
        max_digits=20, decimal_places=4, min_value=Decimal("0.0001")
    )
    unit = text(max_length=40, default="")
    unit_price = serializers.DecimalField(
        max_digits=20, decimal_places=6, min_value=Decimal(0)
    )


class LinesGiven(api.Given):
    """All lines of a deal; they replace the ones there are."""

    lines = LineGiven(many=True, allow_empty=True)


class Lines(OfDeal, api.Resource[DealLine]):
    """Lines of a deal; `POST …/set-lines/` replaces them."""

    plural = "deal-lines"
    access = api.Access("deals", read="deals.view_deal")
    shape = LineShape
    orderings = ("id",)

    def rows(self) -> QuerySet[DealLine]:
        return DealLine.objects.filter(deal=self.deal())


class SetLines(DealAct):
    """Replace the lines; the amount becomes their sum."""

    plural = "deal-set-lines"
    given = LinesGiven

    def act(self, row: Deal, given: dict[str, Any], *, by: User, at: datetime) -> Deal:
        return lines.set_lines(
            deal=row, lines=[Line(**each) for each in given["lines"]], by=by, at=at
        )


class CreditShape(api.Shape[AttributionCredit]):
    """What share of a deal a partner brought, or had a hand in."""

    class Meta:
        model = AttributionCredit
        fields = (
            "id",
            "deal_id",
            "partner_id",
            "kind",
            "percent",
            "evidence",
            "by_id",
            "given_at",
        )


class CreditGiven(api.Given):
    """Whom it is credited to."""

    partner_id = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=CreditKind.choices)
    percent = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal("0.01"), max_value=100
    )
    evidence = serializers.CharField()


class Credits(OfDeal, api.Adds[AttributionCredit]):
    """Attribution of a deal; sourced sums up to 100 percent, influenced is apart."""

    plural = "deal-credits"
    access = api.Access("deals", read="deals.view_deal", add="deals.change_deal")
    shape, given = CreditShape, CreditGiven
    orderings = ("id",)

    def rows(self) -> QuerySet[AttributionCredit]:
        return AttributionCredit.objects.filter(deal=self.deal())

    def add(
        self, given: dict[str, Any], *, by: User, at: datetime
    ) -> AttributionCredit:
        number = given.pop("partner_id")
        partner = one_of(Partner, number, by, pointer="#/partner_id")
        return lines.give_credit(
            deal=self.deal(), partner=partner, by=by, at=at, **given
        )


class DealSnapshotShape(api.Shape[DealSnapshot]):
    """How a deal stood at the end of a week."""

    class Meta:
        model = DealSnapshot
        fields = (
            "id",
            "deal_id",
            "week_on",
            "stage",
            "category",
            "probability",
            "amount",
            "monthly_spend",
            "currency",
            "target_close_on",
            "closed_on",
            "taken_at",
        )


class DealSnapshotFilters(api.Filters):
    class Meta:
        model = DealSnapshot
        fields = {
            "deal_id": ["exact", "in"],
            "week_on": ["exact", "lte", "gte"],
            "stage": ["exact", "in"],
        }


class Snapshots(api.Resource[DealSnapshot]):
    """Weekly snapshots of deals; basis of slippage and forecast accuracy."""

    plural = "deal-snapshots"
    access = api.Access("deals", read="deals.view_deal")
    shape, filters = DealSnapshotShape, DealSnapshotFilters
    orderings = ("id",)

    def rows(self) -> QuerySet[DealSnapshot]:
        return DealSnapshot.objects.visible_to(self.user)


urlpatterns = [
    *api.routes("deals/<int:deal>/lines", Lines),
    api.act("deals/<int:pk>/set-lines", SetLines),
    *api.routes("deals/<int:deal>/credits", Credits),
    *api.routes("deal-snapshots", Snapshots),
]
