"""Attachments: uploaded as they are, typed by their content, served as downloads only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api.parsing import bad_parameter
from crm.web.downloads import download
from partners import operations
from partners.models import Attachment, Cooperation, Partner

READ = "partners.view_attachment"
NUMBER = {"type": "integer", "minimum": 1}


class AttachmentShape(api.Shape[Attachment]):
    """One stored document; its bytes are at `content/`."""

    class Meta:
        model = Attachment
        fields = (
            "id",
            "partner_id",
            "cooperation_id",
            "activity_id",
            "purpose",
            "file_name",
            "content_type",
            "size",
            "sha256",
            "uploaded_by_id",
            "uploaded_at",
            "removed_at",
        )


class AttachmentFilters(api.Filters):
    class Meta:
        model = Attachment
        fields = {
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in"],
            "purpose": ["exact", "in"],
            "removed_at": ["isnull"],
        }


class WhyRemoved(api.Given):
    """Why it is taken away."""

    reason = serializers.CharField()


class Attachments(api.Uploads[Attachment]):
    """Documents of partners and cooperations; POST with the file as the body."""

    plural = "attachments"
    access = api.Access("partners", read=READ, add="partners.add_attachment")
    shape, filters = AttachmentShape, AttachmentFilters
    given = WhyRemoved
    told: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "file_name": {"type": "string", "minLength": 1, "maxLength": 200},
        "partner_id": NUMBER,
        "cooperation_id": NUMBER,
        "purpose": {"type": "string", "enum": list(Attachment.Purpose.values)},
    }

    def rows(self) -> QuerySet[Attachment]:
        return Attachment.objects.visible_to(self.user)

    def upload(
        self, content: bytes, told: Mapping[str, str], *, by: User, at: datetime
    ) -> Attachment:
        purpose = told.get("purpose", Attachment.Purpose.OTHER)
        if purpose not in Attachment.Purpose.values:
            raise bad_parameter("purpose", "There is no such purpose.")
        cooperation = told_row(Cooperation, "cooperation_id", told, by)
        partner = told_row(Partner, "partner_id", told, by)
        if partner is None and cooperation is None:
            raise bad_parameter("partner_id", "Say whose document it is.", "required")
        return operations.attach_document(
            partner=partner or cooperation.partner,
            cooperation=cooperation,
            document=operations.Document(
                told.get("file_name", "document"), content, purpose
            ),
            by=by,
            at=at,
        )


def told_row(model: Any, name: str, told: Mapping[str, str], by: User) -> Any:
    """Return the visible row that a parameter names, None when it is not given.

    :raises ProblemError: 400 when it is no number, absent or out of sight.
    """
    text = told.get(name)
    if text is None:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    row = model.objects.visible_to(by).filter(pk=text).first() if is_number else None
    if row is None:
        raise bad_parameter(name, "There is none.", "not-found")
    return row


class RemoveAttachment(api.Act[Attachment]):
    """Take a document out of every list; row and bytes stay for the record."""

    plural = "attachment-remove"
    access = api.Access("partners", read=READ, add="partners.delete_attachment")
    shape, given = AttachmentShape, WhyRemoved

    def rows(self) -> QuerySet[Attachment]:
        return Attachment.objects.visible_to(self.user)

    def act(
        self, row: Attachment, given: dict[str, Any], *, by: User, at: datetime
    ) -> Attachment:
        return operations.remove_attachment(
            attachment=row, reason=given["reason"], by=by, at=at
        )


class Content(api.Door):
    """The bytes of a document, to keep and never to open in place."""

    access = api.Access("partners", read=READ)
    answers: ClassVar[Any] = {
        ("200", "application/octet-stream"): OpenApiResponse(
            {"type": "string", "format": "binary"}, "The document."
        )
    }

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        rows = Attachment.objects.visible_to(self.user).filter(removed_at=None)
        row = get_object_or_404(rows, pk=pk)
        return download(
            row.content.open("rb"), name=row.file_name, content_type=row.content_type
        )


urlpatterns = [
    *api.routes("attachments", Attachments),
    api.act("attachments/<int:pk>/remove", RemoveAttachment),
    path("attachments/<int:pk>/content/", Content.as_view(), name="attachment-content"),
]
