"""The API doors of the journal: what happened to one thing, and what changed since."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from crm.journal import queries, visibility
from crm.journal.models import Event
from crm.web import api
from crm.web.api import Door

ACCESS = api.Access("journal")
"""Everybody may ask: the rows are those about what one may see (`visibility`)."""
FROM_NOW = "now"
PAGE = {
    "type": "object",
    "required": ["cursor", "has_more", "results"],
    "properties": {
        "cursor": {"type": "string", "description": "Ask again with it."},
        "has_more": {"type": "boolean", "description": "Whether to ask at once."},
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
    },
}


class EventShape(api.Shape[Event]):
    """One thing that happened. Values of personal fields are not told, only their names."""

    class Meta:
        model = Event
        fields = (
            "id",
            "kind",
            "at",
            "subject_type",
            "subject_id",
            "partner_id",
            "by_id",
            "token_id",
            "old",
            "new",
            "personal_fields",
            "request_id",
        )


class EventFilters(api.Filters):
    class Meta:
        model = Event
        fields = {
            "kind": ["exact", "in", "startswith"],
            "at": ["gte", "lt"],
            "subject_type": ["exact"],
            "subject_id": ["exact", "in"],
            "partner_id": ["exact", "in"],
            "by_id": ["exact"],
            "token_id": ["exact"],
            "request_id": ["exact"],
        }


class Journal(api.Resource[Event]):
    """The journal; the history of one thing by `subject_type` and `subject_id`."""

    plural = "journal"
    access = ACCESS
    shape = EventShape
    filters = EventFilters
    orderings = ("id",)
    default_ordering = "-id"

    def rows(self) -> QuerySet[Event]:
        return Event.objects.visible_to(self.user)


class Changes(api.Resource[Event]):
    """The change feed: every entry once, in the order of commits, none skipped.

    Keep `cursor` and ask again with it; also after the end, where it goes on with what is
    new. Deleted things appear as entries of their deletion. `start=now` gives the cursor
    of this moment: take it before the first full read of the lists, then follow.
    """

    plural = "changes"
    access = ACCESS
    shape = EventShape
    filters = EventFilters
    renderer_classes = Door.renderer_classes
    parameters = {
        "cursor": {"type": "string", "pattern": "^[0-9]{1,19}-[0-9]{1,19}$"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 1_000},
        "start": {"type": "string", "enum": [FROM_NOW]},
    }
    answers = {"200": OpenApiResponse(PAGE, "The entries behind the cursor.")}

    def known_parameters(self) -> frozenset[str]:
        """Return its own and those of the filters."""
        return frozenset(self.parameters) | frozenset(EventFilters.get_filters())

    def list(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Answer with the entries behind the cursor."""
        page = queries.feed(
            after=self._position(), limit=api.limit_of(self.query), where=self._where()
        )
        names = EventShape.Meta.fields
        body = {
            "cursor": str(page.position),
            "has_more": page.has_more,
            "results": [
                {name: getattr(event, name) for name in names} for event in page.events
            ],
        }
        return HttpResponse(api.to_json(body), content_type="application/json")

    def _position(self) -> queries.Position:
        cursor = self.query.get("cursor")
        return queries.read_position(cursor) if cursor else queries.START

    def _where(self) -> Q:
        if api.one_of(self.query, "start", (FROM_NOW,)):
            return Q(pk__in=())
        every = Event.objects.all()
        asked = api.narrow(every, EventFilters, self.query)
        seen = visibility.entries_seen_by(self.user)
        return seen if asked is every else seen & Q(pk__in=asked.values("pk"))


urlpatterns = [
    *api.routes("journal", Journal),
    path("changes/", Changes.as_view({"get": "list"}), name="changes"),
]
