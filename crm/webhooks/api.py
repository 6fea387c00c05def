"""The API doors of webhooks: one's endpoints, their secrets, what was sent, replays."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api.access import check_scope
from crm.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.webhooks.operations import endpoints, replaying

SCOPE = "webhooks"
CHANGE = "webhooks.change_webhookendpoint"
MOST_ENTRIES = 1_000
SECRETS = {
    "type": "object",
    "required": ["secrets"],
    "properties": {
        "secrets": {
            "type": "array",
            "items": {"type": "string", "pattern": "^whsec_[A-Za-z0-9+/=]+$"},
            "description": "All that sign now, the newest first; two during a rotation.",
        }
    },
}


class WebhookShape(api.Shape[WebhookEndpoint]):
    """An address that is told what happens, as far as its owner may see it."""

    class Meta:
        model = WebhookEndpoint
        fields = (
            "id",
            "owner_id",
            "description",
            "url",
            "kinds",
            "partner_ids",
            "is_active",
            "reason",
            "failing_since",
            "paused_until",
            "created_at",
            "version",
        )


class WebhookGiven(api.Given):
    """What callers send."""

    description = serializers.CharField(max_length=120)
    url = serializers.CharField(
        max_length=2_000,
        help_text="https, on the public internet; redirects are not followed.",
    )
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=100,
        help_text="`deal.won`, or `partner.*` for all of a kind; none: all.",
    )
    partner_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=1_000,
        help_text="None: all partners.",
    )
    is_active = serializers.BooleanField(required=False)


class Webhooks(
    api.Adds[WebhookEndpoint],
    api.Edits[WebhookEndpoint],
    api.Removes[WebhookEndpoint],
):
    """One's own webhooks; administrators see all and may switch them off."""

    plural = "webhooks"
    access = api.Access(
        SCOPE,
        read="webhooks.view_webhookendpoint",
        add="webhooks.add_webhookendpoint",
        change=CHANGE,
        delete="webhooks.delete_webhookendpoint",
    )
    shape, given = WebhookShape, WebhookGiven

    def rows(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> WebhookEndpoint:
        return endpoints.register_endpoint(values=given, by=by, at=at)

    def edit(
        self,
        row: WebhookEndpoint,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> WebhookEndpoint:
        return endpoints.edit_endpoint(
            endpoint=row, values=given, by=by, at=at, expected_version=version
        )

    def remove(
        self, row: WebhookEndpoint, *, version: int | None, by: User, at: datetime
    ) -> None:
        endpoints.remove_endpoint(endpoint=row, by=by, at=at, expected_version=version)


class Secrets(api.Door):
    """The secrets that sign now; for the owner alone, and only with `webhooks:write`."""

    access = api.Access(SCOPE, read=CHANGE)
    answers = {"200": OpenApiResponse(SECRETS, "What to verify signatures with.")}

    def get(self, request: Request, pk: int) -> HttpResponse:
        """Return the secrets of one's own webhook."""
        check_scope(request.auth, f"{SCOPE}:write", method="POST")
        endpoint = WebhookEndpoint.objects.filter(pk=pk, owner=self.user).first()
        if endpoint is None:
            raise Http404
        found = endpoints.secrets_of(endpoint=endpoint, at=self.now)
        return HttpResponse(
            api.to_json({"secrets": found}), content_type="application/json"
        )


class EndpointAct(api.Act[WebhookEndpoint]):
    """One act on one's own webhook."""

    access = api.Access(SCOPE, add=CHANGE)
    shape = WebhookShape

    def rows(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.visible_to(self.user)


class WebhookRotationGiven(api.Given):
    """How long the secret before goes on signing."""

    overlap_hours = serializers.IntegerField(
        min_value=0, max_value=168, required=False, default=24
    )


class Rotations(EndpointAct):
    """Make a new secret; both sign during the overlap (a day when not said)."""

    plural = "webhook-rotations"
    given = WebhookRotationGiven

    def act(
        self, row: WebhookEndpoint, given: dict[str, Any], *, by: User, at: datetime
    ) -> WebhookEndpoint:
        overlap = timedelta(hours=given["overlap_hours"])
        return endpoints.rotate_secret(endpoint=row, overlap=overlap, by=by, at=at)


class Tests(EndpointAct):
    """Send a test message (`webhook.tested`); it appears in the deliveries."""

    plural = "webhook-tests"
    given = api.Given

    def act(
        self, row: WebhookEndpoint, given: dict[str, Any], *, by: User, at: datetime
    ) -> WebhookEndpoint:
        return replaying.send_test(endpoint=row, by=by, at=at).endpoint


class WebhookPeriodGiven(api.Given):
    """Which period is sent again."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class Replays(EndpointAct):
    """Send all entries of a period again, also those missed while it was switched off."""

    plural = "webhook-replays"
    given = WebhookPeriodGiven

    def act(
        self, row: WebhookEndpoint, given: dict[str, Any], *, by: User, at: datetime
    ) -> WebhookEndpoint:
        replaying.replay_period(endpoint=row, by=by, at=at, **given)
        return row


class WebhookEntriesGiven(api.Given):
    """Which journal entries are sent again."""

    event_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MOST_ENTRIES,
    )


class EntryReplays(EndpointAct):
    """Send these journal entries again."""

    plural = "webhook-entry-replays"
    given = WebhookEntriesGiven

    def act(
        self, row: WebhookEndpoint, given: dict[str, Any], *, by: User, at: datetime
    ) -> WebhookEndpoint:
        replaying.replay_entries(endpoint=row, entries=given["event_ids"], by=by, at=at)
        return row


class WebhookDeliveryShape(api.Shape[WebhookDelivery]):
    """One journal entry that a webhook is owed, and how far it got."""

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "endpoint_id",
            "event_id",
            "key",
            "kind",
            "is_test",
            "state",
            "attempts",
            "next_attempt_at",
            "planned_at",
            "ended_at",
        )


class DeliveryFilters(api.Filters):
    class Meta:
        model = WebhookDelivery
        fields = {
            "endpoint_id": ["exact", "in"],
            "event_id": ["exact", "in"],
            "state": ["exact", "in"],
            "kind": ["exact", "startswith"],
            "planned_at": ["gte", "lt"],
        }


class Deliveries(api.Resource[WebhookDelivery]):
    """What one's webhooks were sent; kept for 30 days."""

    plural = "webhook-deliveries"
    access = api.Access(SCOPE, read="webhooks.view_webhookdelivery")
    shape, filters = WebhookDeliveryShape, DeliveryFilters
    orderings = ("id",)
    default_ordering = "-id"

    def rows(self) -> QuerySet[WebhookDelivery]:
        return WebhookDelivery.objects.visible_to(self.user)


class WebhookAttemptShape(api.Shape[WebhookAttempt]):
    """One attempt to hand a delivery over, and what the other side said."""

    class Meta:
        model = WebhookAttempt
        fields = (
            "id",
            "delivery_id",
            "number",
            "at",
            "took_ms",
            "status",
            "fault",
            "answer",
        )


class AttemptFilters(api.Filters):
    class Meta:
        model = WebhookAttempt
        fields = {"delivery_id": ["exact", "in"], "status": ["exact", "isnull"]}


class Attempts(api.Resource[WebhookAttempt]):
    """The delivery log."""

    plural = "webhook-attempts"
    access = api.Access(SCOPE, read="webhooks.view_webhookattempt")
    shape, filters = WebhookAttemptShape, AttemptFilters
    orderings = ("id",)
    default_ordering = "-id"

    def rows(self) -> QuerySet[WebhookAttempt]:
        return WebhookAttempt.objects.visible_to(self.user)


urlpatterns = [
    *api.routes("webhooks", Webhooks),
    path("webhooks/<int:pk>/secrets/", Secrets.as_view(), name="webhook-secrets"),
    api.act("webhooks/<int:pk>/rotate-secret", Rotations),
    api.act("webhooks/<int:pk>/test", Tests),
    api.act("webhooks/<int:pk>/replay", Replays),
    api.act("webhooks/<int:pk>/replay-entries", EntryReplays),
    *api.routes("webhook-deliveries", Deliveries),
    *api.routes("webhook-attempts", Attempts),
]
