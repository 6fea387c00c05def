"""The at-risk list and the way to the first token by REST."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.watch.queries.at_risk import AtRisk, at_risk
from crm.watch.queries.detectors import Lag, lags
from crm.web import api
from crm.web.api.shapes import to_json
from partners.models import Cooperation

READ = "watch.view_alert"


class ReasonAnswer(serializers.Serializer[Any]):
    """One rule that is tripped, or was within its clean days."""

    letter = serializers.CharField()
    words = serializers.CharField()
    since = serializers.DateField()
    is_clean = serializers.BooleanField()
    alert_id = serializers.IntegerField()


class AtRiskAnswer(serializers.Serializer[Any]):
    """One cooperation at risk; spend is trailing 28 days × 13, null when unknown."""

    cooperation_id = serializers.IntegerField()
    partner_id = serializers.IntegerField()
    title = serializers.CharField()
    stage = serializers.CharField()
    owner_id = serializers.IntegerField(allow_null=True)
    next_step = serializers.CharField()
    next_step_due_on = serializers.DateField(allow_null=True)
    weeks = serializers.IntegerField()
    spend = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    reasons = ReasonAnswer(many=True)


class AtRiskAnswers(serializers.Serializer[Any]):
    """The whole list, the longest at risk first."""

    at_risk = AtRiskAnswer(many=True)


class AtRiskList(api.Door):
    """Cooperations at risk that the caller may see."""

    access = api.Access("reports", read=READ)
    answers: ClassVar[Any] = {"200": OpenApiResponse(AtRiskAnswers, "The list.")}

    def get(self, request: Request) -> HttpResponse:
        rows = at_risk(_running(self.user), at=timezone.now())
        body = to_json({"at_risk": [_risk(row) for row in rows]})
        return HttpResponse(body, content_type="application/json")


class LagAnswer(serializers.Serializer[Any]):
    """From signature or announcement to the first AI usage."""

    cooperation_id = serializers.IntegerField()
    began_on = serializers.DateField()
    first_ai_on = serializers.DateField(allow_null=True)
    days = serializers.IntegerField()


class LagsAnswer(serializers.Serializer[Any]):
    """Those who reached it, and those who wait for more than 90 days."""

    median_days = serializers.FloatField(allow_null=True)
    reached = LagAnswer(many=True)
    waiting = LagAnswer(many=True)


class FirstTokens(api.Door):
    """How long it takes from announcement to first token."""

    access = api.Access("reports", read=READ)
    answers: ClassVar[Any] = {"200": OpenApiResponse(LagsAnswer, "All lags.")}

    def get(self, request: Request) -> HttpResponse:
        found = lags(_running(self.user), today=timezone.now().date())
        body = to_json(
            {
                "median_days": found.median_days,
                "reached": [_lag(lag) for lag in found.reached],
                "waiting": [_lag(lag) for lag in found.waiting],
            }
        )
        return HttpResponse(body, content_type="application/json")


def _running(user: User) -> list[int]:
    rows = Cooperation.objects.running().visible_to(user)
    return list(rows.values_list("pk", flat=True))


def _risk(row: AtRisk) -> dict[str, Any]:
    cooperation, (spend, currency) = row.cooperation, row.spend or (None, "")
    return {
        "cooperation_id": cooperation.pk,
        "partner_id": cooperation.partner_id,
        "title": cooperation.title,
        "stage": cooperation.stage_id,
        "owner_id": cooperation.owner_id,
        "next_step": cooperation.next_step,
        "next_step_due_on": cooperation.next_step_due_on,
        "weeks": row.weeks,
        "spend": None if spend is None else str(spend),
        "currency": currency,
        "reasons": [
            {
                "letter": reason.letter,
                "words": reason.words,
                "since": reason.since,
                "is_clean": reason.is_clean,
                "alert_id": reason.alert_id,
            }
            for reason in row.reasons
        ],
    }


def _lag(lag: Lag) -> dict[str, Any]:
    return {
        "cooperation_id": lag.cooperation.pk,
        "began_on": lag.began_on,
        "first_ai_on": lag.first_ai_on,
        "days": lag.days,
    }


urlpatterns = [
    path("at-risk/", AtRiskList.as_view(), name="at-risk"),
    path("first-tokens/", FirstTokens.as_view(), name="first-tokens"),
]
