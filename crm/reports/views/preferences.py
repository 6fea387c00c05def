"""The page behind the link in a mail: unsubscribe, or take that back."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.reports import links, queries
from crm.reports.models import OptOut, ReportSubscription
from crm.reports.operations import subscribing


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
