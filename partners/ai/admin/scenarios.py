"""Scenarios: the list, a page with what they are worth, and the coverage map."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from crm.web.scoping import ReadOnlyInline
from partners.ai import operations, queries
from partners.ai.admin.pointing import PointingForm
from partners.ai.lifecycles import SCENARIO_STEPS, ScenarioStatus
from partners.ai.models import (
    Feedback,
    FeedbackTopic,
    Priority,
    Scenario,
    ScenarioMeasure,
    ScenarioModel,
)
from partners.ai.operations.scenarios import EDITABLE

FEEDBACK = ("title", "text", "topic", "priority")


class OnForm(DialogForm):
    """Which day."""

    on = forms.DateField(
        label=_("on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("Empty means today."),
    )


class EndForm(OnForm):
    """Why, and on which day."""

    reason = forms.CharField(
        label=_("reason"), widget=forms.Textarea(attrs={"rows": 2})
    )


class MeasureForm(DialogForm):
    """One value before and after; the same name again replaces it."""

    name = forms.CharField(label=_("what is measured"), max_length=120)
    unit = forms.CharField(label=_("unit"), max_length=40)
    before = forms.DecimalField(label=_("before"), max_digits=20, decimal_places=4)
    after = forms.DecimalField(
        label=_("after"), max_digits=20, decimal_places=4, required=False
    )
    measured_on = forms.DateField(
        label=_("measured on"), required=False, widget=forms.DateInput
    )
    is_lower_better = forms.BooleanField(label=_("lower is better"), required=False)


class OfScenarioForm(PointingForm):
    """A model that this scenario may use: derived ones of its partner only."""

    obj: Scenario

    def partner_id(self) -> int | None:
        return self.obj.cooperation.partner_id


class FeedbackForm(OfScenarioForm):
    """What the scenario needs of a model version."""

    title = forms.CharField(label=_("title"), max_length=200)
    text = forms.CharField(
        label=_("what is needed"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    topic = forms.ChoiceField(label=_("topic"), choices=FeedbackTopic.choices)
    priority = forms.TypedChoiceField(
        label=_("priority"),
        choices=Priority.choices,
        coerce=int,
        initial=Priority.NORMAL,
    )


class MeasureInline(ReadOnlyInline[ScenarioMeasure, Scenario]):
    """What it is worth."""

    model = ScenarioMeasure
    fields = ("name", "unit", "before", "after", "measured_on")
    readonly_fields = fields
    show_change_link = False


class ModelInline(ReadOnlyInline[ScenarioModel, Scenario]):
    """What it uses."""

    model = ScenarioModel
    fields = ("base", "derived")
    readonly_fields = fields
    show_change_link = False


class FeedbackInline(ReadOnlyInline[Feedback, Scenario]):
    """What it asks of models."""

    model = Feedback
    fields = ("title", "priority", "state", "raised_on", "owner")
    readonly_fields = fields
    ordering = ("-priority", "raised_on", "pk")
    tab = True


@admin.register(Scenario)
class ScenarioAdmin(OperationAdmin[Scenario]):
    """Scenarios of visible partners, and the map of them all."""

    list_display = (
        "title", "partner_name", "industry", "kind", "status_label", "live_on", "owner",
    )  # fmt: skip
    list_select_related = ("cooperation__partner", "kind", "owner")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("industry", ChoicesDropdownFilter),
        ("kind", RelatedDropdownFilter),
    )
    search_fields = ("title", "cooperation__partner__display_name")
    ordering = ("title", "pk")
    autocomplete_fields = ("cooperation", "owner")
    inlines = (MeasureInline, ModelInline, FeedbackInline)
    actions_list = ("open_map",)
    actions_detail = ("start", "end", "measure", "use", "feedback")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "cooperation"),
                    ("industry", "kind"),
                    "does",
                    ("planned_on", "owner"),
                )
            },
        ),
    )

    @display(description=_("partner"), ordering="cooperation__partner__display_name")  # type: ignore[untyped-decorator]  # the theme has no types
    def partner_name(self, scenario: Scenario) -> str:
        return str(scenario.cooperation.partner)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"),
        ordering="status",
        label=Tones({"live": "success", "planned": "info", "ended": "danger"}),
    )
    def status_label(self, scenario: Scenario) -> tuple[str, str]:
        return scenario.status, scenario.get_status_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("cooperation", "live_on", "ended_on")

    def register(self, *, form: Any, by: User, at: datetime) -> Scenario:
        cooperation = form.cleaned_data["cooperation"]
        values = {k: v for k, v in _said(form).items() if v is not None}
        return operations.plan_scenario(
            cooperation=cooperation, values=values, by=by, at=at
        )

    def edit(self, *, obj: Scenario, form: Any, by: User, at: datetime) -> Scenario:
        return operations.edit_scenario(scenario=obj, values=_said(form), by=by, at=at)

    # --- acts

    def has_startable_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, ScenarioStatus.LIVE)

    def has_endable_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, obj, ScenarioStatus.ENDED)

    def _may(self, request: HttpRequest, obj: Any, to: str) -> bool:
        key = getattr(obj, "pk", obj)
        sources = [state for state, steps in SCENARIO_STEPS.items() if to in steps]
        rows = Scenario.objects.filter(pk=key, status__in=sources)
        return self.has_change_permission(request, obj) and rows.exists()

    @dialogs.button(
        title=_("Go live"), permission="startable", form=OnForm, icon="play_arrow"
    )
    def start(self, request: HttpRequest, scenario: Scenario, form: Any) -> str:
        operations.start_scenario(
            scenario=scenario,
            on=form.cleaned_data["on"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It is live.")

    @dialogs.button(title=_("End"), permission="endable", form=EndForm, icon="stop")
    def end(self, request: HttpRequest, scenario: Scenario, form: Any) -> str:
        operations.end_scenario(
            scenario=scenario,
            reason=form.cleaned_data["reason"],
            on=form.cleaned_data["on"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It has ended.")

    @dialogs.button(
        title=_("Measure"), permission="change", form=MeasureForm, icon="speed"
    )
    def measure(self, request: HttpRequest, scenario: Scenario, form: Any) -> str:
        names = ("name", "unit", "before", "after", "measured_on", "is_lower_better")
        operations.measure_scenario(
            scenario=scenario,
            measured=operations.Measured(**{n: form.cleaned_data[n] for n in names}),
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Written down.")

    @dialogs.button(
        title=_("Uses a model"), permission="change", form=OfScenarioForm, icon="memory"
    )
    def use(self, request: HttpRequest, scenario: Scenario, form: Any) -> str:
        operations.use_model(
            scenario=scenario,
            model=form.cleaned_data["model"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Added.")

    @dialogs.button(
        title=_("Raise feedback"),
        permission="ai.add_feedback",
        form=FeedbackForm,
        icon="feedback",
    )
    def feedback(self, request: HttpRequest, scenario: Scenario, form: Any) -> str:
        operations.raise_feedback(
            scenario=scenario,
            model=form.cleaned_data["model"],
            values={name: form.cleaned_data[name] for name in FEEDBACK},
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Raised.")

    # --- the map

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.map_view)
        return [path("map/", view, name="ai_coverage"), *super().get_urls()]

    @action(description=_("Coverage map"), permissions=["view"], icon="grid_on")  # type: ignore[untyped-decorator]  # the theme has no types
    def open_map(self, request: HttpRequest) -> HttpResponse:
        """Lead from the list to the map."""
        return HttpResponseRedirect(reverse("admin:ai_coverage"))

    def map_view(self, request: HttpRequest) -> HttpResponse:
        """Show industries × kinds; every cell leads to its scenarios."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_whole = request.GET.get("all") == "1"
        found = queries.coverage(user=acting_user(request), all_industries=is_whole)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Coverage of training grounds"),
            "opts": self.opts,
            "is_fullwidth": True,
            "map": found,
            "is_whole": is_whole,
            "list_url": self.address_of("changelist"),
            "counts": [
                (state, label, found.count(state))
                for state, label in (
                    *ScenarioStatus.choices,
                    ("empty", gettext("Empty")),
                )
            ],
        }
        return TemplateResponse(request, "ai/coverage.html", context)


def _said(form: Any) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in EDITABLE}
