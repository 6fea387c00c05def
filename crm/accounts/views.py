"""Pages for people who are not logged in: invitation and password reset."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from crm.accounts import operations
from crm.accounts.forms import NewPasswordForm, ResetForm
from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.web import clients
from crm.web.refusals import as_form_error

INVITATION = "accounts.invitation"
RESET = "accounts.reset"
RESETS_PER_ADDRESS = 10
RESETS_COUNTED_FOR = 15 * 60


def page(
    request: HttpRequest, *, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    """Return the one page of this module, in the frame of the login page."""
    return TemplateResponse(
        request,
        "accounts/outside.html",
        {**admin.site.each_context(request), "title": title, **context},
        status=status,
    )


def open_invitation(request: HttpRequest, text: str) -> HttpResponse:
    """Take the secret out of the address, so that no log and no other site sees it."""
    request.session[INVITATION] = text
    return HttpResponseRedirect(reverse("accounts:invitation-accept"))


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class AcceptInvitation(View):
    """The invited person chooses a password and is sent to the login."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            invitation = operations.find_invitation(
                text=request.session.get(INVITATION, ""), at=timezone.now()
            )
        except DomainError as refusal:
            return self.refused(request, refusal)
        return self.ask(request, NewPasswordForm(), email=invitation.person.email)

    def post(self, request: HttpRequest) -> HttpResponse:
        text = request.session.get(INVITATION, "")
        form = NewPasswordForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        try:
            operations.accept_invitation(
                text=text, password=form.cleaned_data["password"], at=timezone.now()
            )
        except operations.InvitationRefusedError as refusal:
            return self.refused(request, refusal)
        except DomainError as refusal:
            form.add_error("password", as_form_error(refusal))
            return self.ask(request, form)
        request.session.flush()
        return HttpResponseRedirect(reverse("accounts:password-chosen"))

    def ask(
        self, request: HttpRequest, form: NewPasswordForm, *, email: str = ""
    ) -> HttpResponse:
        """Show the form."""
        return page(
            request,
            title=_("Choose a password"),
            form=form,
            email=email,
            button=_("Join"),
            explanation=_("You log in with your e-mail address and this password."),
        )

    def refused(self, request: HttpRequest, refusal: DomainError) -> HttpResponse:
        """Say that the link does not work."""
        return page(
            request, title=_("Invitation"), status=410, explanation=str(refusal)
        )


@method_decorator(never_cache, name="dispatch")
class AskPasswordReset(View):
    """Asks for an address and answers the same, whoever has it or not."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(request, ResetForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ResetForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        if is_too_often(clients.address_of(request)):
            return page(
                request,
                title=_("Too many requests"),
                status=429,
                explanation=_("Wait a quarter of an hour, then try again."),
            )
        operations.ask_password_reset(email=form.cleaned_data["email"])
        return HttpResponseRedirect(reverse("accounts:password-reset-asked"))

    def ask(self, request: HttpRequest, form: ResetForm) -> HttpResponse:
        """Show the form."""
        return page(
            request,
            title=_("New password"),
            form=form,
            button=_("Send me a link"),
            explanation=_("We send a link to your address. It works for one day."),
        )


def password_reset_asked(request: HttpRequest) -> HttpResponse:
    """Say what happens next, without saying whether somebody has that address."""
    return page(
        request,
        title=_("Look into your mailbox"),
        explanation=_(
            "If somebody here has this address, a link is on its way. Nothing there "
            "after some minutes? Look into the spam folder, or ask an administrator."
        ),
    )


def open_password_reset(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Take the secret out of the address, as with invitations."""
    request.session[RESET] = [uidb64, token]
    return HttpResponseRedirect(reverse("accounts:password-reset-choose"))


@method_decorator(sensitive_post_parameters(), name="dispatch")
@method_decorator(never_cache, name="dispatch")
class ChooseNewPassword(View):
    """The reader of the mail chooses a new password."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if person_of_link(request) is None:
            return self.refused(request)
        return self.ask(request, NewPasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        person = person_of_link(request)
        if person is None:
            return self.refused(request)
        form = NewPasswordForm(request.POST)
        if not form.is_valid():
            return self.ask(request, form)
        try:
            operations.choose_password(
                person=person,
                password=form.cleaned_data["password"],
                by=person,
                at=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error("password", as_form_error(refusal))
            return self.ask(request, form)
        request.session.flush()
        return HttpResponseRedirect(reverse("accounts:password-chosen"))

    def ask(self, request: HttpRequest, form: NewPasswordForm) -> HttpResponse:
        """Show the form."""
        return page(
            request,
            title=_("Choose a password"),
            form=form,
            button=_("Store"),
            explanation=_("You are logged out everywhere else."),
        )

    def refused(self, request: HttpRequest) -> HttpResponse:
        """Say that the link does not work."""
        return page(
            request,
            title=_("New password"),
            status=410,
            explanation=_("This link is not valid any more. Ask for a new one."),
        )


def password_chosen(request: HttpRequest) -> HttpResponse:
    """Lead to the login."""
    return page(
        request,
        title=_("Your password is stored"),
        explanation=_("Log in with it now."),
        is_done=True,
    )


def person_of_link(request: HttpRequest) -> User | None:
    """Return whose password the link in the session changes; None when it is worthless."""
    uidb64, token = request.session.get(RESET, ["", ""])
    try:
        number = int(urlsafe_base64_decode(uidb64))
    except (ValueError, OverflowError):
        return None
    person = User.objects.filter(pk=number, is_active=True).first()
    is_good = default_token_generator.check_token(person, token)
    return person if is_good else None


def is_too_often(address: str) -> bool:
    """Count one request of this address; tell whether it is one too many."""
    key = f"accounts.password-reset.{address}"
    cache.add(key, 0, timeout=RESETS_COUNTED_FOR)
    try:
        return cache.incr(key) > RESETS_PER_ADDRESS
    except ValueError:  # it ended between the two calls
        return False
