"""The journal as a page: read-only, for auditors and administrators."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from crm.journal.models import Event
from crm.web.admin import OperationAdmin


@admin.register(Event)
class EventAdmin(OperationAdmin[Event]):
    """Shows every entry to those who hold the permission to view the journal."""

    visible_to_all = True
    list_display = ("at", "kind", "subject", "by", "token_id", "partner_id")
    list_select_related = ("by",)
    list_filter = (("at", RangeDateTimeFilter), "subject_type")
    search_fields = ("kind", "subject_type", "=subject_id", "=partner_id", "request_id")
    search_help_text = _("Kind, subject type, number of a subject or partner, request")
    fields = (
        "at",
        "kind",
        "subject_type",
        "subject_id",
        "partner_id",
        "by",
        "token_id",
        "request_id",
        "old",
        "new",
    )

    @admin.display(description=_("subject"))
    def subject(self, event: Event) -> str:
        return f"{event.subject_type} {event.subject_id}"
