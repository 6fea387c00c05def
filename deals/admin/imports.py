"""Imports of deals: upload an export, see what it would do, map, commit, undo."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.dialogs import DialogForm
from crm.web.import_pages import ImportAdmin
from deals.models import DealImport, DealImportRow
from deals.operations import import_jobs as operations
from deals.queries.imports import refused_as_csv, shown_rows
from deals.words import FIELD_WORDS

ROWS_PER_PAGE = 50
OUTCOMES = dict(DealImportRow.Outcome.choices)
READ = ("file_name", "system", "status", "counted", "created_by", "created_at")
SHOWN = ("file_name", "system", "state", "counted", "created_by", "created_at")


class UploadForm(forms.ModelForm[DealImport]):
    """An export; the rest is guessed from its headings."""

    sheet = forms.FileField(
        label=_("file"),
        help_text=_(
            "CSV or XLSX, the headings in the first line. Exports of Salesforce and"
            " HubSpot are understood as they are; they need the column with the ids."
        ),
        widget=widgets.UnfoldAdminFileFieldWidget,
    )
    whose = forms.CharField(
        label=_("system"),
        required=False,
        max_length=60,
        widget=widgets.UnfoldAdminTextInputWidget,
        help_text=_("Whose ids and stage names the sheet holds; guessed when empty."),
    )

    class Meta:
        model = DealImport
        fields: tuple[str, ...] = ()


class ColumnsForm(DialogForm):
    """One choice per column of the sheet."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        batch: Any = self.obj
        choices = [("", "–"), *FIELD_WORDS.items()]
        for position, heading in enumerate(batch.headings):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=heading or f"{position + 1}",
                required=False,
                choices=choices,
                initial=batch.columns.get(str(position), ""),
                widget=widgets.UnfoldAdminSelectWidget,
            )

    def chosen(self) -> dict[int, str]:
        """Return the field of each column that has one."""
        return {
            int(name.removeprefix("column_")): field
            for name, field in self.cleaned_data.items()
            if name.startswith("column_") and field
        }


@admin.register(DealImport)
class DealImportAdmin(ImportAdmin[DealImport]):
    """One's own imports; all of them for administrators and auditors."""

    jobs = operations.JOBS
    outcomes = OUTCOMES
    form = UploadForm
    list_display = SHOWN
    list_filter = ("status", "system")
    actions_detail = ("commit", "map_columns", "look_again", "undo")
    change_form_before_template = "deals/import_rows.html"

    def get_fields(self, request: HttpRequest, obj: DealImport | None = None) -> Any:
        return ("sheet", "whose") if obj is None else READ

    def get_readonly_fields(
        self, request: HttpRequest, obj: DealImport | None = None
    ) -> Any:
        return () if obj is None else READ

    def register(self, *, form: Any, by: User, at: datetime) -> DealImport:
        upload = form.cleaned_data["sheet"]
        return operations.start_import(
            file_name=upload.name,
            content=upload.read(),
            by=by,
            at=at,
            system=form.cleaned_data["whose"],
        )

    def told(self, batch: DealImport, request: HttpRequest) -> dict[str, Any]:
        return context_of(batch, request)

    def refused(self, batch: DealImport) -> str:
        return refused_as_csv(batch)

    @dialogs.button(
        title=_("Columns"),
        permission="previewed",
        form=ColumnsForm,
        description=_("Which column becomes which field; the rest is left out."),
        icon="view_column",
    )
    def map_columns(
        self, request: HttpRequest, batch: DealImport, form: ColumnsForm
    ) -> str:
        done = self.jobs.map_columns(
            batch=batch,
            fields=form.chosen(),
            by=acting_user(request),
            at=timezone.now(),
        )
        return self.said(done, now("The preview is new."))


def context_of(batch: DealImport, request: HttpRequest) -> dict[str, Any]:
    """Return one page of the rows, the counts to filter by, and what the columns are."""
    wanted = request.GET.get("outcome", "")
    rows = batch.rows.select_related("deal").order_by("line")
    if wanted in DealImportRow.Outcome.values:
        rows = rows.filter(outcome=wanted)
    page: Page[DealImportRow] = Paginator(rows, ROWS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    return {
        "import_page": page,
        "import_rows": shown_rows(page.object_list),
        "import_outcome": wanted,
        "import_counts": [
            (code, label, batch.counts.get(code, 0))
            for code, label in DealImportRow.Outcome.choices
        ],
        "import_columns": [
            (heading, FIELD_WORDS.get(batch.columns.get(str(at), "")))
            for at, heading in enumerate(batch.headings)
        ],
        "import_progress": reverse("admin:deals_dealimport_progress", args=[batch.pk]),
        "import_faults": reverse("admin:deals_dealimport_faults", args=[batch.pk]),
    }
