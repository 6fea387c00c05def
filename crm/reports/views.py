"""Pages of their own: unsubscribing by a signed link, and a frozen report."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from crm.reports import links, queries
from crm.reports.models import OptOut, ReportRun, ReportSubscription
from crm.reports.operations import subscribing
from crm.reports.rendering import document, mail, page
from crm.web.acting import acting_user

FILES = {"pdf": "application/pdf", "xlsx": f"application/{mail.XLSX}"}


# The token in the address is the proof; mail programs post without cookie and CSRF token.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what this reader gets; on POST unsubscribe, or take that back.

    A GET changes nothing: scanners of mail servers open every link.
    """
    reading = links.reading_of(token)
    if reading is None:
        raise Http404
    subscription = get_object_or_404(
        ReportSubscription.objects.select_related("definition", "team"),
        pk=reading.subscription_id,
    )
    person = get_object_or_404(queries.people(), pk=reading.person_id)
    if request.method == "POST":
        _change(request, subscription, person)
    with translation.override(person.language):
        return render(
            request,
            "reports/preferences.html",
            {
                "report": name_of(subscription, person.language),
                "address": person.email,
                "is_gone": OptOut.objects.filter(
                    subscription=subscription, person=person
                ).exists(),
                "is_done": request.method == "POST",
                "language": person.language,
                "product": settings.PRODUCT_NAME,
            },
        )


@login_required
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a frozen report to those who may see all that is in it."""
    found = _visible_run(request, pk)
    with translation.override(found.language):
        said = document.of(found.payload)
        pictures = {
            code: page.as_data_address(svg) for code, svg in page.drawings(said).items()
        }
        return HttpResponse(page.html_of(said, pictures=pictures))


@login_required
@require_GET
def run_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Return a frozen report as PDF or sheet; the same bytes each time."""
    found = _visible_run(request, pk)
    parts = mail.parts_of(found)
    content = {"pdf": parts.pdf, "xlsx": parts.xlsx}[kind]
    answer = HttpResponse(content, content_type=FILES[kind])
    name = f"{found.definition.code}-{found.period}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def name_of(subscription: ReportSubscription, language: str) -> str:
    """Return the report's name in the reader's language."""
    definition = subscription.definition
    is_zh = language.startswith("zh")
    return (definition.name_zh if is_zh else "") or definition.name


def _change(
    request: HttpRequest, subscription: ReportSubscription, person: Any
) -> None:
    now = timezone.now()
    if request.POST.get("act") == "resubscribe":
        subscribing.resubscribe(subscription=subscription, person=person, at=now)
    else:
        subscribing.unsubscribe(subscription=subscription, person=person, at=now)


def _visible_run(request: HttpRequest, pk: int) -> ReportRun:
    found = get_object_or_404(ReportRun.objects.select_related("definition"), pk=pk)
    if not queries.may_see_run(run=found, person=acting_user(request)):
        raise Http404
    return found
