"""Small pages of their own: the root address and the language switch."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from crm.accounts import operations
from crm.accounts.models import User
from crm.accounts.profiles import Profile
from crm.core.errors import DomainError
from crm.web.acting import acting_user

logger = logging.getLogger(__name__)


def root(request: HttpRequest) -> HttpResponse:
    """Lead to the first page of the admin."""
    return HttpResponseRedirect(reverse("admin:index"))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switch the language for this browser, and for the person who is logged in."""
    language = request.POST.get("language", "")
    is_known = language in dict(settings.LANGUAGES)
    if is_known and request.user.is_authenticated:
        remember(acting_user(request), language)
    return set_language(request)


def remember(person: User, language: str) -> None:
    """Keep the language with the person."""
    profile = Profile(
        name=person.name,
        language=language,
        time_zone=person.time_zone,
        currency=person.currency,
    )
    try:
        operations.edit_profile(
            person=person, profile=profile, by=person, at=timezone.now()
        )
    except DomainError:
        logger.warning("language of person %s was not kept", person.pk)
