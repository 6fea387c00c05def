"""Risks: what may go wrong in a cooperation, and what is done about it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners import operations
from partners.api.activities import PlaceGiven, place, resolved
from partners.models import Risk

RELATIONS = {"owner_id": User}


class RiskShape(api.Shape[Risk]):
    """One thing that may go wrong."""

    class Meta:
        model = Risk
        fields = (
            "id",
            "partner_id",
            "cooperation_id",
            "title",
            "severity",
            "likelihood",
            "mitigation",
            "owner_id",
            "status",
            "raised_at",
            "closed_at",
            "version",
            "updated_at",
        )


class RiskFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = Risk
        fields = {
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in"],
            "status": ["exact"],
            "severity": ["exact", "in"],
        }


class RiskChanges(api.Given):
    """What can be judged anew."""

    title = serializers.CharField(max_length=250)
    severity = serializers.ChoiceField(choices=Risk.Level.choices, required=False)
    likelihood = serializers.ChoiceField(choices=Risk.Level.choices, required=False)
    mitigation = serializers.CharField(required=False, allow_blank=True)
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class RiskGiven(PlaceGiven, RiskChanges):
    """A new risk, with its partner."""


class WhyOver(api.Given):
    """Why it threatens no more."""

    reason = serializers.CharField()


class Risks(api.Adds[Risk], api.Edits[Risk]):
    """Risks of partnerships."""

    plural = "risks"
    access = api.Access(
        "partners",
        read="partners.view_risk",
        add="partners.add_risk",
        change="partners.change_risk",
    )
    shape, filters = RiskShape, RiskFilters
    given, changes = RiskGiven, RiskChanges

    def rows(self) -> QuerySet[Risk]:
        return Risk.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Risk:
        where = place(given, by)
        values = resolved(given, by, RELATIONS)
        return operations.raise_risk(**where, values=values, by=by, at=at)

    def edit(
        self,
        row: Risk,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Risk:
        return operations.edit_risk(
            risk=row,
            values=resolved(given, by, RELATIONS),
            by=by,
            at=at,
            expected_version=version,
        )


class CloseRisk(api.Act[Risk]):
    """Say that a risk is over."""

    plural = "risk-close"
    access = api.Access(
        "partners", read="partners.view_risk", add="partners.change_risk"
    )
    shape, given = RiskShape, WhyOver

    def rows(self) -> QuerySet[Risk]:
        return Risk.objects.visible_to(self.user)

    def act(self, row: Risk, given: dict[str, Any], *, by: User, at: datetime) -> Risk:
        return operations.close_risk(risk=row, reason=given["reason"], by=by, at=at)


urlpatterns = [
    *api.routes("risks", Risks),
    api.act("risks/<int:pk>/close", CloseRisk),
]
