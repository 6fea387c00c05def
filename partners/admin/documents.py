"""Documents: uploaded with a purpose, served as downloads, removed with a reason."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from crm.web.downloads import download
from partners import operations
from partners.models import Attachment


class AttachForm(forms.ModelForm[Attachment]):
    """A file, whose it is, and what it is."""

    file = forms.FileField(
        label=_("file"),
        widget=widgets.UnfoldAdminFileFieldWidget,
        help_text=_("PDF, PNG, JPEG, Office without macros, or text; up to 20 MB."),
    )

    class Meta:
        model = Attachment
        fields = ("partner", "cooperation", "purpose")


class RemoveForm(DialogForm):
    """Why it is taken away."""

    reason = forms.CharField(label=_("reason"), widget=forms.Textarea)


@admin.register(Attachment)
class AttachmentAdmin(OperationAdmin[Attachment]):
    """Documents of visible partners; removed ones are out of sight."""

    form = AttachForm
    list_display = (
        "file_name",
        "purpose",
        "partner",
        "cooperation",
        "big",
        "uploaded_by",
        "uploaded_at",
        "link",
    )
    list_select_related = ("partner", "cooperation", "uploaded_by")
    list_filter = (("purpose", ChoicesDropdownFilter),)
    search_fields = ("file_name", "partner__display_name")
    ordering = ("-uploaded_at", "-pk")
    autocomplete_fields = ("partner", "cooperation")
    actions_detail = ("take_away",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attachment]:
        return super().get_queryset(request).filter(removed_at=None)

    def get_fields(self, request: HttpRequest, obj: Attachment | None = None) -> Any:
        if obj is None:
            return ("partner", "cooperation", "purpose", "file")
        return self.get_readonly_fields(request, obj)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Attachment | None = None
    ) -> Any:
        if obj is None:
            return ()
        shown = ("file_name", "link", "purpose", "partner", "cooperation")
        return (*shown, "content_type", "big", "sha256", "uploaded_by", "uploaded_at")

    @display(description=_("size"))  # type: ignore[untyped-decorator]  # the theme has no types
    def big(self, attachment: Attachment) -> str:
        return filesizeformat(attachment.size)

    @display(description=_("download"))  # type: ignore[untyped-decorator]  # the theme has no types
    def link(self, attachment: Attachment) -> str:
        url = reverse("admin:partners_attachment_content", args=(attachment.pk,))
        return format_html('<a href="{}">{}</a>', url, now("Download"))

    def register(self, *, form: Any, by: User, at: datetime) -> Attachment:
        said = form.cleaned_data
        return operations.attach_document(
            partner=said["partner"],
            cooperation=said["cooperation"],
            document=operations.Document(
                said["file"].name, said["file"].read(), said["purpose"]
            ),
            by=by,
            at=at,
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.content)
        name = "partners_attachment_content"
        return [path("<int:pk>/content/", view, name=name), *super().get_urls()]

    def content(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer the bytes, to keep and never to open in place."""
        row = self.get_object(request, str(pk))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return download(
            row.content.open("rb"), name=row.file_name, content_type=row.content_type
        )

    @dialogs.button(
        title=_("Remove"),
        permission="partners.delete_attachment",
        form=RemoveForm,
        description=_("It leaves every list; the record keeps it."),
        icon="delete",
        variant=ActionVariant.DANGER,
    )
    def take_away(
        self, request: HttpRequest, attachment: Attachment, form: Any
    ) -> HttpResponse:
        operations.remove_attachment(
            attachment=attachment,
            **form.said,
            by=acting_user(request),
            at=timezone.now(),
        )
        return dialogs.lead_to(request, self.address_of("changelist"), now("Removed."))
