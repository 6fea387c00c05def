"""Risks: raised on the page of a cooperation, judged anew, closed with a reason."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from partners import operations
from partners.models import Risk

LEVELS = {"low": "info", "medium": "warning", "high": "danger"}
FIELDS = ("title", "severity", "likelihood", "mitigation", "owner")


class RiskForm(forms.ModelForm[Risk]):
    """A risk as it is judged now."""

    class Meta:
        model = Risk
        fields = FIELDS


class OverForm(DialogForm):
    """Why it threatens no more."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


@admin.register(Risk)
class RiskAdmin(OperationAdmin[Risk]):
    """What may go wrong with visible partners."""

    form = RiskForm
    list_display = (
        "title",
        "level",
        "likelihood",
        "partner",
        "cooperation",
        "owner",
        "status",
        "raised_at",
    )
    list_select_related = ("partner", "cooperation", "owner")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("severity", ChoicesDropdownFilter),
    )
    search_fields = ("title", "partner__display_name")
    ordering = ("status", "-raised_at", "-pk")
    autocomplete_fields = ("owner",)
    readonly_fields = ("partner", "cooperation", "status")
    actions_detail = ("close",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    ("partner", "cooperation"),
                    ("severity", "likelihood"),
                    "mitigation",
                    ("owner", "status"),
                )
            },
        ),
    )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("severity"), label=Tones(LEVELS)
    )
    def level(self, risk: Risk) -> tuple[str, str]:
        return risk.severity, risk.get_severity_display()

    def edit(self, *, obj: Risk, form: Any, by: User, at: datetime) -> Risk:
        return operations.edit_risk(risk=obj, values=form.cleaned_data, by=by, at=at)

    def has_open_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rows = Risk.objects.filter(pk=getattr(obj, "pk", obj), status=Risk.Status.OPEN)
        return self.has_change_permission(request, obj) and rows.exists()

    @dialogs.button(title=_("Close"), permission="open", form=OverForm, icon="check")
    def close(self, request: HttpRequest, risk: Risk, form: Any) -> str:
        operations.close_risk(
            risk=risk, **form.said, by=acting_user(request), at=timezone.now()
        )
        return now("Closed.")
