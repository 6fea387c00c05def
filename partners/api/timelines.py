"""Timelines of partners and cooperations: the journal and the activities, as one."""

import re
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.web import api
from crm.web.api.parsing import bad_parameter
from crm.web.api.shapes import to_json
from partners import queries
from partners.models import Cooperation, Partner
from partners.queries.timeline import Happening, Place

PAGE = 50
CURSOR = re.compile(r"(\S{10,40})_([01])_(\d{1,18})")


class HappeningAnswer(serializers.Serializer[Any]):
    """One line: an entry of the journal, or an activity."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    title = serializers.CharField()
    by = serializers.CharField()
    words = serializers.CharField()
    activity_id = serializers.IntegerField(allow_null=True)
    event_id = serializers.IntegerField(allow_null=True)


class TimelineAnswer(serializers.Serializer[Any]):
    """One page, the latest first; go on with `before` until it is null."""

    happenings = HappeningAnswer(many=True)
    before = serializers.CharField(allow_null=True)


class Timeline(api.Door):
    """What both timelines share."""

    answers: ClassVar[Any] = {"200": OpenApiResponse(TimelineAnswer, "One page.")}
    parameters: ClassVar[Any] = {
        "before": {"type": "string", "minLength": 1, "maxLength": 80}
    }

    def page(self, happenings: list[Happening]) -> HttpResponse:
        """Answer with a page, and where the next one begins."""
        is_full = len(happenings) == PAGE
        body = {
            "happenings": [_shown(each) for each in happenings],
            "before": _cursor(happenings[-1].place) if is_full else None,
        }
        return HttpResponse(to_json(body), content_type="application/json")

    def before(self) -> Place | None:
        """Return where the page begins.

        :raises ProblemError: 400 for what is no such place.
        """
        text = self.query.get("before")
        if text is None:
            return None
        match = CURSOR.fullmatch(text)
        at = _moment(match.group(1)) if match else None
        if match is None or at is None:
            raise bad_parameter("before", "Take it from the page before.")
        return Place(at, int(match.group(2)), int(match.group(3)))


class PartnerTimeline(Timeline):
    """What happened with a partner."""

    access = api.Access("partners", read="partners.view_partner")

    def get(self, request: Request, partner: int) -> HttpResponse:
        row = get_object_or_404(Partner.objects.visible_to(self.user), pk=partner)
        return self.page(
            queries.partner_timeline(row, limit=PAGE, before=self.before())
        )


class CooperationTimeline(Timeline):
    """What happened with a cooperation."""

    access = api.Access("partners", read="partners.view_cooperation")

    def get(self, request: Request, cooperation: int) -> HttpResponse:
        rows = Cooperation.objects.visible_to(self.user)
        row = get_object_or_404(rows, pk=cooperation)
        return self.page(
            queries.cooperation_timeline(row, limit=PAGE, before=self.before())
        )


def _shown(happening: Happening) -> dict[str, Any]:
    return {
        "at": happening.at,
        "kind": happening.kind,
        "title": happening.title,
        "by": happening.by,
        "words": happening.words,
        "activity_id": happening.activity.pk if happening.activity else None,
        "event_id": happening.event.pk if happening.event else None,
    }


def _cursor(place: Place) -> str:
    return f"{place.at.isoformat().replace('+00:00', 'Z')}_{place.rank}_{place.number}"


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


urlpatterns = [
    path(
        "partners/<int:partner>/timeline/",
        PartnerTimeline.as_view(),
        name="partner-timeline",
    ),
    path(
        "cooperations/<int:cooperation>/timeline/",
        CooperationTimeline.as_view(),
        name="cooperation-timeline",
    ),
]
