"""Rules and schemes: thresholds, clean days, weights; edited by directors and administrators."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.accounts.models import User
from crm.watch.models import AlertRule, HealthScheme
from crm.watch.operations import rules as operations
from crm.watch.operations.healths import scheme_in_force
from crm.watch.rules import BY_CODE
from crm.web.admin import OperationAdmin

FIELDS = ("severity", "clean_days", "mails_owner", "is_active")
PREFIX = "threshold_"


class RuleForm(forms.ModelForm[AlertRule]):
    """One number field for each threshold that the rule knows."""

    class Meta:
        model = AlertRule
        fields = FIELDS

    def thresholds(self) -> dict[str, Any]:
        """Return the thresholds as typed."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX)
        }


def _form_for(rule: AlertRule) -> type[RuleForm]:
    """Return the form with the thresholds of this rule."""
    known = BY_CODE[rule.code].thresholds
    fields = {
        f"{PREFIX}{name}": forms.DecimalField(
            label=name.replace("_", " "),
            min_value=0,
            initial=rule.thresholds.get(name, seed),
            help_text=_("As delivered: %(seed)s.") % {"seed": seed},
            widget=widgets.UnfoldAdminDecimalFieldWidget,
        )
        for name, seed in known.items()
    }
    return type("RuleForm", (RuleForm,), fields)


@admin.register(AlertRule)
class AlertRuleAdmin(OperationAdmin[AlertRule]):
    """The rules that the product knows; which ones there are is not edited."""

    visible_to_all = True
    list_display = (
        "__str__",
        "letter",
        "severity",
        "clean_days",
        "mails_owner",
        "is_active",
    )
    ordering = ("pk",)
    list_filter = ("severity", "is_active")

    def get_form(
        self,
        request: HttpRequest,
        obj: AlertRule | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> type[forms.ModelForm[AlertRule]]:
        if obj is not None and self.has_change_permission(request, obj):
            kwargs["form"] = _form_for(obj)
            kwargs["fields"] = None
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or not self.has_change_permission(request, obj):
            return ((None, {"fields": (*FIELDS, "thresholds")}),)
        names = list(BY_CODE[obj.code].thresholds)
        return (
            (None, {"fields": FIELDS}),
            (_("Thresholds"), {"fields": [f"{PREFIX}{name}" for name in names]}),
        )

    def edit(self, *, obj: AlertRule, form: Any, by: User, at: datetime) -> AlertRule:
        return operations.edit_rule(
            rule=obj,
            by=by,
            at=at,
            thresholds=form.thresholds(),
            **{name: form.cleaned_data[name] for name in FIELDS},
        )


class SchemeForm(forms.ModelForm[HealthScheme]):
    """Weights and numbers, begun from those in force."""

    class Meta:
        model = HealthScheme
        fields = ("weights", "numbers", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        scheme = scheme_in_force()
        kwargs.setdefault(
            "initial",
            {"weights": dict(scheme.weights), "numbers": dict(scheme.numbers)},
        )
        super().__init__(*args, **kwargs)


@admin.register(HealthScheme)
class HealthSchemeAdmin(OperationAdmin[HealthScheme]):
    """Versions of weights and numbers; the latest is in force from the next night on."""

    visible_to_all = True
    form = SchemeForm
    list_display = ("version", "made_at", "by", "reason")
    list_select_related = ("by",)
    ordering = ("-version",)
    fields = ("weights", "numbers", "reason")

    def register(self, *, form: Any, by: User, at: datetime) -> HealthScheme:
        given = form.cleaned_data
        return operations.set_scheme(
            weights=given["weights"],
            numbers=given["numbers"],
            reason=given["reason"],
            by=by,
            at=at,
        )
