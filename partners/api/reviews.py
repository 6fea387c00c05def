"""Business reviews, and the governance of cooperations."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api.shapes import to_json
from partners import operations, queries
from partners.api.activities import PlaceGiven, place, resolved, several
from partners.governance import Governance, Promises
from partners.models import Attachment, BusinessReview, Contact, Cooperation

RELATIONS = {"pack_id": Attachment}


class ReviewShape(api.Shape[BusinessReview]):
    """One review by both sides; who took part stands at its meeting, an activity."""

    class Meta:
        model = BusinessReview
        fields = (
            "id",
            "partner_id",
            "cooperation_id",
            "meeting_id",
            "held_on",
            "outcomes",
            "next_due_on",
            "pack_id",
            "recorded_by_id",
            "version",
            "updated_at",
        )


class ReviewFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = BusinessReview
        fields = {
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in"],
            "held_on": ["gte", "lte"],
            "next_due_on": ["gte", "lte"],
        }


class ReviewChanges(api.Given):
    """What can be corrected."""

    outcomes = serializers.CharField()
    next_due_on = serializers.DateField(required=False)
    pack_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class ReviewGiven(PlaceGiven, ReviewChanges):
    """A review that took place, with who took part."""

    held_on = serializers.DateField()
    people = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=100
    )
    contacts = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=100
    )
    are_executives = serializers.BooleanField(required=False)


class Reviews(api.Adds[BusinessReview], api.Edits[BusinessReview]):
    """Business reviews with visible partners."""

    plural = "business-reviews"
    access = api.Access(
        "partners",
        read="partners.view_businessreview",
        add="partners.add_businessreview",
        change="partners.change_businessreview",
    )
    shape, filters = ReviewShape, ReviewFilters
    given, changes = ReviewGiven, ReviewChanges

    def rows(self) -> QuerySet[BusinessReview]:
        return BusinessReview.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> BusinessReview:
        present = operations.Participants(
            people=several(User, given.pop("people", None), by, pointer="#/people"),
            contacts=several(
                Contact, given.pop("contacts", None), by, pointer="#/contacts"
            ),
            are_executives=given.pop("are_executives", True),
        )
        where = place(given, by)
        values = resolved(given, by, RELATIONS)
        return operations.record_review(
            **where, values=values, participants=present, by=by, at=at
        )

    def edit(
        self,
        row: BusinessReview,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> BusinessReview:
        return operations.edit_review(
            review=row,
            values=resolved(given, by, RELATIONS),
            by=by,
            at=at,
            expected_version=version,
        )


class SideAnswer(serializers.Serializer[Any]):
    """Outstanding promises of one side."""

    outstanding = serializers.IntegerField()
    overdue = serializers.IntegerField()
    overdue_ratio = serializers.FloatField()


class GovernanceAnswer(serializers.Serializer[Any]):
    """The four points of one cooperation, and what is lacking."""

    score = serializers.IntegerField()
    lost = serializers.ListField(child=serializers.CharField())
    has_our_sponsor = serializers.BooleanField()
    has_their_sponsor = serializers.BooleanField()
    their_sponsor_left_on = serializers.DateField(allow_null=True)
    executives_met_on = serializers.DateField(allow_null=True)
    reviewed_on = serializers.DateField(allow_null=True)
    met_on = serializers.DateField(allow_null=True)
    rhythm = serializers.CharField()
    meeting_due_on = serializers.DateField(allow_null=True)
    is_meeting_overdue = serializers.BooleanField()
    ours = SideAnswer()
    theirs = SideAnswer()


class GovernanceOf(api.Door):
    """How well both sides keep in touch about one cooperation, today."""

    access = api.Access("partners", read="partners.view_cooperation")
    answers: ClassVar[Any] = {"200": OpenApiResponse(GovernanceAnswer, "The points.")}

    def get(self, request: Request, cooperation: int) -> HttpResponse:
        rows = Cooperation.objects.visible_to(self.user).filter(pk=cooperation)
        found = queries.governance(rows, at=self.now).get(cooperation)
        if found is None:
            raise Http404
        return HttpResponse(to_json(_shown(found)), content_type="application/json")


def _shown(found: Governance) -> Mapping[str, Any]:
    hidden = ("limits", "on")
    plain = {k: v for k, v in asdict(found).items() if k not in hidden}
    return plain | {
        "score": found.score,
        "lost": [point.value for point in found.lost],
        "meeting_due_on": found.meeting_due_on,
        "is_meeting_overdue": found.is_meeting_overdue,
        "ours": _side(found.ours),
        "theirs": _side(found.theirs),
    }


def _side(promises: Promises) -> Mapping[str, Any]:
    return asdict(promises) | {"overdue_ratio": promises.overdue_ratio}


urlpatterns = [
    *api.routes("business-reviews", Reviews),
    path(
        "cooperations/<int:cooperation>/governance/",
        GovernanceOf.as_view(),
        name="cooperation-governance",
    ),
]
