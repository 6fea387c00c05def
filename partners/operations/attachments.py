"""Attach documents to a partner or a cooperation, and take them away."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners import documents
from partners.models import Activity, Attachment, Cooperation, Partner
from partners.operations.changes import Act
from partners.operations.locks import lock


class AttachmentRefusedError(DomainError):
    """The file is not taken."""

    code = "attachment.refused"
    is_input = True


@dataclass(frozen=True)
class Document:
    """One file as it came in; its type is told from the content."""

    name: str
    content: bytes
    purpose: str = Attachment.Purpose.OTHER


def attach_document(
    *,
    partner: Partner,
    document: Document,
    by: User,
    at: datetime,
    cooperation: Cooperation | None = None,
    activity: Activity | None = None,
) -> Attachment:
    """Store a document; its bytes lie under a name that nobody chose.

    :raises AttachmentRefusedError: when it is empty, too large, or of no type that is taken.
    """
    name, content_type = _judged(document)
    if cooperation is not None and cooperation.partner_id != partner.pk:
        raise AttachmentRefusedError(
            _("The cooperation belongs to another partner."),
            code="attachment.elsewhere",
        )
    digest = hashlib.sha256(document.content).hexdigest()
    attachment = Attachment(
        partner=partner,
        cooperation=cooperation,
        activity=activity,
        purpose=document.purpose,
        file_name=name,
        content_type=content_type,
        size=len(document.content),
        sha256=digest,
        uploaded_by=by,
        uploaded_at=at,
    )
    attachment.content.save(digest, ContentFile(document.content), save=False)
    try:
        _insert(attachment, by=by, at=at)
    except BaseException:
        attachment.content.delete(save=False)
        raise
    return attachment


@transaction.atomic
def remove_attachment(
    *, attachment: Attachment, reason: str, by: User, at: datetime
) -> Attachment:
    """Take a document out of every list; the row and the bytes stay for the record.

    :raises AttachmentRefusedError: without a reason, or when it is removed already.
    """
    fresh = lock(attachment)
    if fresh.removed_at is not None:
        raise AttachmentRefusedError(_("It is removed already."))
    if not reason.strip():
        raise AttachmentRefusedError(_("Say why."), code="attachment.needs-reason")
    fresh.removed_at = at
    fresh.save(update_fields=["removed_at"])
    Act(by, at, fresh.partner_id, fresh.cooperation_id).record(
        "attachment.removed", fresh, new={"reason": reason.strip()}
    )
    return fresh


def _judged(document: Document) -> tuple[str, str]:
    if not document.content:
        raise AttachmentRefusedError(_("The file is empty."), code="attachment.empty")
    if len(document.content) > documents.MAX_BYTES:
        raise AttachmentRefusedError(
            _("The file is larger than %(size)s MB.")
            % {"size": documents.MAX_BYTES // 1024**2},
            code="attachment.too-large",
        )
    name = documents.bare_name(document.name)
    if not name:
        raise AttachmentRefusedError(
            _("The file needs a name."), code="attachment.nameless"
        )
    try:
        return name, documents.content_type_of(document.content)
    except documents.DocumentTypeError as error:
        raise AttachmentRefusedError(
            _("Taken are PDF, PNG, JPEG, Office documents without macros, and text."),
            code="attachment.type",
        ) from error


@transaction.atomic
def _insert(attachment: Attachment, *, by: User, at: datetime) -> None:
    attachment.save(force_insert=True)
    Act(by, at, attachment.partner_id, attachment.cooperation_id).record(
        "attachment.added",
        attachment,
        new={
            "file_name": attachment.file_name,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "purpose": attachment.purpose,
        },
    )
