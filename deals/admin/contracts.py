"""FOCUS commitments: bring a file in, and say which of ours each one is."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.decorators import action
from unfold.enums import ActionVariant

from crm.core.errors import DomainError
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from deals.models import Commitment, ContractCommitment
from deals.operations import contracts as operations
from partners.models import Partner


class UploadForm(forms.Form):
    """A FOCUS Contract Commitment file, and whose it is."""

    file = forms.FileField(
        label=_("file"),
        widget=widgets.UnfoldAdminFileFieldWidget,
        help_text=_("FOCUS Contract Commitment 1.3 or 1.4: CSV, CSV.gz or Parquet."),
    )
    partner = forms.ModelChoiceField(
        label=_("partner"),
        queryset=Partner.objects.none(),
        required=False,
        widget=widgets.UnfoldAdminSelectWidget,
        help_text=_("Where all its commitments are one partner's."),
    )


class LinkForm(DialogForm):
    """Which of ours it is, or at least whose."""

    commitment = forms.ModelChoiceField(
        label=_("our commitment"), queryset=Commitment.objects.none(), required=False
    )
    partner = forms.ModelChoiceField(
        label=_("partner"), queryset=Partner.objects.none(), required=False
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        user = acting_user(request)
        ours, whose = self.fields["commitment"], self.fields["partner"]
        ours.queryset = Commitment.objects.visible_to(user).order_by("title", "pk")
        whose.queryset = Partner.objects.visible_to(user).order_by("display_name", "pk")


@admin.register(ContractCommitment)
class ContractCommitmentAdmin(OperationAdmin[ContractCommitment]):
    """Commitments as billing exports tell them; read only but for the link to ours."""

    list_display = (
        "contract_commitment_id",
        "contract_id",
        "partner",
        "commitment",
        "category",
        "cost",
        "currency",
        "quantity",
        "unit",
        "starts_at",
        "ends_at",
        "lifecycle",
    )
    list_select_related = ("partner", "commitment")
    list_filter = (
        "focus_version",
        "category",
        ("commitment", admin.EmptyFieldListFilter),
    )
    search_fields = ("contract_commitment_id", "contract_id", "description")
    ordering = ("contract_id", "contract_commitment_id", "pk")
    actions_detail = ("link",)
    actions_list = ("bring_in",)

    @action(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("Import a file"),
        permissions=["bring_in"],
        url_path="bring-in",
        icon="upload_file",
        variant=ActionVariant.PRIMARY,
    )
    def bring_in(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:deals_contractcommitment_import"))

    def has_link_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deals.change_contractcommitment")

    def has_bring_in_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("deals.add_contractcommitment")

    @dialogs.button(
        title=_("Link to ours"),
        permission="link",
        form=LinkForm,
        description=_("From then on its page shows both beside each other."),
        icon="link",
        variant=ActionVariant.PRIMARY,
    )
    def link(
        self, request: HttpRequest, row: ContractCommitment, form: LinkForm
    ) -> str:
        operations.link_contract(
            contract=row,
            commitment=form.cleaned_data["commitment"],
            partner=form.cleaned_data["partner"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("Linked.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.upload_view)
        return [
            path("import/", view, name="deals_contractcommitment_import"),
            *super().get_urls(),
        ]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form; on POST import the file and say what it brought."""
        if not self.has_bring_in_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UploadForm(request.POST or None, request.FILES if is_sent else None)
        whose: Any = form.fields["partner"]
        whose.queryset = Partner.objects.visible_to(acting_user(request)).order_by(
            "display_name", "pk"
        )
        if is_sent and form.is_valid():
            try:
                messages.success(request, self._imported(request, form))
            except DomainError as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(self.address_of("changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import FOCUS commitments"),
            "form": form,
            "opts": self.opts,
            "back": self.address_of("changelist"),
        }
        return TemplateResponse(request, "deals/contract_upload.html", context)

    def _imported(self, request: HttpRequest, form: UploadForm) -> str:
        upload = form.cleaned_data["file"]
        done = operations.import_contracts(
            file_name=upload.name,
            content=upload.read(),
            partner=form.cleaned_data["partner"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext(
            "FOCUS %(version)s: %(rows)d rows; %(new)d new, %(changed)d changed,"
            " %(same)d as before."
        ) % {
            "version": done.version,
            "rows": done.rows,
            "new": done.new,
            "changed": done.changed,
            "same": done.same,
        }
