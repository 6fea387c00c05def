"""What models are used for, by REST: use of one model, shares, unmapped usage, coverage."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.web import api
from partners.ai import queries
from partners.ai.models import BaseModel, DerivedModel
from partners.ai.models.pointing import AnyModel
from partners.models import Partner


def _decimal(*, allow_null: bool = False) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=38, decimal_places=18, allow_null=allow_null
    )


def answered(body: Any) -> HttpResponse:
    """Return a body as JSON."""
    return HttpResponse(api.to_json(body), content_type="application/json")


class SpentAnswer(serializers.Serializer[Any]):
    """Spend in one currency; `growth` is a share, null where there is no base."""

    currency = serializers.CharField()
    amount = _decimal()
    growth = _decimal(allow_null=True)


class UseAnswer(serializers.Serializer[Any]):
    """What one partner used in the 28 days of the window."""

    partner_id = serializers.IntegerField()
    partner = serializers.CharField()
    tokens_in = _decimal()
    tokens_out = _decimal()
    token_growth = _decimal(allow_null=True)
    compared_days = serializers.IntegerField()
    gpu_hours = _decimal()
    spent = SpentAnswer(many=True)


class WeekAnswer(serializers.Serializer[Any]):
    """What all partners seen used in seven days."""

    begins_on = serializers.DateField()
    tokens_in = _decimal()
    tokens_out = _decimal()
    gpu_hours = _decimal()


class ModelUseAnswer(serializers.Serializer[Any]):
    """Who uses a model, over the partners the caller may see."""

    until = serializers.DateField()
    partners = UseAnswer(many=True)
    weeks = WeekAnswer(many=True)


class ModelUse(api.Door):
    """Who uses one model: tokens, spend and GPU hours by partner and by week."""

    answers: ClassVar[Any] = {"200": OpenApiResponse(ModelUseAnswer, "Its use.")}

    def models(self) -> QuerySet[Any]:
        """Return the models that may be asked about."""
        raise NotImplementedError

    def get(self, request: Request, pk: int) -> HttpResponse:
        model: AnyModel = get_object_or_404(self.models(), pk=pk)
        until = self.now.date()
        seen = queries.seen_partners(self.user)
        uses, weeks = queries.use_of(model, partners=seen, until=until)
        return answered(
            {
                "until": until,
                "partners": [_use(use) for use in uses],
                "weeks": [_week(week) for week in weeks],
            }
        )


class BaseModelUse(ModelUse):
    """Who uses one base model: tokens, spend and GPU hours by partner and by week."""

    access = api.Access("ai", read="ai.view_basemodel")

    def models(self) -> QuerySet[Any]:
        return BaseModel.objects.all()


class DerivedModelUse(ModelUse):
    """Who uses one derived model: tokens, spend and GPU hours by partner and by week."""

    access = api.Access("ai", read="ai.view_derivedmodel")

    def models(self) -> QuerySet[Any]:
        return DerivedModel.objects.visible_to(self.user)


def _use(use: queries.PartnerUse) -> dict[str, Any]:
    return {
        "partner_id": use.partner_id,
        "partner": use.partner,
        "tokens_in": use.tokens_in,
        "tokens_out": use.tokens_out,
        "token_growth": use.growth.ratio,
        "compared_days": use.compared_days,
        "gpu_hours": use.gpu_hours,
        "spent": [
            {
                "currency": one.currency,
                "amount": one.amount,
                "growth": one.growth.ratio,
            }
            for one in use.spent
        ],
    }


def _week(week: queries.Week) -> dict[str, Any]:
    return {
        "begins_on": week.begins_on,
        "tokens_in": week.tokens_in,
        "tokens_out": week.tokens_out,
        "gpu_hours": week.gpu_hours,
    }


class ShareAnswer(serializers.Serializer[Any]):
    """Tokens of 28 days; `ratio` is derived ÷ all, null without tokens."""

    tokens = _decimal()
    derived = _decimal()
    unmapped = _decimal()
    ratio = _decimal(allow_null=True)


class DerivedShares(api.Door):
    """How much of a partner's tokens its derived models serve."""

    access = api.Access("ai", read="ai.view_derivedmodel")
    answers: ClassVar[Any] = {"200": OpenApiResponse(ShareAnswer, "The share.")}

    def get(self, request: Request, pk: int) -> HttpResponse:
        partner = get_object_or_404(Partner.objects.visible_to(self.user), pk=pk)
        found = queries.derived_shares([partner.pk], until=self.now.date())
        share = found.get(partner.pk)
        body = {
            "tokens": share.tokens if share else 0,
            "derived": share.derived if share else 0,
            "unmapped": share.unmapped if share else 0,
            "ratio": share.ratio if share else None,
        }
        return answered(body)


class UnmappedRow(serializers.Serializer[Any]):
    """One text of usage that means no model yet, in one currency."""

    kind = serializers.CharField()
    text = serializers.CharField()
    service = serializers.CharField()
    currency = serializers.CharField()
    spend = _decimal()
    tokens = _decimal()
    first_day = serializers.DateField()
    latest_day = serializers.DateField()
    suggested_base_ids = serializers.ListField(child=serializers.IntegerField())


class UnmappedAnswer(serializers.Serializer[Any]):
    """The work list, most money first."""

    results = UnmappedRow(many=True)


class Unmapped(api.Door):
    """AI usage of twelve months whose model or SKU has no alias, most money first."""

    access = api.Access("ai", read="ai.view_modelalias")
    answers: ClassVar[Any] = {"200": OpenApiResponse(UnmappedAnswer, "The work list.")}

    def get(self, request: Request) -> HttpResponse:
        found = queries.unmapped_usage(
            partner_ids=queries.seen_partner_ids(self.user), until=self.now.date()
        )
        results = [
            {
                "kind": each.kind,
                "text": each.text,
                "service": each.service,
                "currency": each.currency,
                "spend": each.spend,
                "tokens": each.tokens,
                "first_day": each.first_day,
                "latest_day": each.latest_day,
                "suggested_base_ids": each.suggestions,
            }
            for each in found
        ]
        return answered({"results": results})


class CellAnswer(serializers.Serializer[Any]):
    """One training ground."""

    industry = serializers.CharField()
    kind_id = serializers.IntegerField()
    state = serializers.CharField()
    live = serializers.IntegerField()
    planned = serializers.IntegerField()
    ended = serializers.IntegerField()


class CoverageAnswer(serializers.Serializer[Any]):
    """Every industry that has partners or scenarios, with every kind."""

    cells = CellAnswer(many=True)


class CoverageMap(api.Door):
    """Industries × kinds of scenarios: live, planned, ended or empty."""

    access = api.Access("ai", read="ai.view_scenario")
    answers: ClassVar[Any] = {"200": OpenApiResponse(CoverageAnswer, "The map.")}

    def get(self, request: Request) -> HttpResponse:
        found = queries.coverage(user=self.user)
        cells = [
            {
                "industry": cell.industry,
                "kind_id": cell.kind_id,
                "state": str(cell.state),
                "live": cell.live,
                "planned": cell.planned,
                "ended": cell.ended,
            }
            for cell in found.cells()
        ]
        return answered({"cells": cells})


urlpatterns = [
    path("base-models/<int:pk>/use/", BaseModelUse.as_view(), name="base-model-use"),
    path(
        "derived-models/<int:pk>/use/",
        DerivedModelUse.as_view(),
        name="derived-model-use",
    ),
    path(
        "partners/<int:pk>/derived-share/",
        DerivedShares.as_view(),
        name="partner-derived-share",
    ),
    path("unmapped-models/", Unmapped.as_view(), name="unmapped-models"),
    path("coverage/", CoverageMap.as_view(), name="coverage"),
]
