"""Imports: upload a sheet, look at what it would do, commit, undo, take the faults away."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
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
from crm.web.downloads import download_csv
from crm.web.labels import Tones
from partners.forms import choices_of
from partners.mapping import Target
from partners.models import ImportBatch, ImportJob, ImportRow
from partners.operations import import_jobs as operations
from partners.queries.imports import refused_as_csv

ROWS_PER_PAGE = 100


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
class ImportBatchAdmin(OperationAdmin[ImportBatch]):
    """One's own imports; all of them for administrators and auditors."""

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
    list_select_related = ("created_by",)
    list_filter = ("status", "target")
    ordering = ("-pk",)
    actions_detail = ("commit", "look_again", "undo")
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
            "state",
            "counted",
            "created_by",
            "created_at",
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("partners.change_importbatch") and self.is_visible(
            request, obj
        )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"),
        label=Tones({"committed": "success", "previewed": "info", "undone": "warning"}),
    )
    def state(self, batch: ImportBatch) -> tuple[str, str]:
        return batch.status, batch.get_status_display()

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("rows")
    )
    def counted(self, batch: ImportBatch) -> str:
        named = dict(ImportRow.Outcome.choices)
        return " · ".join(
            f"{named[name]} {count}" for name, count in batch.counts.items() if count
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

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        context = {
            "import_page": None if batch is None else page_of(batch, request),
            "outcomes": () if batch is None else outcomes_of(batch),
            "job": None if batch is None else job_of(batch),
            "show_save": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        faults = self.admin_site.admin_view(self.faults)
        return [
            path("<int:pk>/faults.csv", faults, name="partners_importbatch_faults"),
            path(
                "<int:pk>/progress/",
                self.admin_site.admin_view(self.progress),
                name="partners_importbatch_progress",
            ),
            *super().get_urls(),
        ]

    def faults(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the refused rows as a sheet, with the reason in the last column."""
        batch = self.get_object(request, str(pk))
        if batch is None or not self.has_view_permission(request, batch):
            raise Http404
        return download_csv(refused_as_csv(batch), name="faults.csv")

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer how far a worker is, as a piece of the page."""
        batch = self.get_object(request, str(pk))
        if batch is None or not self.has_view_permission(request, batch):
            raise Http404
        return TemplateResponse(
            request, "partners/import_progress.html", {"job": job_of(batch)}
        )

    def has_previewed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether it can be committed, or looked at again."""
        status = ImportBatch.Status
        return self._is(request, obj, status.RECEIVED, status.PREVIEWED)

    def has_committed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether it can be taken back."""
        return self._is(request, obj, ImportBatch.Status.COMMITTED)

    def _is(self, request: HttpRequest, obj: Any, *status: str) -> bool:
        if not self.has_change_permission(request, obj):
            return False
        rows = ImportBatch.objects.filter(status__in=status)
        return rows.filter(pk=getattr(obj, "pk", obj)).exists()

    @dialogs.button(
        title=_("Commit"),
        permission="previewed",
        description=_(
            "Do what the preview shows, in one go; refused rows are left out."
        ),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def commit(self, request: HttpRequest, batch: ImportBatch, form: Any) -> str:
        done = operations.commit(
            batch=batch, by=acting_user(request), at=timezone.now()
        )
        return said(done, now("Imported."))

    @dialogs.button(title=_("Look again"), permission="previewed", icon="refresh")
    def look_again(self, request: HttpRequest, batch: ImportBatch, form: Any) -> str:
        done = operations.look_again(
            batch=batch, by=acting_user(request), at=timezone.now()
        )
        return said(done, now("The preview is new."))

    @dialogs.button(
        title=_("Undo"),
        permission="committed",
        description=_("Take back what it brought, as long as nothing depends on it."),
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def undo(self, request: HttpRequest, batch: ImportBatch, form: Any) -> str:
        done = operations.undo(batch=batch, by=acting_user(request), at=timezone.now())
        return said(done, now("Undone."))


def said(batch: ImportBatch, done: str) -> str:
    """Return what to tell: that it is done, or that a worker does it."""
    is_open = ImportJob.objects.filter(pk=batch.pk, state__in=operations.OPEN).exists()
    return now("A worker does it; this page shows how far it is.") if is_open else done


def outcomes_of(batch: ImportBatch) -> list[tuple[str, str, int]]:
    """Return outcome, its name and how many rows have it, for those that any has."""
    named = dict(ImportRow.Outcome.choices)
    return [
        (name, str(named[name]), count) for name, count in batch.counts.items() if count
    ]


def job_of(batch: ImportBatch) -> ImportJob | None:
    """Return the step that a worker takes or took last."""
    return ImportJob.objects.defer("sheet").filter(pk=batch.pk).first()


def page_of(batch: ImportBatch, request: HttpRequest) -> Any:
    """Return one page of the rows in their order, of one outcome when it is asked for."""
    rows: QuerySet[ImportRow] = batch.rows.select_related("partner").order_by("line")
    wanted = request.GET.get("outcome", "")
    if wanted in ImportRow.Outcome.values:
        rows = rows.filter(outcome=wanted)
    return Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
