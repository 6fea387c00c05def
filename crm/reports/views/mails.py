"""Stored mails: those of deliveries, and those in the folder where no server is set up."""

import email
from base64 import b64encode
from datetime import UTC
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from crm.reports import queries
from crm.reports.models import ReportDelivery, StoredMessage
from crm.web.acting import acting_user

MOST_MAILS = 200
READS_ALL_MAILS = "reports.change_sendingplace"


@never_cache
@login_required
@permission_required("reports.view_reportdelivery", raise_exception=True)
@require_GET
def delivered(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """Return the stored mail of a delivery as a page or as it was sent.

    Only to those who see the delivery and, as of now, all that the report shows.
    """
    person = acting_user(request)
    rows = ReportDelivery.objects.visible_to(person).select_related("run")
    delivery = get_object_or_404(rows, pk=pk)
    if delivery.run is None or not queries.may_see_run(run=delivery.run, person=person):
        raise Http404
    message = get_object_or_404(StoredMessage, pk=delivery.pk)
    return _answer(bytes(message.content), form, name=f"report-{delivery.pk}")


@never_cache
@login_required
@permission_required(READS_ALL_MAILS, raise_exception=True)
@require_GET
def folder(request: HttpRequest) -> HttpResponse:
    """List the mails in the folder, newest first; only where no server is set up."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Stored mails"),
        "folder": settings.MAIL_FOLDER,
        "mails": [_line(file) for file in _files()[:MOST_MAILS]],
    }
    return TemplateResponse(request, "reports/mails.html", context)


@never_cache
@login_required
@permission_required(READS_ALL_MAILS, raise_exception=True)
@require_GET
def in_folder(_request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Return one mail of the folder as a page or as it is."""
    found = {file.stem: file for file in _files()}.get(name)
    if found is None:
        raise Http404
    return _answer(found.read_bytes(), form, name=name)


def _files() -> list[Path]:
    place = settings.MAIL_FOLDER
    if place is None or not Path(place).is_dir():
        return []
    files = [file for file in Path(place).iterdir() if file.suffix == ".eml"]
    return sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))[::-1]


def _line(file: Path) -> dict[str, object]:
    with file.open("rb") as opened:
        message = email.message_from_binary_file(opened, policy=default)
    at = getattr(message["Date"], "datetime", None)  # without a zone for -0000
    return {
        "name": file.stem,
        "to": str(message["To"] or ""),
        "subject": str(message["Subject"] or ""),
        "at": at.replace(tzinfo=at.tzinfo or UTC) if at else None,
    }


def _answer(content: bytes, form: str, *, name: str) -> HttpResponse:
    if form == "eml":
        answer = HttpResponse(content, content_type="message/rfc822")
        answer["Content-Disposition"] = f'attachment; filename="{name}.eml"'
        return answer
    message = email.message_from_bytes(content, policy=default)
    if not isinstance(message, EmailMessage):
        raise Http404
    return _page(message)


def _page(message: EmailMessage) -> HttpResponse:
    """Return the HTML of a mail with its pictures inside, or its text."""
    body = message.get_body(("related", "html", "plain"))
    if body is None:
        raise Http404
    html = body.get_body(("html", "plain")) or body
    text = html.get_content()
    if html.get_content_type() == "text/plain":
        return HttpResponse(text, content_type="text/plain; charset=utf-8")
    for part in message.walk():
        cid = str(part["Content-ID"] or "").strip().strip("<>")
        if cid and part.get_content_maintype() == "image":
            data = b64encode(part.get_payload(decode=True)).decode()  # type: ignore[arg-type]  # bytes of an image
            kind = part.get_content_type()
            text = text.replace(f"cid:{cid}", f"data:{kind};base64,{data}")
    return HttpResponse(text)
