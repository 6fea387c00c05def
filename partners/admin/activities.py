"""Activities and action items: logged and planned from a cooperation's page."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from partners.models import ActionItem, Activity, ActivityKind, Cooperation, Side
from partners.operations import activities, plans

LOGGED = ("kind", "summary", "details", "minutes")
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
    fields = ("kind", "summary", "details", "minutes")

    def edit(self, *, obj: Activity, form: Any, by: User, at: datetime) -> Activity:
        return activities.edit_activity(
            activity=obj, values=form.cleaned_data, by=by, at=at
        )


@admin.register(ActionItem)
class ActionItemAdmin(OperationAdmin[ActionItem]):
    """The mutual action plan: what is due on whose side."""

    list_display = (
        "title",
        "side",
        "partner",
        "cooperation",
        "owner",
        "due_on",
        "status",
    )
    list_select_related = ("partner", "cooperation", "owner")
    list_filter = (("side", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter))
    search_fields = ("title", "partner__display_name")
    ordering = ("due_on", "pk")
    actions_detail = ("complete", "drop", "reopen")

    def has_open_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, is_open=True)

    def has_closed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is(request, obj, is_open=False)

    def _is(self, request: HttpRequest, obj: Any, *, is_open: bool) -> bool:
        key = getattr(obj, "pk", obj)
        rows = ActionItem.objects.filter(pk=key, closed_at__isnull=is_open)
        return request.user.has_perm("partners.change_actionitem") and rows.exists()

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
