"""Imports: upload a sheet, look at what it would do, commit, undo, take the faults away."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.import_pages import ImportAdmin
from partners.admin import import_columns
from partners.admin.import_columns import ColumnsForm
from partners.forms import choices_of
from partners.mapping import Target
from partners.models import ImportBatch, ImportRow, Partner
from partners.operations import import_jobs as operations
from partners.queries.imports import refused_as_csv

ROWS_PER_PAGE = 100
OUTCOMES = dict(ImportRow.Outcome.choices)


class UploadForm(forms.ModelForm[ImportBatch]):
    """A sheet, and what its rows become; the rest is guessed from the headings."""

    sheet = forms.FileField(
        label=_("file"),
        help_text=_(
            "CSV or XLSX, the headings in the first line. Exports of Salesforce and"
            " HubSpot are understood as they are."
        ),
        widget=widgets.UnfoldAdminFileFieldWidget,
    )
    becomes = forms.ChoiceField(
        label=_("rows become"),
        required=False,
        choices=choices_of(Target.choices),
        widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("Leave empty to let the headings tell."),
    )
    whose = forms.CharField(
        label=_("system"),
        required=False,
        max_length=60,
        widget=widgets.UnfoldAdminTextInputWidget,
        help_text=_("Whose ids the sheet holds; guessed when empty."),
    )

    class Meta:
        model = ImportBatch
        fields: tuple[str, ...] = ()


@admin.register(ImportBatch)
class ImportBatchAdmin(ImportAdmin[ImportBatch]):
    """One's own imports; all of them for administrators and auditors."""

    jobs = operations.JOBS
    outcomes = OUTCOMES
    form = UploadForm
    list_display = (
        "file_name",
        "target",
        "system",
        "state",
        "counted",
        "created_by",
        "created_at",
    )
    list_filter = ("status", "target")
    actions_detail = ("commit", "map_columns", "look_again", "undo")
    change_form_before_template = "partners/import_rows.html"

    def get_fields(self, request: HttpRequest, obj: ImportBatch | None = None) -> Any:
        if obj is None:
            return ("sheet", "becomes", "whose")
        return self.get_readonly_fields(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: ImportBatch | None = None
    ) -> Any:
        if obj is None:
            return ()
        return (
            "file_name",
            "target",
            "system",
            "status",
            "counted",
            "created_by",
            "created_at",
        )

    def register(self, *, form: Any, by: User, at: datetime) -> ImportBatch:
        upload = form.cleaned_data["sheet"]
        target = form.cleaned_data["becomes"]
        return operations.start_import(
            file_name=upload.name,
            content=upload.read(),
            by=by,
            at=at,
            target=Target(target) if target else None,
            system=form.cleaned_data["whose"],
        )

    def told(self, batch: ImportBatch, request: HttpRequest) -> dict[str, Any]:
        return {
            "import_page": page_of(batch, request),
            "outcomes": outcomes_of(batch),
            "outcome": request.GET.get("outcome", ""),
            "columns": import_columns.told(batch),
        }

    def refused(self, batch: ImportBatch) -> str:
        return refused_as_csv(batch)

    @dialogs.button(
        title=_("Map columns"),
        permission="previewed",
        form=ColumnsForm,
        description=_("Say what each column becomes; the preview is made anew."),
        icon="table_convert",
    )
    def map_columns(self, request: HttpRequest, batch: ImportBatch, form: Any) -> str:
        done = self.jobs.map_columns(
            batch=batch,
            fields=form.columns(),
            by=acting_user(request),
            at=timezone.now(),
        )
        return self.said(done, now("The preview is new."))


def outcomes_of(batch: ImportBatch) -> list[tuple[str, str, int]]:
    """Return outcome, its name and how many rows have it, for those that any has."""
    named = dict(ImportRow.Outcome.choices)
    return [
        (name, str(named[name]), count) for name, count in batch.counts.items() if count
    ]


def page_of(batch: ImportBatch, request: HttpRequest) -> Any:
    """Return one page of the rows in their order, of one outcome when it is asked for."""
    rows: QuerySet[ImportRow] = batch.rows.order_by("line")
    wanted = request.GET.get("outcome", "")
    if wanted in ImportRow.Outcome.values:
        rows = rows.filter(outcome=wanted)
    page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    page.object_list = shown
    seen = Partner.objects.visible_to(acting_user(request)).in_bulk(
        {row.partner_id for row in shown if row.partner_id is not None}
    )
    import_columns.tell(shown, seen)
    return page
