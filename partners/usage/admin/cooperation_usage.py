"""Which usage a cooperation counts as its own: the rules; ending and removing them.

A rule is added on the page of its cooperation, where the partner is known.
"""

from datetime import date, datetime
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
from partners.usage import operations
from partners.usage.models import CooperationUsage

PART = ("account", "service", "model", "environment", "tag_bucket")


class EndForm(DialogForm):
    """From which day on the rule takes nothing."""

    on = forms.DateField(label=_("from this day on"), widget=forms.DateInput)


@admin.register(CooperationUsage)
class CooperationUsageAdmin(OperationAdmin[CooperationUsage]):
    """Rules of visible partners; a rule is ended or removed, never edited."""

    list_display = ("cooperation", "partner", *PART, "first_day", "end_day")
    list_select_related = ("cooperation", "partner", "account")
    list_filter = (("environment", ChoicesDropdownFilter),)
    search_fields = ("cooperation__title", "partner__display_name", "service", "model")
    actions_detail = ("end",)
    fields = ("cooperation", "partner", *PART, "first_day", "end_day")
    readonly_fields = ("first_day", "end_day")

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("from"), ordering="during", empty_value="–"
    )
    def first_day(self, rule: CooperationUsage) -> date | None:
        return rule.during.lower if rule.during else None

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("up to, not included"), empty_value="–"
    )
    def end_day(self, rule: CooperationUsage) -> date | None:
        return rule.during.upper if rule.during else None

    def remove(self, *, obj: CooperationUsage, by: User, at: datetime) -> None:
        operations.remove_cooperation_rule(rule=obj, by=by, at=at)

    @dialogs.button(
        title=_("End"),
        permission="delete",
        form=EndForm,
        description=_("What it counted before stays counted."),
        icon="event_busy",
    )
    def end(self, request: HttpRequest, rule: CooperationUsage, form: Any) -> str:
        operations.end_cooperation_rule(
            rule=rule,
            on=form.cleaned_data["on"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("It counts nothing from that day on.")
