"""Billing sources: what is exported, how it is delivered, and how far it reaches."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm.accounts.models import User
from crm.web.admin import OperationAdmin
from partners.usage import operations, queries
from partners.usage.models import BillingSource

FIELDS = (
    "name",
    "provider",
    "delivery_mode",
    "scope",
    "time_zone",
    "lateness_days",
    "close_after_days",
    "is_active",
)


class SourceForm(forms.ModelForm[BillingSource]):
    """What is said of a source."""

    class Meta:
        model = BillingSource
        fields = FIELDS


@admin.register(BillingSource)
class BillingSourceAdmin(OperationAdmin[BillingSource]):
    """All sources; a table above the list says how far each reaches."""

    visible_to_all = True
    form = SourceForm
    list_display = (
        "name",
        "provider",
        "delivery_mode",
        "time_zone",
        "lateness_days",
        "is_active",
    )
    list_filter = ("is_active",)
    search_fields = ("name", "provider")
    ordering = ("name", "pk")
    list_before_template = "usage/freshness.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        today = timezone.now().astimezone(UTC).date()
        context = {**(extra_context or {}), "freshness": queries.freshness(today=today)}
        return super().changelist_view(request, context)

    def register(self, *, form: Any, by: User, at: datetime) -> BillingSource:
        return operations.register_source(values=form.cleaned_data, by=by, at=at)

    def edit(
        self, *, obj: BillingSource, form: Any, by: User, at: datetime
    ) -> BillingSource:
        return operations.edit_source(
            source=obj, values=form.cleaned_data, by=by, at=at
        )
