"""Frozen reports as pages and files, previews, and what changed since the week before."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.figures import words
from crm.reports import comparison, queries
from crm.reports.models import ReportRun, ReportSubscription
from crm.reports.operations import previews
from crm.reports.payloads import Payload
from crm.reports.rendering import document, mail, page
from crm.web.acting import acting_user

FILES = {"pdf": "application/pdf", "xlsx": f"application/{mail.XLSX}"}


@login_required
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a frozen report to those who may see all that is in it."""
    found = _visible_run(request, pk)
    return HttpResponse(as_page(found.payload))


def as_page(payload: Payload) -> str:
    """Return a payload as a page of its own, with its charts inside."""
    with translation.override(payload["language"]):
        said = document.of(payload)
        pictures = {
            code: page.as_data_address(svg) for code, svg in page.drawings(said).items()
        }
        return page.html_of(said, pictures=pictures)


@login_required
@require_GET
def run_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Return a frozen report as PDF or sheet; the same bytes each time."""
    found = _visible_run(request, pk)
    parts = mail.parts_of(found)
    content = {"pdf": parts.pdf, "xlsx": parts.xlsx}[kind].content
    answer = HttpResponse(content, content_type=FILES[kind])
    name = f"{found.definition.code}-{found.period}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@never_cache
@login_required
@permission_required("reports.view_reportsubscription", raise_exception=True)
@require_GET
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the person who asks would get by a subscription now; nothing is kept."""
    person = acting_user(request)
    subscription = get_object_or_404(
        ReportSubscription.objects.visible_to(person).select_related(
            "definition", "scope_team"
        ),
        pk=pk,
    )
    try:
        payload = previews.preview(
            subscription=subscription,
            reader=person,
            at=timezone.now(),
            period=request.GET.get("period", ""),
        )
    except DomainError as refusal:
        return HttpResponse(str(refusal), status=400, content_type="text/plain")
    return HttpResponse(as_page(payload))


@login_required
@require_GET
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what changed from the report before to this one, number by number."""
    found = _visible_run(request, pk)
    before = _run_before(found, acting_user(request))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Changes since the report before"),
        "run": found,
        "before": before,
        "rows": _differences(before, found) if before else [],
    }
    return TemplateResponse(request, "reports/difference.html", context)


def _run_before(run: ReportRun, person: User) -> ReportRun | None:
    before = queries.run_before(run)
    if before is None or not queries.may_see_run(run=before, person=person):
        return None
    return before


def _differences(before: ReportRun, run: ReportRun) -> list[dict[str, str]]:
    language = run.language
    with translation.override(language):
        return [
            {
                "section": each.section,
                "label": each.label,
                "old": "" if each.old is None else words.shown(each.old, language),
                "new": "" if each.new is None else words.shown(each.new, language),
            }
            for each in comparison.differences(before.payload, run.payload)
        ]


def _visible_run(request: HttpRequest, pk: int) -> ReportRun:
    found = get_object_or_404(ReportRun.objects.select_related("definition"), pk=pk)
    if not queries.may_see_run(run=found, person=acting_user(request)):
        raise Http404
    return found
