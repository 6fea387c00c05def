"""Reports and subscriptions: what is sent, when and to whom."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.accounts.models import User
from crm.reports import sections
from crm.reports.models import ReportDefinition, ReportSubscription
from crm.reports.operations import requests, subscribing
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm

FORMATS = (("pdf", "PDF"), ("xlsx", "XLSX"))
Boxes = widgets.UnfoldAdminCheckboxSelectMultipleWidget


def section_choices() -> list[tuple[str, Any]]:
    """Return the sections that packages offer."""
    return [(name, sections.kind(name).title) for name in sections.names()]


class FormatsField(forms.MultipleChoiceField):
    """Which files are attached."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Attachments"),
            choices=FORMATS,
            required=False,
            widget=Boxes,
            initial=["pdf", "xlsx"],
        )


class DefinitionForm(forms.ModelForm[ReportDefinition]):
    """One report."""

    sections = forms.MultipleChoiceField(
        label=_("Sections"), choices=section_choices, widget=Boxes
    )
    formats = FormatsField()

    class Meta:
        model = ReportDefinition
        fields = subscribing.DEFINITION_FIELDS


class SubscriptionForm(forms.ModelForm[ReportSubscription]):
    """One subscription, for a person, a role or a team."""

    formats = FormatsField()

    class Meta:
        model = ReportSubscription
        fields = subscribing.SUBSCRIPTION_FIELDS


class PeriodForm(DialogForm):
    """Which period; empty for the newest that is due."""

    period = forms.CharField(
        label=_("Period"),
        max_length=10,
        required=False,
        help_text=_("2026-W47, 2026-11 or 2026-Q4; empty for the newest that is due."),
    )


@admin.register(ReportDefinition)
class ReportDefinitionAdmin(OperationAdmin[ReportDefinition]):
    """What a report contains and when it comes."""

    visible_to_all = True
    form = DefinitionForm
    list_display = (
        "name",
        "audience",
        "rhythm",
        "weekday",
        "hour",
        "owner",
        "is_active",
    )
    list_select_related = ("owner",)
    list_filter = ("audience", "rhythm", "is_active")
    search_fields = ("name", "name_zh", "code")
    ordering = ("name", "pk")
    autocomplete_fields = ("owner",)
    fieldsets = (
        (None, {"fields": (("name", "name_zh"), ("code", "audience"), "owner")}),
        (_("Content"), {"fields": ("sections", "formats")}),
        (
            _("When"),
            {
                "fields": (
                    "rhythm",
                    ("weekday", "hour"),
                    ("wait_minutes", "catch_up_hours"),
                    "is_active",
                )
            },
        ),
    )

    def register(self, *, form: Any, by: User, at: datetime) -> ReportDefinition:
        return subscribing.register_definition(values=form.cleaned_data, by=by, at=at)

    def edit(
        self, *, obj: ReportDefinition, form: Any, by: User, at: datetime
    ) -> ReportDefinition:
        return subscribing.edit_definition(
            definition=obj, values=form.cleaned_data, by=by, at=at
        )


@admin.register(ReportSubscription)
class SubscriptionAdmin(OperationAdmin[ReportSubscription]):
    """Who gets which report, and how."""

    form = SubscriptionForm
    list_display = (
        "definition",
        "person",
        "role",
        "team",
        "scope",
        "time_zone",
        "next_period",
        "next_due_at",
        "is_paused",
    )
    list_select_related = ("definition", "person", "role", "team")
    list_filter = ("definition", "is_paused", "scope")
    search_fields = ("definition__name", "person__name", "person__email")
    autocomplete_fields = (
        "definition",
        "person",
        "team",
        "scope_team",
        "scope_partner",
    )
    actions_detail = ("send_test", "send_now")
    fieldsets = (
        (None, {"fields": ("definition", "preview")}),
        (_("For whom: one of these"), {"fields": ("person", "role", "team")}),
        (_("About"), {"fields": ("scope", ("scope_team", "scope_partner"))}),
        (
            _("How"),
            {"fields": (("language", "currency"), "time_zone", "formats")},
        ),
        (_("Sending"), {"fields": (("send_if_empty", "is_paused"),)}),
    )
    readonly_fields = ("preview",)

    @admin.display(description=_("preview"))
    def preview(self, subscription: ReportSubscription | None) -> str:
        """Lead to what the person who looks would get by it now."""
        if subscription is None or not subscription.pk:
            return ""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("report_preview", args=[subscription.pk]),
            now("Show me this report as I would get it now"),
        )

    def register(self, *, form: Any, by: User, at: datetime) -> ReportSubscription:
        return subscribing.subscribe(values=form.cleaned_data, by=by, at=at)

    def edit(
        self, *, obj: ReportSubscription, form: Any, by: User, at: datetime
    ) -> ReportSubscription:
        return subscribing.edit_subscription(
            subscription=obj, values=form.cleaned_data, by=by, at=at
        )

    @dialogs.button(
        title=_("Send me a test"),
        permission="reports.view_reportsubscription",
        form=PeriodForm,
        description=_(
            "Only you get it, with what you may see; the real mail still comes."
        ),
        icon="outgoing_mail",
    )
    def send_test(
        self, request: HttpRequest, subscription: ReportSubscription, form: Any
    ) -> str:
        requests.send_test(
            subscription=subscription,
            by=acting_user(request),
            at=timezone.now(),
            period=form.cleaned_data["period"],
        )
        return now("The test is on its way.")

    @dialogs.button(
        title=_("Send now"),
        permission=subscribing.MANAGES,
        form=PeriodForm,
        description=_("To every reader who does not have this period yet."),
        icon="send",
    )
    def send_now(
        self, request: HttpRequest, subscription: ReportSubscription, form: Any
    ) -> str:
        asked = requests.send_period(
            subscription=subscription,
            by=acting_user(request),
            at=timezone.now(),
            period=form.cleaned_data["period"],
        )
        return now("%(count)d on their way.") % {"count": len(asked)}
