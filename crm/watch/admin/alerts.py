"""Alerts: a list of what needs somebody, buttons to take care of it, the at-risk page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from crm.accounts.models import User
from crm.watch.admin.choices import show_choices
from crm.watch.models import Alert
from crm.watch.operations import alerts as operations
from crm.watch.queries.at_risk import at_risk
from crm.watch.queries.detectors import lags
from crm.watch.rules import Severity
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from partners.models import Cooperation

CHANGE = "watch.change_alert"


class CommentForm(DialogForm):
    """A word about it."""

    comment = forms.CharField(
        label=_("comment"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class SnoozeForm(CommentForm):
    """Until when."""

    until = forms.DateField(label=_("until"), widget=forms.DateInput)


class ResolveForm(DialogForm):
    """Why it is over."""

    comment = forms.CharField(label=_("why"), widget=forms.Textarea(attrs={"rows": 3}))


class StateFilter(admin.SimpleListFilter):
    """Where an alert is; the list shows what needs somebody unless asked otherwise."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", _("mine")),
            ("standing", _("all that stand")),
            ("snoozed", _("snoozed")),
            ("resolved", _("resolved")),
        ]

    def choices(self, changelist: Any) -> Any:
        choices = list(super().choices(changelist))
        choices[0]["display"] = _("needs somebody")
        return iter(choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Alert]
    ) -> QuerySet[Alert]:
        today = timezone.now().date()
        standing = queryset.filter(resolved_at__isnull=True)
        wanted = {
            "mine": standing.filter(owner=acting_user(request)),
            "standing": standing,
            "snoozed": standing.filter(snoozed_until__gt=today),
            "resolved": queryset.filter(resolved_at__isnull=False),
        }
        return wanted.get(self.value() or "", standing.exclude(snoozed_until__gt=today))


@admin.register(Alert)
class AlertAdmin(OperationAdmin[Alert]):
    """What rules found; opened and closed by the nightly look, cared for by people."""

    list_display = (
        "severity_label",
        "rule",
        "subject_name",
        "finding",
        "partner",
        "owner",
        "opened_at",
        "care",
    )
    list_display_links = ("subject_name",)
    list_select_related = (
        "rule",
        "partner",
        "cooperation__stage",
        "owner",
        "acknowledged_by",
    )
    list_filter = (StateFilter, "rule", "rule__severity")
    search_fields = ("subject_name", "partner__display_name", "partner__local_name")
    ordering = ("-opened_at", "-pk")
    actions = ("acknowledge_selected",)
    actions_detail = ("acknowledge", "snooze", "resolve")
    fields = (
        "rule",
        ("subject_name", "subject_type"),
        "finding",
        ("partner", "cooperation"),
        "owner",
        ("opened_at", "seen_on", "clean_since"),
        ("acknowledged_by", "acknowledged_at", "snoozed_until"),
        ("resolved_at", "resolved_by"),
        "comment",
    )
    readonly_fields = ("finding",)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("severity"),
        ordering="rule__severity",
        label=Tones(
            {
                Severity.CRITICAL: "danger",
                Severity.WARNING: "warning",
                Severity.INFO: "info",
            }
        ),
    )
    def severity_label(self, alert: Alert) -> tuple[str, str]:
        return alert.rule.severity, alert.rule.get_severity_display()

    @admin.display(description=_("what was found"))
    def finding(self, alert: Alert) -> str:
        return alert.words

    @admin.display(description=_("who cares"))
    def care(self, alert: Alert) -> str:
        if alert.resolved_at is not None:
            return now("resolved")
        if alert.acknowledged_by is not None:
            return str(alert.acknowledged_by)
        return "–"

    @dialogs.button(
        title=_("Acknowledge"), permission=CHANGE, form=CommentForm, icon="visibility"
    )
    def acknowledge(self, request: HttpRequest, alert: Alert, form: Any) -> str:
        operations.acknowledge_alert(
            alert=alert,
            comment=form.cleaned_data["comment"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("You care for it now.")

    @dialogs.button(
        title=_("Snooze"), permission=CHANGE, form=SnoozeForm, icon="snooze"
    )
    def snooze(self, request: HttpRequest, alert: Alert, form: Any) -> str:
        operations.snooze_alert(
            alert=alert,
            until=form.cleaned_data["until"],
            comment=form.cleaned_data["comment"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Out of the way until then.")

    @dialogs.button(
        title=_("Resolve"), permission=CHANGE, form=ResolveForm, icon="check"
    )
    def resolve(self, request: HttpRequest, alert: Alert, form: Any) -> str:
        operations.resolve_alert(
            alert=alert,
            comment=form.cleaned_data["comment"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Resolved.")

    @action(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("Acknowledge the selected"), permissions=["care"]
    )
    def acknowledge_selected(
        self, request: HttpRequest, queryset: QuerySet[Alert]
    ) -> None:
        by, at = acting_user(request), timezone.now()
        self.run_for_each(
            request,
            queryset,
            lambda alert: operations.acknowledge_alert(alert=alert, by=by, at=at),
        )

    def has_care_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CHANGE)

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("at-risk/", own(self.show_at_risk), name="watch_at_risk"),
            path("first-token/", own(self.show_lags), name="watch_lags"),
            path("my-mails/", own(show_choices), name="watch_choices"),
            *super().get_urls(),
        ]

    def show_at_risk(self, request: HttpRequest) -> HttpResponse:
        """Show the cooperations at risk that this person may see."""
        rows = at_risk(seen_ids(request, self), at=timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": now("At risk"),
            "rows": rows,
        }
        return TemplateResponse(request, "watch/at_risk.html", context)

    def show_lags(self, request: HttpRequest) -> HttpResponse:
        """Show how long it took from announcement to first token, and who waits."""
        context = {
            **self.admin_site.each_context(request),
            "title": now("From announcement to first token"),
            "lags": lags(seen_ids(request, self), today=timezone.now().date()),
        }
        return TemplateResponse(request, "watch/lags.html", context)


def seen_ids(request: HttpRequest, page: OperationAdmin[Alert]) -> list[int]:
    """Return the ids of running cooperations that this person may see.

    :raises PermissionDenied: when the person may not see alerts at all.
    """
    if not page.has_view_permission(request):
        raise PermissionDenied
    person: User = acting_user(request)
    rows = Cooperation.objects.running().visible_to(person)
    return list(rows.values_list("pk", flat=True))
