"""The page about oneself: profile, address, sessions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from crm.accounts import operations
from crm.accounts.forms import AddressForm, ProfileForm
from crm.accounts.models import BrowserSession, User
from crm.core.errors import DomainError
from crm.web.acting import acting_user
from crm.web.refusals import as_form_error


@sensitive_post_parameters("password")
def show(request: HttpRequest) -> HttpResponse:
    """Show the page; on POST do the act that the pressed button names."""
    person = User.objects.get(pk=acting_user(request).pk)
    forms = {
        "profile": ProfileForm(initial=vars(person)),
        "address": AddressForm(initial={"email": person.email}),
    }
    act = ACTS.get(request.POST.get("act", ""))
    if request.method == "POST" and act is not None:
        answer = act(request, person, forms)
        if answer is not None:
            return answer
    context = {
        **admin.site.each_context(request),
        "title": _("About me"),
        "forms": forms,
        "sessions": BrowserSession.objects.filter(person=person).order_by("-seen_at"),
        "current_key": request.session.session_key,
    }
    return TemplateResponse(request, "accounts/me.html", context)


def store_profile(
    request: HttpRequest, person: User, forms: dict[str, Any]
) -> HttpResponse | None:
    """Store the profile."""
    form = forms["profile"] = ProfileForm(request.POST)
    return attempt(
        request,
        form,
        lambda: operations.edit_profile(
            person=person, profile=form.profile(), by=person, at=timezone.now()
        ),
    )


def change_address(
    request: HttpRequest, person: User, forms: dict[str, Any]
) -> HttpResponse | None:
    """Change the address; this browser stays logged in, all others do not."""
    form = forms["address"] = AddressForm(request.POST)

    def change() -> None:
        changed = operations.change_email(
            person=person,
            email=form.cleaned_data["email"],
            password=form.cleaned_data["password"],
            by=person,
            at=timezone.now(),
        )
        update_session_auth_hash(request, changed)

    return attempt(request, form, change)


def end_sessions(
    request: HttpRequest, person: User, _forms: dict[str, Any]
) -> HttpResponse:
    """Log out everywhere, here included."""
    operations.end_sessions(person=person, by=person, at=timezone.now())
    return HttpResponseRedirect(request.path)


ACTS = {
    "profile": store_profile,
    "address": change_address,
    "sessions": end_sessions,
}


def attempt(
    request: HttpRequest, form: Any, change: Callable[[], object]
) -> HttpResponse | None:
    """Run the change when the form is valid; None shows the form with what is wrong."""
    if not form.is_valid():
        return None
    try:
        change()
    except DomainError as refusal:
        form.add_error(None, as_form_error(refusal))
        return None
    messages.success(request, _("Stored."))
    return HttpResponseRedirect(request.path)
