"""Reported usage, to look at: programs send it, the bill replaces it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from crm.web.admin import OperationAdmin
from crm.web.labels import Tones
from partners.usage.models import MeteredEvent


@admin.register(MeteredEvent)
class MeteredEventAdmin(OperationAdmin[MeteredEvent]):
    """What programs reported in the latest 90 days."""

    list_display = (
        "charge_day",
        "account",
        "model",
        "tokens_in",
        "tokens_out",
        "requests",
        "gpu_seconds",
        "standing",
    )
    list_select_related = ("account",)
    list_filter = ("charge_day",)
    search_fields = ("model", "=event_id", "origin", "account__name")
    fields = (
        "account",
        ("origin", "event_id"),
        ("happened_at", "charge_day"),
        "model",
        ("tokens_in", "tokens_out"),
        ("requests", "gpu_seconds"),
        ("received_at", "standing"),
    )
    readonly_fields = ("standing",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MeteredEvent]:
        rows: Any = super().get_queryset(request)
        told: QuerySet[MeteredEvent] = rows.told()
        return told

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("standing"),
        label=Tones({"provisional": "warning", "billed": "success"}),
    )
    def standing(self, event: Any) -> tuple[str, str]:
        if event.is_provisional:
            return "provisional", gettext("provisional")
        return "billed", gettext("billed")
