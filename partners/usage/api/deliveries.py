"""Loads with their progress, and deliveries by billing month with decisions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api.schema import AutoSchema
from partners.usage import operations, store
from partners.usage.api.shared import SCOPE, NothingGiven
from partners.usage.models import (
    UsageDelivery,
    UsageLoad,
    UsageUpload,
)


class UsageLoadShape(api.Shape[UsageLoad]):
    """One handing-in of files, how far it is, and what it came to."""

    source_name = serializers.CharField(source="source.name", read_only=True)

    class Meta:
        model = UsageLoad
        fields = ("id", "source_id", "source_name", "scope", "state", "step",
                  "bytes_read", "bytes_total", "rows_read", "rows_loaded",
                  "rows_rejected", "files", "manifest", "focus_version", "totals",
                  "rejected_totals", "rejects", "notices", "error", "same_as_id",
                  "is_dry_run", "attempts", "requested_by_id", "requested_at",
                  "finished_at", "seconds")  # fmt: skip


class UsageLoadFilters(api.Filters):
    class Meta:
        model = UsageLoad
        fields = {"source_id": ["exact", "in"], "state": ["exact", "in"]}


LOADS = api.Access(SCOPE, read="usage.view_usageload", add="usage.change_usageload")


class Loads(api.Resource[UsageLoad]):
    """Loads; poll one until its state is loaded, no-op, held, refused or cancelled."""

    plural = "usage-loads"
    access = LOADS
    shape, filters = UsageLoadShape, UsageLoadFilters
    default_ordering = "-id"

    def rows(self) -> QuerySet[UsageLoad]:
        return UsageLoad.objects.all()


class Cancel(api.Act[UsageLoad]):
    """Stop a load that waits or runs; nothing of it stays."""

    plural = "usage-load-cancel"
    access = LOADS
    shape, given = UsageLoadShape, NothingGiven

    def rows(self) -> QuerySet[UsageLoad]:
        return UsageLoad.objects.all()

    def act(
        self, row: UsageLoad, given: dict[str, Any], *, by: User, at: datetime
    ) -> UsageLoad:
        return operations.cancel_load(load=row, by=by, at=at)


class Rejects(api.Door):
    """All rejected rows of a load with line, column, value, reason and cost, as CSV."""

    plural = "usage-load-rejects"
    access = LOADS
    answers = {
        ("200", "text/csv"): OpenApiResponse(
            {"type": "string", "contentMediaType": "text/csv"}, "The rejected rows."
        )
    }

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Answer with the file."""
        file = store.rejects_file(pk)
        if not UsageLoad.objects.filter(pk=pk).exists() or not file.is_file():
            raise Http404
        return FileResponse(
            file.open("rb"),
            content_type="text/csv; charset=utf-8",
            as_attachment=True,
            filename=f"rejects-{pk}.csv",
        )


class UsageDeliveryShape(api.Shape[UsageDelivery]):
    """What one load says about one billing month of one scope of one source."""

    class Meta:
        model = UsageDelivery
        fields = ("id", "load_id", "source_id", "scope", "billing_month", "status",
                  "is_increment", "rows", "rows_without_cost", "totals", "days",
                  "reasons", "superseded_by_id", "stored_bytes",
                  "decided_at")  # fmt: skip


class UsageDeliveryFilters(api.Filters):
    class Meta:
        model = UsageDelivery
        fields = {
            "source_id": ["exact", "in"],
            "load_id": ["exact"],
            "billing_month": ["exact", "gte", "lte"],
            "status": ["exact", "in"],
        }


class UsageDeliveryGiven(api.Given):
    """A complete upload of one's own."""

    upload_id = serializers.IntegerField(min_value=1)


class DeliverySchema(AutoSchema):
    """Says that handing in answers 202."""

    def _body_schema(self, action: str) -> dict[str, Any] | None:
        if action != "create":
            return super()._body_schema(action)
        door: Any = self.view
        return self._reference(door.input(partial=False))

    def _successes(self) -> Mapping[Any, Any]:
        if getattr(self.view, "action", "") != "create":
            return super()._successes()
        shown = self.resolve_serializer(UsageLoadShape(), "response").ref
        return {"202": OpenApiResponse(shown, "Taken; poll the address in Location.")}


class Deliveries(api.Adds[UsageDelivery]):
    """Deliveries by billing month; POST hands a complete upload in (202)."""

    plural = "usage-deliveries"
    takes_lists = False
    access = api.Access(
        SCOPE, read="usage.view_usagedelivery", add="usage.add_usageload"
    )
    shape, filters, given = UsageDeliveryShape, UsageDeliveryFilters, UsageDeliveryGiven
    default_ordering = "-id"
    schema = DeliverySchema()

    def rows(self) -> QuerySet[UsageDelivery]:
        return UsageDelivery.objects.all()

    def create(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Hand in and answer where to ask how far it is."""
        values = self.accepted(request.data)
        return self.write(lambda: self._handed_in(values["upload_id"]))

    def _handed_in(self, upload_id: int) -> HttpResponse:
        upload = UsageUpload.objects.visible_to(self.user).filter(pk=upload_id).first()
        if upload is None:
            fault = {"pointer": "#/upload_id", "code": "not-found"}
            fault["detail"] = "There is none."
            raise api.ProblemError(400, "invalid", errors=[fault])
        load = operations.hand_in_upload(upload=upload, by=self.user, at=self.now)
        return HttpResponse(
            api.to_json(UsageLoadShape(load).data),
            status=202,
            content_type="application/json",
            headers={"Location": reverse("usage-loads-detail", args=(load.pk,))},
        )


class UsageReasonGiven(api.Given):
    """Why."""

    reason = serializers.CharField(max_length=500)


class Decision(api.Act[UsageDelivery]):
    """What all decisions about a delivery share."""

    access = api.Access(
        SCOPE, read="usage.view_usagedelivery", add="usage.change_usagedelivery"
    )
    shape = UsageDeliveryShape

    def rows(self) -> QuerySet[UsageDelivery]:
        return UsageDelivery.objects.all()


class Approve(Decision):
    """Apply a held delivery: it replaces the month."""

    plural = "usage-delivery-approve"
    given = NothingGiven

    def act(
        self, row: UsageDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> UsageDelivery:
        return operations.release_delivery(delivery=row, by=by, at=at)


class Refuse(Decision):
    """Leave a held delivery out for good."""

    plural = "usage-delivery-refuse"
    given = UsageReasonGiven

    def act(
        self, row: UsageDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> UsageDelivery:
        return operations.refuse_delivery(delivery=row, by=by, at=at, **given)


class Withdraw(Decision):
    """Take a delivery out of all figures; its line items stay."""

    plural = "usage-delivery-withdraw"
    given = UsageReasonGiven

    def act(
        self, row: UsageDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> UsageDelivery:
        return operations.withdraw_delivery(delivery=row, by=by, at=at, **given)


class Restore(Decision):
    """Make a superseded or withdrawn delivery count again."""

    plural = "usage-delivery-restore"
    given = NothingGiven

    def act(
        self, row: UsageDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> UsageDelivery:
        return operations.restore_delivery(delivery=row, by=by, at=at)


urlpatterns = [
    *api.routes("usage/loads", Loads),
    api.act("usage/loads/<int:pk>/cancel", Cancel),
    path("usage/loads/<int:pk>/rejects/", Rejects.as_view(), name=Rejects.plural),
    *api.routes("usage/deliveries", Deliveries),
    api.act("usage/deliveries/<int:pk>/approve", Approve),
    api.act("usage/deliveries/<int:pk>/refuse", Refuse),
    api.act("usage/deliveries/<int:pk>/withdraw", Withdraw),
    api.act("usage/deliveries/<int:pk>/restore", Restore),
]
