"""Health: the list of the latest snapshots, and a page with reasons and history."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from crm.watch.health import NUMBERS, Colour, colour_of
from crm.watch.models import HealthSnapshot
from crm.watch.operations import rules as operations
from crm.watch.queries import health as queries
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones

HISTORY_DAYS = 182
ADD = "watch.add_healthoverride"
TONES = {
    Colour.GREEN: "success",
    Colour.AMBER: "warning",
    Colour.RED: "danger",
    Colour.UNKNOWN: "info",
}


class OverrideForm(DialogForm):
    """A score by hand."""

    overall = forms.IntegerField(label=_("score"), min_value=0, max_value=100)
    reason = forms.CharField(label=_("why"), widget=forms.Textarea(attrs={"rows": 3}))


class LatestOnly(admin.SimpleListFilter):
    """The list shows how things are; the past on request."""

    title = _("which")
    parameter_name = "which"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("all days"))]

    def choices(self, changelist: Any) -> Any:
        choices = list(super().choices(changelist))
        choices[0]["display"] = _("latest")
        return iter(choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[HealthSnapshot]
    ) -> QuerySet[HealthSnapshot]:
        return queryset if self.value() == "all" else queryset.filter(is_latest=True)


@admin.register(HealthSnapshot)
class HealthSnapshotAdmin(OperationAdmin[HealthSnapshot]):
    """How cooperations fare, the worst first; computed, never typed."""

    list_display = (
        "cooperation",
        "partner",
        "stage_name",
        "overall_label",
        "confidence",
        "deployment",
        "engagement",
        "adoption",
        "returns",
        "valid_from",
    )
    list_select_related = ("cooperation__stage", "partner")
    list_filter = (
        LatestOnly,
        ("cooperation__cooperation_type", ChoicesDropdownFilter),
    )
    search_fields = ("cooperation__title", "partner__display_name")
    ordering = ("overall", "pk")
    fields = ("cooperation", "partner", "valid_from")
    actions_detail = ("override", "withdraw")
    change_form_before_template = "watch/health.html"

    @admin.display(description=_("stage"), ordering="cooperation__stage__order")
    def stage_name(self, snapshot: HealthSnapshot) -> str:
        return str(snapshot.cooperation.stage)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("health"), ordering="overall", label=Tones(TONES)
    )
    def overall_label(self, snapshot: HealthSnapshot) -> tuple[str, str]:
        colour = colour_of(snapshot.overall, NUMBERS)
        if snapshot.overall is None:
            return colour, str(colour.label)
        return colour, f"{snapshot.overall} · {colour.label}"

    @dialogs.button(
        title=_("Score by hand"), permission=ADD, form=OverrideForm, icon="edit"
    )
    def override(
        self, request: HttpRequest, snapshot: HealthSnapshot, form: Any
    ) -> str:
        made = operations.override_health(
            cooperation=snapshot.cooperation,
            overall=form.cleaned_data["overall"],
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("It holds until %(day)s.") % {"day": made.ends_on}

    @dialogs.button(title=_("Withdraw the score by hand"), permission=ADD, icon="undo")
    def withdraw(
        self, request: HttpRequest, snapshot: HealthSnapshot, form: Any
    ) -> str:
        operations.withdraw_override(
            cooperation=snapshot.cooperation,
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("The computed score counts again.")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        rows = self.get_queryset(request).select_related("cooperation__partner")
        shown = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
        if shown is not None:
            today = timezone.now().date()
            since = today - timedelta(days=HISTORY_DAYS)
            pk = shown.cooperation_id
            context["reading"] = queries.readings([pk], today=today)[pk]
            context["measures"] = queries.measures_of(shown)
            context["history"] = list(
                reversed(queries.history(shown.cooperation, since=since))
            )
        return super().change_view(request, object_id, form_url, context)
