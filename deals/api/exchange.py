"""Deals as AWS Partner Central opportunities, out and in."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from crm.web import api
from crm.web.api.schema import responses
from deals.models import Deal
from deals.operations import exchange
from deals.queries.exchange import opportunities_of

JSON = "application/json"


class OpportunitiesGiven(api.Given):
    """Opportunities as that system writes them."""

    opportunities = serializers.ListField(
        child=serializers.JSONField(), max_length=1000
    )
    dry_run = serializers.BooleanField(required=False, default=False)


class ReceivedAnswer(serializers.Serializer[Any]):
    """What became of one opportunity."""

    external_id = serializers.CharField()
    outcome = serializers.ChoiceField(
        choices=["create", "update", "unchanged", "refused"]
    )
    deal_id = serializers.IntegerField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    problem = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField())


class ReceivedListAnswer(serializers.Serializer[Any]):
    """What became of each opportunity, in the order given."""

    results = ReceivedAnswer(many=True)


class OpportunitiesAnswer(serializers.Serializer[Any]):
    """Deals in that system's words."""

    opportunities = serializers.ListField(child=serializers.JSONField())


class Opportunities(api.Door):
    """Deals in the words of AWS Partner Central; its seven stages travel verbatim."""

    access = api.Access(
        "deals",
        read="deals.view_deal",
        add=lambda user: user.has_perms(["deals.add_deal", "deals.change_deal"]),
    )
    answers: ClassVar[Any] = {
        "200": OpenApiResponse(OpportunitiesAnswer, "Every visible deal.")
    }

    def get(self, request: Request) -> HttpResponse:
        """Return every visible deal as an opportunity."""
        found = opportunities_of(Deal.objects.visible_to(self.user))
        return HttpResponse(api.to_json({"opportunities": found}), content_type=JSON)

    @extend_schema(
        request=OpportunitiesGiven,
        responses=responses(
            {"200": OpenApiResponse(ReceivedListAnswer, "One result each.")}
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        """Take opportunities in, each by itself; sending the same again changes nothing."""
        reader = OpportunitiesGiven(context={"request": request})
        given = reader.run_validation(request.data)
        results = exchange.receive_opportunities(
            bodies=given["opportunities"],
            by=self.user,
            at=self.now,
            is_trial=given["dry_run"],
        )
        body = {"results": [asdict(result) for result in results]}
        return HttpResponse(api.to_json(body), content_type=JSON)


urlpatterns = [
    path(
        "partner-central/opportunities/",
        Opportunities.as_view(),
        name="partner-central-opportunities",
    )
]
