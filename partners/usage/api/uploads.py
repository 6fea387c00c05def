"""Billing sources, and files on their way in: announced, sent in parts, handed in."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api import parsing
from crm.web.api.schema import AutoSchema
from partners.usage import operations
from partners.usage.api.shared import SCOPE, NothingGiven
from partners.usage.models import (
    BillingSource,
    DeliveryMode,
    UsageUpload,
)

BLOCK = 1 << 20


class UsageSourceShape(api.Shape[BillingSource]):
    """One export of billing data that is delivered again and again."""

    class Meta:
        model = BillingSource
        fields = ("id", "name", "provider", "delivery_mode", "scope", "time_zone",
                  "lateness_days", "close_after_days", "is_active",
                  "version")  # fmt: skip


class UsageSourceGiven(api.Given):
    """What is said of a source."""

    name = serializers.CharField(max_length=120)
    provider = serializers.CharField(max_length=120, required=False, allow_blank=True)
    delivery_mode = serializers.ChoiceField(
        choices=DeliveryMode.choices, required=False
    )
    scope = serializers.CharField(max_length=200, required=False, allow_blank=True)
    time_zone = serializers.CharField(max_length=60, required=False)
    lateness_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    close_after_days = serializers.IntegerField(
        min_value=0, max_value=3650, required=False
    )
    is_active = serializers.BooleanField(required=False)


class Sources(api.Adds[BillingSource], api.Edits[BillingSource]):
    """Billing sources; an unknown one is made by its first file, too."""

    plural = "usage-sources"
    access = api.Access(
        SCOPE,
        read="usage.view_billingsource",
        add="usage.add_billingsource",
        change="usage.change_billingsource",
    )
    shape, given = UsageSourceShape, UsageSourceGiven
    orderings = ("id", "name")

    def rows(self) -> QuerySet[BillingSource]:
        return BillingSource.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> BillingSource:
        return operations.register_source(values=given, by=by, at=at)

    def edit(
        self,
        row: BillingSource,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> BillingSource:
        return operations.edit_source(
            source=row, values=given, by=by, at=at, expected_version=version
        )


class UsageUploadShape(api.Shape[UsageUpload]):
    """A file on its way in; the next part begins at `offset`."""

    class Meta:
        model = UsageUpload
        fields = ("id", "source_id", "file_name", "size", "offset", "is_dry_run",
                  "state", "load_id", "created_by_id", "created_at",
                  "touched_at")  # fmt: skip


class UsageUploadGiven(api.Given):
    """A file that is going to be sent; an unknown source is made, but for a dry run."""

    source_name = serializers.CharField(max_length=120)
    file_name = serializers.CharField(max_length=200)
    size = serializers.IntegerField(min_value=1, max_value=2**53)
    is_dry_run = serializers.BooleanField(required=False, default=False)


UPLOADS = api.Access(
    SCOPE,
    read="usage.view_usageupload",
    add="usage.add_usageupload",
    change="usage.change_usageupload",
)


class Uploads(api.Adds[UsageUpload]):
    """One's own uploads: announce a file, send its parts, hand it in as a delivery."""

    plural = "usage-uploads"
    access = UPLOADS
    shape, given = UsageUploadShape, UsageUploadGiven

    def rows(self) -> QuerySet[UsageUpload]:
        return UsageUpload.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> UsageUpload:
        source = operations.source_for(
            name=given.pop("source_name"),
            is_dry_run=given.get("is_dry_run", False),
            by=by,
            at=at,
        )
        return operations.begin_upload(source=source, by=by, at=at, **given)


class Abandon(api.Act[UsageUpload]):
    """Throw an unfinished upload away."""

    plural = "usage-upload-abandon"
    access = UPLOADS
    shape, given = UsageUploadShape, NothingGiven

    def rows(self) -> QuerySet[UsageUpload]:
        return UsageUpload.objects.visible_to(self.user)

    def act(
        self, row: UsageUpload, given: dict[str, Any], *, by: User, at: datetime
    ) -> UsageUpload:
        operations.abandon_upload(upload=row, by=by, at=at)
        return row


class BinaryParser(parsing.JSONParser):
    """Names raw bytes for content negotiation; the door streams them itself."""

    media_type = "application/octet-stream"


class PartSchema(AutoSchema):
    """Describes a body of raw bytes."""

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        bytes_ = {"type": "string", "contentMediaType": BinaryParser.media_type}
        return {
            "required": True,
            "content": {BinaryParser.media_type: {"schema": bytes_}},
        }

    def _successes(self) -> Mapping[Any, Any]:
        shown = self.resolve_serializer(UsageUploadShape(), "response").ref
        return {"200": OpenApiResponse(shown, "The upload; go on at its offset.")}


class Parts(api.Door):
    """PUT raw bytes at the offset where the upload stopped; they go straight to disk."""

    plural = "usage-upload-parts"
    access = UPLOADS
    parser_classes = (BinaryParser,)
    schema = PartSchema()

    def put(self, request: Request, pk: int, offset: int) -> HttpResponse:
        """Append a part; what came before a cut is kept."""
        upload = UsageUpload.objects.visible_to(self.user).filter(pk=pk).first()
        if upload is None:
            raise Http404
        if not str(request.content_type).startswith(BinaryParser.media_type):
            raise api.ProblemError(415, detail="Send application/octet-stream.")
        length = int(request.META.get("CONTENT_LENGTH") or 0)
        if length > settings.USAGE_PART_LIMIT:
            limit = settings.USAGE_PART_LIMIT
            raise api.ProblemError(413, detail=f"At most {limit} bytes in a part.")
        upload = operations.append_part(
            upload=upload, offset=offset, blocks=blocks_of(request), at=self.now
        )
        shown = UsageUploadShape(upload).data
        return HttpResponse(api.to_json(shown), content_type="application/json")


def blocks_of(request: Request) -> Iterator[bytes]:
    """Yield the body block by block, never all of it."""
    stream = request._request  # noqa: SLF001  # DRF's own reading would keep the body
    while block := stream.read(BLOCK):
        yield block


urlpatterns = [
    *api.routes("usage/sources", Sources),
    *api.routes("usage/uploads", Uploads),
    api.act("usage/uploads/<int:pk>/abandon", Abandon),
    path(
        "usage/uploads/<int:pk>/parts/<int:offset>/",
        Parts.as_view(),
        name=Parts.plural,
    ),
]
