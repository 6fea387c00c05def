"""The alias map, and the work list of usage that means no model yet, with one-click mapping."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.charts import whole
from crm.web.dialogs import DialogForm
from crm.web.refusals import tell
from partners.ai import operations, queries
from partners.ai.admin.pointing import TellsValid, one_of_both
from partners.ai.models import BaseModel, ModelAlias


class AliasForm(forms.ModelForm[ModelAlias]):
    """A text of usage, the model it means, and from which day on."""

    since = forms.DateField(
        label=_("from the charge day"),
        required=False,
        widget=widgets.UnfoldAdminSingleDateWidget,
        help_text=_("Empty means always."),
    )

    class Meta:
        model = ModelAlias
        fields = ("kind", "text", "base", "derived")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            cleaned["model"] = one_of_both(cleaned["base"], cleaned["derived"])
        return cleaned

    def _post_clean(self) -> None:
        """Leave judging to the operation; the range of days is made there."""


class EndForm(DialogForm):
    """From which day on it holds no longer."""

    on = forms.DateField(
        label=_("no longer from the charge day"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty takes it back as a whole, as if it had never held."),
    )


@admin.register(ModelAlias)
class ModelAliasAdmin(TellsValid, OperationAdmin[ModelAlias]):
    """Which model a text of usage means, from day to day."""

    form = AliasForm
    list_display = ("text", "kind", "base", "derived", "valid")
    readonly_fields = ("valid",)
    list_select_related = ("base", "derived")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("text", "base__name", "derived__name")
    ordering = ("text", "pk")
    autocomplete_fields = ("base", "derived")
    actions_list = ("open_unmapped",)
    actions_detail = ("end",)
    add_fieldsets = (
        (None, {"fields": (("kind", "text"), ("base", "derived"), "since")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        return ((None, {"fields": ("kind", "text", "base", "derived", "valid")}),)

    def register(self, *, form: Any, by: User, at: datetime) -> ModelAlias:
        said = form.cleaned_data
        return operations.map_text(
            kind=said["kind"],
            text=said["text"],
            model=said["model"],
            since=said["since"],
            by=by,
            at=at,
        )

    @dialogs.button(
        title=_("End"),
        permission="ai.change_modelalias",
        form=EndForm,
        description=_("Its usage means no model from then on."),
        icon="event_busy",
    )
    def end(self, request: HttpRequest, alias: ModelAlias, form: Any) -> Any:
        kept = operations.end_alias(
            alias=alias,
            on=form.cleaned_data["on"],
            by=acting_user(request),
            at=timezone.now(),
        )
        if kept is not None:
            return gettext("It ends there.")
        messages.success(request, gettext("Taken back."))
        url = self.address_of("changelist")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    # --- the work list

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.unmapped_view)
        return [path("unmapped/", view, name="ai_unmapped"), *super().get_urls()]

    @action(description=_("Unmapped usage"), permissions=["view"], icon="rule")  # type: ignore[untyped-decorator]  # the theme has no types
    def open_unmapped(self, request: HttpRequest) -> HttpResponse:
        """Lead from the list to the work list."""
        return HttpResponseRedirect(reverse("admin:ai_unmapped"))

    def unmapped_view(self, request: HttpRequest) -> HttpResponse:
        """Show usage without a model by money; on POST map one text with one click."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._map(request)
        by = acting_user(request)
        found = queries.unmapped_usage(
            partner_ids=queries.seen_partner_ids(by), until=timezone.now().date()
        )
        names = BaseModel.objects.in_bulk(
            {pk for each in found for pk in each.suggestions}
        )
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Usage without a model"),
            "opts": self.opts,
            "rows": [
                (
                    each,
                    [names[pk] for pk in each.suggestions],
                    whole(each.spend.quantize(Decimal(1))),
                    whole(each.tokens.quantize(Decimal(1))),
                )
                for each in found
            ],
            "may_map": self.has_add_permission(request),
            "add_url": self.address_of("add"),
        }
        return TemplateResponse(request, "ai/unmapped.html", context)

    def _map(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind, _colon, key = request.POST.get("map", "").partition(":")
        if not key.isdecimal():
            raise BadRequest("map must be KIND:MODEL")
        model = get_object_or_404(BaseModel, pk=key)
        text = request.POST.get("text", "")
        try:
            operations.map_text(
                kind=kind,
                text=text,
                model=model,
                by=acting_user(request),
                at=timezone.now(),
            )
        except DomainError as refusal:
            tell(request, refusal)
        else:
            said = gettext("“%(text)s” means %(model)s.") % {
                "text": text,
                "model": model,
            }
            messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:ai_unmapped"))
