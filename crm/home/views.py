"""Small pages of their own: the root address and the language switch."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from crm.accounts.models import User


def root(request: HttpRequest) -> HttpResponse:
    """Lead to the first page of the admin."""
    return HttpResponseRedirect(reverse("admin:index"))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the language for this browser, and for the person who is logged in."""
    language = request.POST.get("language", "")
    is_known = language in dict(settings.LANGUAGES)
    if is_known and request.user.is_authenticated:
        remember(request.user, language)
    return set_language(request)


def remember(person: User, language: str) -> None:
    """Keep the language with the person."""
    User.objects.filter(pk=person.pk).update(language=language)
