"""Imports of deals: upload an export, see what it would do, map, commit, undo."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.downloads import download_csv
from crm.web.labels import Tones
from deals.models import DealImport, DealImportRow
from deals.operations import imports as operations
from deals.queries.imports import refused_as_csv, shown_rows
from deals.words import FIELD_WORDS

ROWS_PER_PAGE = 50
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
class DealImportAdmin(OperationAdmin[DealImport]):
    """One's own imports; all of them for administrators and auditors."""

    form = UploadForm
    list_display = SHOWN
    list_select_related = ("created_by",)
    list_filter = ("status", "system")
    ordering = ("-pk",)
    actions_detail = ("commit", "map_columns", "look_again", "undo")
    change_form_before_template = "deals/import_rows.html"

    def get_fields(self, request: HttpRequest, obj: DealImport | None = None) -> Any:
        return ("sheet", "whose") if obj is None else READ

    def get_readonly_fields(
        self, request: HttpRequest, obj: DealImport | None = None
    ) -> Any:
        return () if obj is None else READ

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deals.change_dealimport") and self.is_visible(
            request, obj
        )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"),
        label=Tones({"committed": "success", "previewed": "info", "undone": "warning"}),
    )
    def state(self, batch: DealImport) -> tuple[str, str]:
        return batch.status, batch.get_status_display()

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("rows")
    )
    def counted(self, batch: DealImport) -> str:
        named = dict(DealImportRow.Outcome.choices)
        return " · ".join(
            f"{named[name]} {count}" for name, count in batch.counts.items() if count
        )

    def register(self, *, form: Any, by: User, at: datetime) -> DealImport:
        upload = form.cleaned_data["sheet"]
        return operations.preview_import(
            file_name=upload.name,
            content=upload.read(),
            by=by,
            at=at,
            system=form.cleaned_data["whose"],
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        context = {
            **({} if batch is None else context_of(batch, request)),
            "show_save": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        faults = self.admin_site.admin_view(self.faults)
        return [
            path("<int:pk>/faults.csv", faults, name="deals_dealimport_faults"),
            *super().get_urls(),
        ]

    def faults(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the refused rows as a sheet, with the reason in the last column."""
        batch = self.get_object(request, str(pk))
        if batch is None or not self.has_view_permission(request, batch):
            raise Http404
        return download_csv(refused_as_csv(batch), name="faults.csv")

    def has_previewed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether it can be committed, or looked at again."""
        return self._is(request, obj, DealImport.Status.PREVIEWED)

    def has_committed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether it can be taken back."""
        return self._is(request, obj, DealImport.Status.COMMITTED)

    def _is(self, request: HttpRequest, obj: Any, status: str) -> bool:
        rows = DealImport.objects.filter(status=status, pk=getattr(obj, "pk", obj))
        return self.has_change_permission(request, obj) and rows.exists()

    @dialogs.button(
        title=_("Commit"),
        permission="previewed",
        description=_(
            "Do what the preview shows, in one go; refused rows are left out."
        ),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def commit(self, request: HttpRequest, batch: DealImport, form: Any) -> str:
        operations.commit_import(
            batch=batch, by=acting_user(request), at=timezone.now()
        )
        return now("Imported.")

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
        operations.map_columns(
            batch=batch,
            fields=form.chosen(),
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("The preview is new.")

    @dialogs.button(title=_("Look again"), permission="previewed", icon="refresh")
    def look_again(self, request: HttpRequest, batch: DealImport, form: Any) -> str:
        operations.refresh_preview(
            batch=batch, by=acting_user(request), at=timezone.now()
        )
        return now("The preview is new.")

    @dialogs.button(
        title=_("Undo"),
        permission="committed",
        description=_("Take back what it brought, as long as nothing depends on it."),
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def undo(self, request: HttpRequest, batch: DealImport, form: Any) -> str:
        operations.undo_import(batch=batch, by=acting_user(request), at=timezone.now())
        return now("Undone.")


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
        "import_faults": reverse("admin:deals_dealimport_faults", args=[batch.pk]),
    }
