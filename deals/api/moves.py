"""Stays of a deal in its stages; POST moves it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from deals.api.deals import number, text
from deals.models import Deal, DealStageChange
from deals.operations import stages
from deals.pipeline import OPEN


class DealMoveGiven(api.Given):
    """Which open stage it goes to; won and lost have acts of their own."""

    to = serializers.ChoiceField(choices=[(s.value, s.label) for s in OPEN])
    reason = text(default="")
    expected_version = number()


class DealMoveShape(api.Shape[DealStageChange]):
    """One stay in one stage; the open one has no `exited_at`."""

    class Meta:
        model = DealStageChange
        fields = (
            "id",
            "deal_id",
            "from_stage",
            "to_stage",
            "kind",
            "entered_at",
            "exited_at",
            "by_id",
            "reason",
        )


class OfDeal:
    """Doors below one deal; out of sight looks like absent."""

    def deal(self) -> Deal:
        door: Any = self
        rows = Deal.objects.visible_to(door.user)
        return get_object_or_404(rows, pk=door.kwargs["deal"])


class DealMoves(OfDeal, api.Adds[DealStageChange]):
    """Stays of a deal; POST moves it, or answers 409 with what is missing."""

    plural = "deal-stage-moves"
    access = api.Access("deals", read="deals.view_deal", add="deals.change_deal")
    shape, given = DealMoveShape, DealMoveGiven
    orderings = ("id", "entered_at")

    def rows(self) -> QuerySet[DealStageChange]:
        return DealStageChange.objects.filter(deal=self.deal())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> DealStageChange:
        moved = stages.move_deal(deal=self.deal(), by=by, at=at, **given)
        return moved.stage_changes.get(exited_at__isnull=True)


urlpatterns = api.routes("deals/<int:deal>/stage-moves", DealMoves)
