"""Agreements: the list with its deadlines, and the page of one paper."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.labels import Tones
from deals import figures
from deals.admin.agreement_dialogs import AgreementDialogs
from deals.agreements import NEGOTIATED
from deals.forms import AGREEMENT_FIELDS, AgreementForm
from deals.models import Agreement
from deals.operations import agreements as operations
from deals.queries.standing import agreement_standing

SETTLED = tuple(name for name in AGREEMENT_FIELDS if name not in operations.ALWAYS)
TONES = Tones(active="success", signed="info", in_review="warning", terminated="danger")


class DeadlineFilter(admin.SimpleListFilter):
    """What ends, or must be given notice of, in the days to come."""

    title = _("end or notice")
    parameter_name = "within"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        words = _("within %(days)s days")
        return [(str(days), words % {"days": days}) for days in (30, 60, 90, 180)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Agreement]
    ) -> QuerySet[Agreement]:
        if self.value() is None:
            return queryset
        today = timezone.now().date()
        until = today + timedelta(days=int(self.value() or 0))
        days = (today, until)
        return queryset.filter(
            Q(expires_on__range=days)
            | Q(notice_deadline_on__range=days, notice_given_on__isnull=True),
            status="active",
        )


@admin.register(Agreement)
class AgreementAdmin(AgreementDialogs):
    """Papers with visible partners; the status moves by its buttons only."""

    form = AgreementForm
    list_display = (
        "title",
        "partner",
        "agreement_type",
        "status_label",
        "effective_on",
        "expires_on",
        "notice_deadline_on",
        "auto_renews",
        "value_label",
        "owner",
    )
    list_select_related = ("partner", "owner")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("agreement_type", ChoicesDropdownFilter),
        ("owner", RelatedDropdownFilter),
        DeadlineFilter,
        ("expires_on", RangeDateFilter),
        "auto_renews",
    )
    search_fields = (
        "title",
        "code",
        "reference",
        "partner__display_name",
        "partner__local_name",
    )
    ordering = ("title", "pk")
    autocomplete_fields = ("partner", "cooperations", "parent", "owner")
    actions_detail = (
        "review",
        "sign",
        "activate",
        "back",
        "add_version",
        "amend",
        "notice",
        "supersede",
        "terminate",
    )
    change_form_before_template = "deals/agreement_head.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "partner"),
                    ("agreement_type", "is_binding"),
                    ("parent", "reference"),
                    "cooperations",
                    ("owner", "team"),
                )
            },
        ),
        (
            _("Terms"),
            {
                "fields": (
                    ("effective_on", "expires_on"),
                    ("auto_renews", "renewal_months"),
                    "notice_days",
                    ("value", "currency"),
                )
            },
        ),
    )

    @display(description=_("status"), ordering="status", label=TONES)  # type: ignore[untyped-decorator]  # the theme has no types
    def status_label(self, agreement: Agreement) -> tuple[str, str]:
        return agreement.status, agreement.get_status_display()

    @display(description=_("value"), ordering="value")  # type: ignore[untyped-decorator]  # the theme has no types
    def value_label(self, agreement: Agreement) -> str:
        return figures.money(agreement.value, agreement.currency)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Agreement | None = None
    ) -> Any:
        if obj is None:
            return ()
        if obj.status in NEGOTIATED:
            return ("partner",)
        return ("partner", "cooperations", *SETTLED)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.document)
        return [
            path(
                "<int:pk>/versions/<int:number>/",
                view,
                name="deals_agreement_document",
            ),
            *super().get_urls(),
        ]

    def document(self, request: HttpRequest, pk: int, number: int) -> FileResponse:
        """Answer one version of the document, to be kept, never shown in the page."""
        agreement = self.get_object(request, str(pk))
        if agreement is None or not self.has_view_permission(request, agreement):
            raise Http404
        version = agreement.versions.filter(number=number).first()
        if version is None:
            raise Http404
        return FileResponse(
            version.content.open("rb"),
            as_attachment=True,
            filename=version.file_name,
            content_type=version.content_type,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        rows = self.get_queryset(request).select_related(
            "parent", "our_signatory", "their_signatory", "superseded_by"
        )
        found = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
        if found is not None:
            context["agreement"] = found
            context["standing"] = agreement_standing(
                agreement=found, by=acting_user(request), at=timezone.now()
            )
        return super().change_view(request, object_id, form_url, context)

    def register(self, *, form: Any, by: User, at: datetime) -> Agreement:
        values = form.values()
        return operations.draft_agreement(
            partner=form.cleaned_data["partner"],
            agreement_type=values.pop("agreement_type"),
            title=values.pop("title"),
            by=by,
            at=at,
            cooperations=form.cleaned_data["cooperations"],
            values=values,
        )

    def edit(self, *, obj: Agreement, form: Any, by: User, at: datetime) -> Agreement:
        return operations.edit_agreement(
            agreement=obj,
            by=by,
            at=at,
            values=form.values(),
            cooperations=form.cleaned_data.get("cooperations"),
        )
