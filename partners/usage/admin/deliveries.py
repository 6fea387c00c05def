"""Deliveries by billing month: what they say, why one is held, and the decision."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.core import numbers
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.api import formats
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from partners.usage import operations
from partners.usage.models import DeliveryStatus, UsageDelivery
from partners.usage.queries import comparison_of

TONES = {
    DeliveryStatus.CURRENT: "success",
    DeliveryStatus.HELD: "warning",
    DeliveryStatus.WITHDRAWN: "danger",
    DeliveryStatus.NO_OP: "info",
}

COSTS = ("billed", "effective", "list", "contracted")
EXPORTED = ("delivery", "load", "source", "scope", "billing_month", "status", "rows",
            "decided_at", "currency", *COSTS)  # fmt: skip


class ReasonForm(DialogForm):
    """Why."""

    reason = forms.CharField(label=_("reason"), max_length=500, widget=forms.Textarea)


@admin.register(UsageDelivery)
class UsageDeliveryAdmin(OperationAdmin[UsageDelivery]):
    """Every billing month that was delivered; held ones wait for a decision."""

    visible_to_all = True
    list_display = (
        "month",
        "source",
        "scope",
        "status_label",
        "rows",
        "billed",
        "effective",
        "decided_at",
        "load_number",
    )
    list_select_related = ("source", "load")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("source", RelatedDropdownFilter),
    )
    ordering = ("-billing_month", "-pk")
    actions_detail = ("approve", "refuse", "withdraw", "restore")
    list_before_template = "usage/delivery_exports.html"
    change_form_before_template = "usage/delivery.html"
    fields = (
        "source",
        "scope",
        "billing_month",
        "is_increment",
        "rows",
        "load",
        "superseded_by",
        "decided_at",
        "stored_bytes",
        "folder",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export_view)
        own = path("export/", view, name="usage_usagedelivery_export")
        return [own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        asked = request.GET.copy()
        exports = []
        for kind in formats.TABLES:
            asked["format"] = kind
            exports.append((kind, f"export/?{asked.urlencode()}"))
        return super().changelist_view(
            request, {**(extra_context or {}), "exports": exports}
        )

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the list, narrowed as it is shown, as a table."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.copy()
        answer = formats.TABLES.get(str(asked.pop("format", ["csv"])[-1]))
        if answer is None:
            raise Http404
        request.GET = asked  # type: ignore[assignment]  # the theme reads filters there
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        return answer("deliveries", EXPORTED, _lines(rows))

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("billing month"), ordering="billing_month"
    )
    def month(self, delivery: UsageDelivery) -> str:
        return f"{delivery.billing_month:%Y-%m}"

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"), ordering="status", label=Tones(TONES)
    )
    def status_label(self, delivery: UsageDelivery) -> tuple[str, str]:
        return delivery.status, delivery.get_status_display()

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("billed"), empty_value="–"
    )
    def billed(self, delivery: UsageDelivery) -> str:
        return _in_short(delivery, "billed")

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("effective"), empty_value="–"
    )
    def effective(self, delivery: UsageDelivery) -> str:
        return _in_short(delivery, "effective")

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("load"), ordering="load_id"
    )
    def load_number(self, delivery: UsageDelivery) -> str:
        return f"#{delivery.load_id}"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if delivery is not None:
            context |= {"delivery": delivery, "comparison": comparison_of(delivery)}
        return super().change_view(request, object_id, form_url, context)

    # --- what can be decided depends on what it counts for

    def has_held_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this person may decide about a held delivery."""
        return self._may(request, obj, DeliveryStatus.HELD)

    def has_current_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this person may withdraw it."""
        return self._may(request, obj, DeliveryStatus.CURRENT)

    def has_earlier_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this person may make it count again."""
        return self._may(
            request, obj, DeliveryStatus.SUPERSEDED, DeliveryStatus.WITHDRAWN
        )

    def _may(self, request: HttpRequest, obj: Any, *wanted: str) -> bool:
        if not request.user.has_perm("usage.change_usagedelivery"):
            return False
        rows = UsageDelivery.objects.filter(status__in=wanted)
        return rows.filter(pk=getattr(obj, "pk", obj)).exists()

    @dialogs.button(
        title=_("Approve"),
        permission="held",
        description=_("Apply it: it replaces the month."),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, request: HttpRequest, delivery: UsageDelivery, form: Any) -> str:
        operations.release_delivery(
            delivery=delivery, by=acting_user(request), at=timezone.now()
        )
        return gettext("It counts now.")

    @dialogs.button(
        title=_("Refuse"),
        permission="held",
        form=ReasonForm,
        description=_("Leave it out; what counts now stays."),
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def refuse(self, request: HttpRequest, delivery: UsageDelivery, form: Any) -> str:
        operations.refuse_delivery(
            delivery=delivery,
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It is left out.")

    @dialogs.button(
        title=_("Withdraw"),
        permission="current",
        form=ReasonForm,
        description=_("Take it out of all figures; it can be restored."),
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def withdraw(self, request: HttpRequest, delivery: UsageDelivery, form: Any) -> str:
        operations.withdraw_delivery(
            delivery=delivery,
            reason=form.cleaned_data["reason"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return gettext("It is out of all figures.")

    @dialogs.button(
        title=_("Restore"),
        permission="earlier",
        description=_("Let it count again; what counts now is superseded."),
        icon="restore",
    )
    def restore(self, request: HttpRequest, delivery: UsageDelivery, form: Any) -> str:
        operations.restore_delivery(
            delivery=delivery, by=acting_user(request), at=timezone.now()
        )
        return gettext("It counts again.")


def _lines(rows: Iterable[UsageDelivery]) -> Iterator[tuple[Any, ...]]:
    """Yield one line per delivery and currency; one without costs has one line too."""
    for one in rows:
        facts = (
            one.pk,
            one.load_id,
            one.source.name,
            one.scope,
            f"{one.billing_month:%Y-%m}",
            one.status,
            one.rows,
            one.decided_at,
        )
        for currency, costs in one.totals.items() or [("", {})]:
            exact = (costs.get(word) for word in COSTS)
            amounts = (None if text is None else Decimal(text) for text in exact)
            yield (*facts, currency, *amounts)


def _in_short(delivery: UsageDelivery, cost: str) -> str:
    return " · ".join(
        f"{numbers.short(costs[cost])} {currency}"
        for currency, costs in delivery.totals.items()
    )
