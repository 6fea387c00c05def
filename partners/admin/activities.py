"""Activities and action items: logged and planned from a cooperation's page."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from partners.models import (
    ActionItem,
    Activity,
    ActivityKind,
    Contact,
    Cooperation,
    Risk,
    Side,
)
from partners.operations import activities, plans, pocs

LOGGED = ("kind", "summary", "details", "minutes", "is_executive")
PLANNED = ("title", "side", "due_on")


class LogForm(DialogForm):
    """What happened."""

    kind = forms.ChoiceField(label=_("kind"), choices=ActivityKind.choices)
    summary = forms.CharField(label=_("summary"), max_length=250)
    details = forms.CharField(
        label=_("details"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    minutes = forms.IntegerField(
        label=_("length in minutes"), required=False, min_value=0
    )
    contacts = forms.ModelMultipleChoiceField(
        label=_("their people"), queryset=Contact.objects.none(), required=False
    )
    is_executive = forms.BooleanField(
        label=_("executives of both sides met"), required=False
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        field: Any = self.fields["contacts"]
        cooperation: Any = self.obj
        rows = Contact.objects.present().filter(partner_id=cooperation.partner_id)
        field.queryset = rows.order_by("name", "pk")


class ProofForm(DialogForm):
    """A proof of concept in short; its metrics are agreed on its own page."""

    title = forms.CharField(label=_("title"), max_length=200)
    hypothesis = forms.CharField(
        label=_("hypothesis"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    planned_start_on = forms.DateField(label=_("planned start"), widget=forms.DateInput)
    planned_end_on = forms.DateField(label=_("planned end"), widget=forms.DateInput)


class ThreatForm(DialogForm):
    """What may go wrong, and how bad that would be."""

    title = forms.CharField(label=_("title"), max_length=250)
    severity = forms.ChoiceField(
        label=_("severity"), choices=Risk.Level.choices, initial=Risk.Level.MEDIUM
    )
    likelihood = forms.ChoiceField(
        label=_("likelihood"), choices=Risk.Level.choices, initial=Risk.Level.MEDIUM
    )
    mitigation = forms.CharField(
        label=_("mitigation"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class PlanForm(DialogForm):
    """Who does what by when."""

    title = forms.CharField(label=_("title"), max_length=250)
    side = forms.ChoiceField(label=_("side"), choices=Side.choices)
    due_on = forms.DateField(label=_("due on"), widget=forms.DateInput)


class ActivityDialogs(OperationAdmin[Cooperation]):
    """Buttons of a cooperation's page that write down and plan."""

    @dialogs.button(
        title=_("Log"),
        permission="partners.add_activity",
        form=LogForm,
        icon="edit_note",
    )
    def log(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        values = {name: form.cleaned_data[name] for name in LOGGED}
        activities.log_activity(
            partner=cooperation.partner,
            cooperation=cooperation,
            values=values,
            contacts=form.cleaned_data["contacts"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Logged.")

    @dialogs.button(
        title=_("Plan"),
        permission="partners.add_actionitem",
        form=PlanForm,
        icon="add_task",
    )
    def plan(self, request: HttpRequest, cooperation: Cooperation, form: Any) -> str:
        by = acting_user(request)
        values = {name: form.cleaned_data[name] for name in PLANNED}
        plans.add_action_item(
            partner=cooperation.partner,
            cooperation=cooperation,
            values=values,
            by=by,
            at=timezone.now(),
        )
        return now("Planned.")

    @dialogs.button(
        title=_("Raise a risk"),
        permission="partners.add_risk",
        form=ThreatForm,
        icon="warning",
    )
    def threaten(
        self, request: HttpRequest, cooperation: Cooperation, form: Any
    ) -> str:
        plans.raise_risk(
            partner=cooperation.partner,
            cooperation=cooperation,
            values=form.said,
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Raised.")

    @dialogs.button(
        title=_("Plan a PoC"),
        permission="partners.add_poc",
        form=ProofForm,
        icon="science",
    )
    def prove(
        self, request: HttpRequest, cooperation: Cooperation, form: Any
    ) -> HttpResponse:
        poc = pocs.plan_poc(
            cooperation=cooperation,
            values=form.said,
            by=acting_user(request),
            at=timezone.now(),
        )
        url = reverse("admin:partners_poc_change", args=(poc.pk,))
        return dialogs.lead_to(request, url, now("Planned. Agree its metrics now."))

    def has_attach_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("partners.add_attachment")

    def has_review_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("partners.add_businessreview")

    @action(description=_("Attach"), permissions=["attach"], icon="attach_file")  # type: ignore[untyped-decorator]  # the theme has no types
    def attach(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the form that takes a document of this cooperation."""
        return self._lead_to_add(request, "attachment", object_id)

    @action(description=_("Record a review"), permissions=["review"], icon="reviews")  # type: ignore[untyped-decorator]  # the theme has no types
    def review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the form that takes a business review of this cooperation."""
        return self._lead_to_add(request, "businessreview", object_id)

    def _lead_to_add(
        self, request: HttpRequest, model: str, object_id: str
    ) -> HttpResponse:
        cooperation = self.get_object(request, object_id)
        if cooperation is None:
            raise Http404
        place = {"partner": cooperation.partner_id, "cooperation": cooperation.pk}
        return HttpResponseRedirect(
            f"{reverse(f'admin:partners_{model}_add')}?{urlencode(place)}"
        )


class ActivityForm(forms.ModelForm[Activity]):
    """What was logged, to be corrected."""

    class Meta:
        model = Activity
        fields = ("kind", "summary", "details", "minutes")


@admin.register(Activity)
class ActivityAdmin(OperationAdmin[Activity]):
    """What happened with visible partners; logged on the page of a cooperation."""

    form = ActivityForm
    list_display = (
        "happened_at",
        "kind",
        "summary",
        "partner",
        "cooperation",
        "logged_by",
    )
    list_select_related = ("partner", "cooperation", "logged_by")
    list_filter = (("kind", ChoicesDropdownFilter), "is_business_review")
    search_fields = ("summary", "partner__display_name")
    ordering = ("-happened_at", "-pk")
    fields = (
        ("partner", "cooperation"),
        ("happened_at", "logged_by"),
        ("kind", "minutes"),
        "summary",
        "details",
    )
    readonly_fields = ("partner", "cooperation", "happened_at", "logged_by")

    def edit(self, *, obj: Activity, form: Any, by: User, at: datetime) -> Activity:
        return activities.edit_activity(
            activity=obj, values=form.cleaned_data, by=by, at=at
        )


class ActionItemForm(forms.ModelForm[ActionItem]):
    """A promise, to be corrected while it is open."""

    class Meta:
        model = ActionItem
        fields = ("title", "side", "owner", "contact", "due_on")


@admin.register(ActionItem)
class ActionItemAdmin(OperationAdmin[ActionItem]):
    """The mutual action plan: what is due on whose side."""

    form = ActionItemForm
    list_display = (
        "title",
        "side",
        "partner",
        "cooperation",
        "owner",
        "contact",
        "due",
        "status",
    )
    list_select_related = ("partner", "cooperation", "owner", "contact")
    autocomplete_fields = ("owner", "contact")
    readonly_fields = ("partner", "cooperation", "status")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    ("partner", "cooperation"),
                    ("side", "due_on"),
                    ("owner", "contact"),
                    "status",
                )
            },
        ),
    )
    list_filter = (("side", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("title", "partner__display_name")
    ordering = ("due_on", "pk")
    actions_detail = ("complete", "drop", "reopen")

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("due on"), ordering="due_on", label=Tones({"late": "danger"})
    )
    def due(self, item: ActionItem) -> tuple[str, str]:
        is_late = item.closed_at is None and item.due_on < timezone.localdate()
        return "late" if is_late else "ahead", item.due_on.isoformat()

    def edit(self, *, obj: ActionItem, form: Any, by: User, at: datetime) -> ActionItem:
        return plans.edit_action_item(item=obj, values=form.cleaned_data, by=by, at=at)

    def has_open_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, is_open=True)

    def has_closed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, is_open=False)

    def _is(self, request: HttpRequest, obj: Any, *, is_open: bool) -> bool:
        item = self.row_of(request, obj)
        return (
            item is not None
            and (item.closed_at is None) == is_open
            and request.user.has_perm("partners.change_actionitem")
        )

    @dialogs.button(title=_("Done"), permission="open", icon="check")
    def complete(self, request: HttpRequest, item: ActionItem, form: Any) -> str:
        plans.complete_action_item(
            item=item, by=acting_user(request), at=timezone.now()
        )
        return now("Done.")

    @dialogs.button(title=_("Drop"), permission="open", icon="block")
    def drop(self, request: HttpRequest, item: ActionItem, form: Any) -> str:
        plans.drop_action_item(item=item, by=acting_user(request), at=timezone.now())
        return now("Dropped.")

    @dialogs.button(title=_("Reopen"), permission="closed", icon="undo")
    def reopen(self, request: HttpRequest, item: ActionItem, form: Any) -> str:
        plans.reopen_action_item(item=item, by=acting_user(request), at=timezone.now())
        return now("Open again.")
