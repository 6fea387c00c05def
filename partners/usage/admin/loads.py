"""Files handed in: upload them, watch how far they are, stop them, fetch the rejects."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.labels import Tones
from partners.usage import operations, store
from partners.usage.models import BillingSource, LoadState, UsageLoad
from partners.usage.queries import progress_of

TONES = {
    LoadState.LOADED: "success",
    LoadState.NO_OP: "info",
    LoadState.HELD: "warning",
    LoadState.REFUSED: "danger",
    LoadState.READING: "info",
}


class UploadForm(forms.ModelForm[UsageLoad]):
    """A file and whose export it is; sent in parts where scripts run."""

    known_source = forms.ModelChoiceField(
        label=_("source"),
        queryset=BillingSource.objects.filter(is_active=True).order_by("name"),
        required=False,
        widget=widgets.UnfoldAdminSelectWidget,
    )
    new_source = forms.CharField(
        label=_("or a new source"),
        required=False,
        max_length=120,
        widget=widgets.UnfoldAdminTextInputWidget,
        help_text=_("It is made at once; each delivery replaces its month."),
    )
    export = forms.FileField(
        label=_("file"),
        widget=widgets.UnfoldAdminFileFieldWidget,
        help_text=_("FOCUS Cost and Usage as CSV, CSV.gz or Parquet."),
    )
    is_trial = forms.BooleanField(
        label=_("dry run"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget,
        help_text=_("Read and judge it, change nothing."),
    )

    class Meta:
        model = UsageLoad
        fields: tuple[str, ...] = ()

    def clean(self) -> Any:
        """Ask for a source, old or new."""
        cleaned = super().clean() or {}
        if not cleaned.get("known_source") and not cleaned.get("new_source"):
            self.add_error(
                "known_source", gettext("Choose a source, or name a new one.")
            )
        return cleaned

    def source_name(self) -> str:
        """Return the name of the source."""
        known = self.cleaned_data["known_source"]
        return str(known.name if known else self.cleaned_data["new_source"])


@admin.register(UsageLoad)
class UsageLoadAdmin(OperationAdmin[UsageLoad]):
    """What was handed in, the latest first."""

    visible_to_all = True
    form = UploadForm
    list_display = (
        "number",
        "source",
        "state_label",
        "file_names",
        "rows_read",
        "rows_rejected",
        "requested_by",
        "requested_at",
    )
    list_select_related = ("source", "requested_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("source", RelatedDropdownFilter),
    )
    actions_detail = ("cancel",)
    change_form_before_template = "usage/load.html"
    add_form_template = "usage/upload.html"
    fields = (
        "source",
        "scope",
        "is_dry_run",
        "focus_version",
        "manifest",
        "attempts",
        "requested_by",
        "requested_at",
        "finished_at",
    )
    readonly_fields = fields

    def get_fields(self, request: HttpRequest, obj: UsageLoad | None = None) -> Any:
        if obj is None:
            return ("known_source", "new_source", "export", "is_trial")
        return self.fields

    def get_readonly_fields(
        self, request: HttpRequest, obj: UsageLoad | None = None
    ) -> Any:
        return () if obj is None else self.fields

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("load"), ordering="pk"
    )
    def number(self, load: UsageLoad) -> str:
        return f"#{load.pk}"

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("state"), ordering="state", label=Tones(TONES)
    )
    def state_label(self, load: UsageLoad) -> tuple[str, str]:
        return load.state, load.get_state_display()

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("files"), empty_value="–"
    )
    def file_names(self, load: UsageLoad) -> str:
        names = [str(file["name"]) for file in load.files]
        names = names or [str(path).rsplit("/", 1)[-1] for path in load.paths]
        shown = ", ".join(names[:2])
        return shown if len(names) <= 2 else f"{shown} … ({len(names)})"

    def register(self, *, form: Any, by: User, at: datetime) -> UsageLoad:
        file = form.cleaned_data["export"]
        return operations.hand_in_file(
            source_name=form.source_name(),
            file_name=file.name,
            size=file.size,
            blocks=file.chunks(),
            is_dry_run=form.cleaned_data["is_trial"],
            by=by,
            at=at,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        load = self.get_object(request, object_id)
        context = {**(extra_context or {}), "show_save": False}
        if load is not None:
            context |= {
                "load": load,
                "progress": progress_of(load, at=timezone.now()),
                "deliveries": load.deliveries.order_by("-billing_month", "pk"),
            }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/progress/",
                view(self.progress_view),
                name="usage_usageload_progress",
            ),
            path(
                "<int:pk>/rejects.csv",
                view(self.rejects_view),
                name="usage_usageload_rejects",
            ),
            *super().get_urls(),
        ]

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer how far a load is, as a piece of the page."""
        load = self._seen(request, pk)
        progress = progress_of(load, at=timezone.now())
        return TemplateResponse(
            request, "usage/progress.html", {"load": load, "progress": progress}
        )

    def rejects_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer the rejected rows, each with line, column, value, reason and cost."""
        file = store.rejects_file(self._seen(request, pk).pk)
        if not file.is_file():
            raise Http404
        return FileResponse(
            file.open("rb"),
            content_type="text/csv; charset=utf-8",
            as_attachment=True,
            filename=f"rejects-{pk}.csv",
        )

    def _seen(self, request: HttpRequest, pk: int) -> UsageLoad:
        if not self.has_view_permission(request):
            raise PermissionDenied
        load = UsageLoad.objects.select_related("source").filter(pk=pk).first()
        if load is None:
            raise Http404
        return load

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the load can still be stopped by this person."""
        if not request.user.has_perm("usage.change_usageload"):
            return False
        unfinished = UsageLoad.objects.exclude(state__in=operations.OVER)
        return unfinished.filter(pk=getattr(obj, "pk", obj)).exists()

    @dialogs.button(
        title=_("Cancel"),
        permission="cancel",
        description=_("Stop it; nothing of it stays."),
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, load: UsageLoad, form: Any) -> str:
        operations.cancel_load(load=load, by=acting_user(request), at=timezone.now())
        return gettext("It stops at its next step.")
