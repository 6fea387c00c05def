"""Targets: set, changed and taken away by operations."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.web.admin import OperationAdmin
from deals import figures
from deals.admin.forecast import forecast_view
from deals.models import Target
from deals.operations import targets as operations


class TargetForm(forms.ModelForm[Target]):
    """A period, a scope and an amount."""

    class Meta:
        model = Target
        fields = operations.FIELDS

    def _post_clean(self) -> None:
        """Leave scope, period and amount to the operation, which says it in words."""

    def values(self) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        values = {name: self.cleaned_data[name] for name in operations.FIELDS}
        values["region"] = values["region"].strip().upper()
        values["currency"] = values["currency"].strip().upper()
        return values


@admin.register(Target)
class TargetAdmin(OperationAdmin[Target]):
    """What teams, owners and regions shall reach."""

    form = TargetForm
    list_display = (
        "metric", "start_on", "end_on", "team", "owner", "region", "amount_label",
    )  # fmt: skip
    list_select_related = ("team", "owner")
    list_filter = ("metric",)
    ordering = ("-start_on", "metric", "pk")
    autocomplete_fields = ("team", "owner")
    fields = (
        ("metric", "currency"),
        ("team", "owner"),
        "region",
        ("start_on", "end_on"),
        "amount",
    )

    @admin.display(description=_("amount"), ordering="amount")
    def amount_label(self, target: Target) -> str:
        return figures.money(target.amount, target.currency)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.forecast_view)
        return [path("forecast/", view, name="deals_forecast"), *super().get_urls()]

    def forecast_view(self, request: HttpRequest) -> HttpResponse:
        """Show what the targets are held against."""
        return forecast_view(request, self.admin_site.each_context(request))

    def register(self, *, form: Any, by: User, at: datetime) -> Target:
        return operations.set_target(values=form.values(), by=by, at=at)

    def edit(self, *, obj: Target, form: Any, by: User, at: datetime) -> Target:
        return operations.change_target(target=obj, values=form.values(), by=by, at=at)

    def remove(self, *, obj: Target, by: User, at: datetime) -> None:
        operations.remove_target(target=obj, by=by, at=at)
