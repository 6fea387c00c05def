"""The journal as a page: read-only, for auditors and administrators."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from crm.journal import queries
from crm.journal.models import Event
from crm.web import history
from crm.web.admin import OperationAdmin


@admin.register(Event)
class EventAdmin(OperationAdmin[Event]):
    """Shows the entries a person may read; see `visibility`."""

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


def history_of(
    _request: HttpRequest, subject: models.Model, skip: int, limit: int
) -> list[history.Entry]:
    """Return a part of the subject's history, latest on top, for its page.

    The page has checked that the person may see the subject.
    """
    return [
        history.Entry(
            at=event.at,
            kind=event.kind,
            by=str(event.by or _("The product")),
            changes=tuple(as_change(change) for change in queries.changes(event)),
        )
        for event in queries.history(subject)[skip : skip + limit]
    ]


def as_change(change: queries.Change) -> history.Change:
    """Return one field of an entry as the page shows it."""
    if change.is_erased:
        erased = str(_("erased"))
        return history.Change(field=change.field, old=erased, new=erased)
    return history.Change(field=change.field, old=change.old, new=change.new)


history.provide(history_of)
