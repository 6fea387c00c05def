"""Deals: the board by stage, the list with its totals, and the page of one deal."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
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
from deals.admin.deal_board import DealBoard
from deals.admin.deal_dialogs import DealDialogs
from deals.forms import DealForm
from deals.models import Deal
from deals.operations import deals as operations
from deals.pipeline import DealStage
from deals.queries.realisation import launch_of
from deals.queries.standing import deal_standing
from deals.queries.totals import totals_of

STAGE_TONES = Tones(
    dict.fromkeys(DealStage, "info")
    | {DealStage.LAUNCHED: "success", DealStage.CLOSED_LOST: "danger"}
)


@admin.register(Deal)
class DealAdmin(DealBoard, DealDialogs):
    """Deals with visible partners; the stage moves by operations only."""

    form = DealForm
    list_display = (
        "title",
        "partner",
        "stage_label",
        "category_label",
        "amount_label",
        "probability_label",
        "target_label",
        "owner",
    )
    list_select_related = ("partner", "owner")
    list_filter = (
        ("stage", ChoicesDropdownFilter),
        ("category", ChoicesDropdownFilter),
        ("deal_type", ChoicesDropdownFilter),
        ("origin", ChoicesDropdownFilter),
        ("owner", RelatedDropdownFilter),
        ("target_close_on", RangeDateFilter),
        ("closed_on", RangeDateFilter),
    )
    search_fields = (
        "title",
        "code",
        "end_customer",
        "partner__display_name",
        "partner__local_name",
    )
    ordering = ("title", "pk")
    autocomplete_fields = ("partner", "cooperation", "agreement", "renews", "owner")
    actions_list = ("open_board",)
    actions_detail = (
        "move",
        "win",
        "lose",
        "reopen",
        "override",
        "end_override",
        "add_line",
        "remove_line",
        "credit",
        "withdraw_credit",
    )
    list_before_template = "deals/totals.html"
    change_form_before_template = "deals/deal_head.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "partner"),
                    ("cooperation", "end_customer"),
                    "use_case",
                    ("deal_type", "origin"),
                    ("involvement", "competitor"),
                    ("owner", "team"),
                    "next_step",
                )
            },
        ),
        (
            _("Money and time"),
            {
                "fields": (
                    ("amount", "currency"),
                    ("monthly_spend", "contract_months"),
                    "target_close_on",
                )
            },
        ),
        (_("Paper"), {"fields": (("agreement", "renews"),)}),
    )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("stage"),
        ordering="stage",
        label=STAGE_TONES,
    )
    def stage_label(self, deal: Deal) -> tuple[str, str]:
        return deal.stage, deal.get_stage_display()

    @display(description=_("forecast"), ordering="category")  # type: ignore[untyped-decorator]  # the theme has no types
    def category_label(self, deal: Deal) -> str:
        return deal.get_category_display()

    @display(description=_("amount"), ordering="amount")  # type: ignore[untyped-decorator]  # the theme has no types
    def amount_label(self, deal: Deal) -> str:
        return figures.money(deal.amount, deal.currency)

    @display(description=_("probability"), ordering="probability")  # type: ignore[untyped-decorator]  # the theme has no types
    def probability_label(self, deal: Deal) -> str:
        mark = "\u00a0*" if deal.is_overridden else ""
        return f"{deal.probability}\u00a0%{mark}"

    @display(description=_("target close"), ordering="target_close_on")  # type: ignore[untyped-decorator]  # the theme has no types
    def target_label(self, deal: Deal) -> str:
        day = deal.target_close_on
        if day is None:
            return "–"
        return format_html(
            '<span class="whitespace-nowrap">{}</span>', date_format(day)
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the forecast lead to the deals of one industry or region."""
        is_linked = lookup in ("partner__industry__exact", "partner__country__exact")
        return is_linked or super().lookup_allowed(lookup, value, request)

    def get_readonly_fields(self, request: HttpRequest, obj: Deal | None = None) -> Any:
        return ("partner",) if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show a closed deal without editing it; its buttons ask for more than this."""
        if isinstance(obj, Deal) and not obj.is_open:
            return False
        return super().has_change_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Put the totals of everything that is filtered above the list."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            person = acting_user(request)
            context["totals"] = totals_of(
                self._plain(context["cl"].queryset),
                currency=person.currency,
                on=timezone.now().date(),
            )
        return response

    def _plain(self, rows: QuerySet[Deal]) -> QuerySet[Deal]:
        return rows.select_related(None).order_by()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        rows = self.get_queryset(request).select_related("agreement", "overridden_by")
        deal = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
        if deal is not None:
            context["deal"] = deal
            context["standing"] = deal_standing(deal=deal, at=timezone.now())
            context["launch"] = launch_of(deal, at=timezone.now())
        return super().change_view(request, object_id, form_url, context)

    def register(self, *, form: Any, by: User, at: datetime) -> Deal:
        values = form.values()
        return operations.open_deal(
            partner=form.cleaned_data["partner"],
            title=values.pop("title"),
            by=by,
            at=at,
            values=values,
        )

    def edit(self, *, obj: Deal, form: Any, by: User, at: datetime) -> Deal:
        return operations.edit_deal(deal=obj, by=by, at=at, values=form.values())
