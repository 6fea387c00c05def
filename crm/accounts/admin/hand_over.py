"""The page on which everything a person owns goes to somebody else, counted beforehand."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from crm.accounts import operations
from crm.accounts.admin.person_dialogs import successors_of
from crm.accounts.forms import ThemedForm
from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.web.acting import acting_user
from crm.web.refusals import as_form_error

PERMISSION = "accounts.hand_over_user"


class HandOverForm(ThemedForm):
    """Who takes over."""

    to = forms.ModelChoiceField(label=_("successor"), queryset=User.objects.none())

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.queryset = successors_of(person)


class HandOverPage:
    """Adds the page and the button that leads to it."""

    admin_site: Any
    opts: Any

    def hand_over_urls(self) -> list[URLPattern]:
        """Return the page's address."""
        return [
            path(
                "<int:number>/hand-over/",
                self.admin_site.admin_view(self.hand_over_view),
                name="accounts_hand_over",
            )
        ]

    @action(description=_("Hand over"), permissions=[PERMISSION], icon="move_up")  # type: ignore[untyped-decorator]  # the theme has no types
    def hand_over(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the page."""
        return HttpResponseRedirect(
            reverse("admin:accounts_hand_over", args=(int(object_id),))
        )

    def hand_over_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Show what the person owns; on POST give it all to the successor."""
        person = person_or_refuse(request, number)
        form = HandOverForm(request.POST or None, person=person)
        if request.method == "POST" and form.is_valid():
            try:
                return self.given(request, person, form.cleaned_data["to"])
            except DomainError as refusal:
                form.add_error(None, as_form_error(refusal))
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Hand over what %(person)s owns") % {"person": person},
            "owned": operations.owned_by(person),
            "person": person,
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "accounts/hand_over.html", context)

    def given(self, request: HttpRequest, person: User, to: User) -> HttpResponse:
        """Hand over and lead back to the person."""
        given = operations.hand_over(
            from_=person, to=to, by=acting_user(request), at=timezone.now()
        )
        count = sum(owned.row_count for owned in given)
        text = ngettext(
            "%(count)d thing now belongs to %(to)s.",
            "%(count)d things now belong to %(to)s.",
            count,
        )
        messages.success(request, text % {"count": count, "to": to})
        return HttpResponseRedirect(
            reverse("admin:accounts_user_change", args=(person.pk,))
        )


def person_or_refuse(request: HttpRequest, number: int) -> User:
    """Return the person, for those who may hand over.

    :raises PermissionDenied: for others, whoever is asked about.
    :raises Http404: when there is none whom one may see.
    """
    by = acting_user(request)
    if not by.has_perm(PERMISSION):
        raise PermissionDenied
    person = User.objects.visible_to(by).filter(pk=number).first()
    if person is None:
        raise Http404
    return person
