"""Commitments: the list with their pace, and a page that shows all the arithmetic."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.labels import Tones
from crm.web.scoping import rows_seen
from deals.admin.burn_down_chart import draw, legend
from deals.admin.commitment_dialogs import (
    CommitmentDialogs,
    TermsForm,
    remember_status,
)
from deals.admin.commitment_figures import (
    TONES,
    counts_of,
    figures_of,
    percent,
    ratio,
)
from deals.commitments import MilestoneState
from deals.figures import shown
from deals.models import Commitment, DrawdownEntry
from deals.operations import commitments as operations
from deals.queries.burn_down import burn_down
from deals.queries.commitment_notes import told_of
from deals.queries.commitments import CommitmentStanding, standings
from deals.queries.contracts import reconciliation_of
from deals.queries.milestones import MilestoneLine, milestone_lines

ENTRIES_SHOWN = 40
FIRST = (
    "code", "title", "agreement", "owner", "kind", "settlement", "interval", "currency",
    "start_on", "end_on", "priority", "shortfall_policy", "is_prepaid", "cost_column",
    "counts_credits", "counts_refunds", "counts_purchases", "note",
)  # fmt: skip
SHOWN = "deals.commitment_shown"
EDITED = ("title", "owner", "agreement", "note")
STEP_TONES = {
    MilestoneState.AHEAD: "unknown",
    MilestoneState.WAITING: "unknown",
    MilestoneState.REACHED: "green",
    MilestoneState.MISSED: "red",
}
TONE_OF = Tones(
    on_track="success", amber="warning", red="danger", early_exhaustion="warning",
    unknown="info",
)  # fmt: skip


class CommitmentForm(forms.ModelForm[Commitment]):
    """What is edited without an amendment."""

    class Meta:
        model = Commitment
        fields = EDITED


class NewCommitmentForm(forms.ModelForm[Commitment], TermsForm):
    """A new commitment with its milestones and what counts."""

    promised = forms.DecimalField(
        label=_("amount"),
        max_digits=38,
        decimal_places=18,
        widget=widgets.UnfoldAdminDecimalFieldWidget,
        help_text=_("In all; per interval where an unused part is lost per interval."),
    )

    class Meta:
        model = Commitment
        fields = ("partner", *FIRST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("milestones", "counts"):
            field = self.fields[name]
            field.widget = widgets.UnfoldAdminTextareaWidget(attrs=field.widget.attrs)

    def _post_clean(self) -> None:
        """Leave the model's own checks to the operation: the amount is not a field here."""

    def values(self) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        said = self.cleaned_data
        is_continuous = said["settlement"] == "continuous"
        name = "interval_amount" if is_continuous else "amount"
        return {**{key: said[key] for key in FIRST}, name: said["promised"]}


@admin.register(Commitment)
class CommitmentAdmin(CommitmentDialogs):
    """Commitments of visible partners; terms change by amendments only."""

    list_display = (
        "title",
        "partner",
        "kind",
        "promised",
        "term",
        "attainment",
        "pace_index",
        "pace",
        "shortfall",
        "status_label",
    )
    list_select_related = ("partner", "agreement", "owner")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("is_prepaid", admin.BooleanFieldListFilter),
        ("end_on", RangeDateFilter),
    )
    search_fields = ("title", "code", "partner__display_name", "partner__local_name")
    ordering = ("title", "pk")
    autocomplete_fields = ("partner", "owner", "agreement")
    actions_detail = ("amend", "settle", "cancel")
    change_form_before_template = "deals/commitment_head.html"

    class Media:
        css = {"all": ("web/promise.css",)}

    def get_form(
        self,
        request: HttpRequest,
        obj: Commitment | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> Any:
        kwargs["form"] = CommitmentForm if obj else NewCommitmentForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Commitment | None = None) -> Any:
        if obj is not None:
            return (("title", "owner"), "agreement", "note")
        return (
            ("partner", "agreement"),
            ("code", "title"),
            ("kind", "promised", "currency"),
            ("settlement", "interval"),
            ("start_on", "end_on"),
            ("owner", "priority"),
            ("cost_column", "shortfall_policy"),
            ("is_prepaid", "counts_credits"),
            ("counts_refunds", "counts_purchases"),
            "milestones",
            "counts",
            "note",
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("deals.add_commitment")

    # --- the list

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        shown_rows = list(getattr(context.get("cl"), "result_list", ()))
        ids = [row.pk for row in shown_rows]
        found = standings(at=timezone.now(), commitment_ids=ids) if ids else {}
        for row in shown_rows:
            row.standing = found.get(row.pk)
        return response

    def _standing(self, row: Commitment) -> CommitmentStanding | None:
        found: CommitmentStanding | None = getattr(row, "standing", None)
        return found

    @display(description=_("amount"), ordering="amount")  # type: ignore[untyped-decorator]  # the theme has no types
    def promised(self, row: Commitment) -> str:
        return f"{shown(row.amount, row.measure)} {row.measure}"

    @display(description=_("term"), ordering="end_on")  # type: ignore[untyped-decorator]  # the theme has no types
    def term(self, row: Commitment) -> str:
        line = '<span class="whitespace-nowrap">{}</span>'
        return format_html_join(" ", line, [(row.start_on,), (f"– {row.end_on}",)])

    @display(description=_("drawn"))  # type: ignore[untyped-decorator]  # the theme has no types
    def attainment(self, row: Commitment) -> str:
        found = self._standing(row)
        return percent(found.arithmetic.attainment) if found else "–"

    @display(description=_("pace index"))  # type: ignore[untyped-decorator]  # the theme has no types
    def pace_index(self, row: Commitment) -> str:
        found = self._standing(row)
        index = found.arithmetic.pace_index if found else None
        return "–" if index is None else ratio(index)

    @display(description=_("pace"), label=TONE_OF)  # type: ignore[untyped-decorator]  # the theme has no types
    def pace(self, row: Commitment) -> tuple[str, str]:
        found = self._standing(row)
        return (found.pace, str(found.pace.label)) if found else ("", "–")

    @display(description=_("projected shortfall"))  # type: ignore[untyped-decorator]  # the theme has no types
    def shortfall(self, row: Commitment) -> str:
        found = self._standing(row)
        if found is None:
            return "–"
        return shown(found.arithmetic.projected_shortfall, row.measure)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"),
        ordering="status",
        label=Tones({
            "active": "success", "scheduled": "info", "completed": "success",
            "expired": "danger", "cancelled": "warning",
        }),
    )  # fmt: skip
    def status_label(self, row: Commitment) -> tuple[str, str]:
        return row.status, row.get_status_display()

    # --- the page

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if object_id.isdecimal():
            context["promise"] = promise = page_of(int(object_id), request)
            if promise and request.method == "GET":
                rows_seen(request).add((Commitment, promise["row"].pk))
                request.META[SHOWN] = promise["row"]
        return super().change_view(request, object_id, form_url, context)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Commitment | None:
        """Return the row that the page above the form has read already."""
        row: Commitment | None = request.META.get(SHOWN)
        return row or super().get_object(request, object_id, from_field)

    def register(self, *, form: Any, by: User, at: datetime) -> Commitment:
        said = form.cleaned_data
        return operations.record_commitment(
            partner=said["partner"],
            values=form.values(),
            milestones=said["milestones"],
            counts=said["counts"],
            by=by,
            at=at,
        )

    def edit(self, *, obj: Commitment, form: Any, by: User, at: datetime) -> Commitment:
        values = {name: form.cleaned_data[name] for name in EDITED}
        return operations.edit_commitment(commitment=obj, values=values, by=by, at=at)


def page_of(pk: int, request: HttpRequest) -> dict[str, Any] | None:
    """Return all that the page says above the form; None where it may not be seen."""
    rows = standings(
        at=timezone.now(), commitment_ids=[pk], visible_to=acting_user(request)
    )
    found = rows.get(pk)
    if found is None:
        return None
    row = found.commitment
    entries = list(row.entries.order_by("-number"))
    points = burn_down(found, entries)
    remember_status(request, row)
    return {
        "row": row,
        "found": found,
        "tone": TONES[found.pace],
        "figures": figures_of(found),
        "chart": draw(points, amount=row.amount),
        "legend": legend(),
        "points": [_shown_point(point, row.measure) for point in points],
        "entries": [_shown_entry(e, row.measure) for e in entries[: ENTRIES_SHOWN + 1]],
        "entries_shown": ENTRIES_SHOWN,
        "milestones": [
            _shown_step(line, row.measure) for line in milestone_lines(found, entries)
        ],
        "counts": counts_of(found.promise.rule, row),
        **told_of(row.pk),
        "reconciliation": _shown_reconciliation(row, entries)
        if found.has_contract
        else None,
        "amount": shown(row.amount, row.measure),
        "final": shown(found.final, row.measure),
        "provisional": shown(found.provisional, row.measure),
    }


def _shown_point(point: Any, measure: str) -> tuple[Any, ...]:
    parts = (point.planned, point.drawn, point.projected)
    return (
        point.day,
        *("" if part is None else shown(part, measure) for part in parts),
        point.is_final,
    )


def _shown_step(line: MilestoneLine, measure: str) -> dict[str, Any]:
    return {
        "row": line,
        "tone": STEP_TONES[line.state],
        "target": shown(line.target, measure),
        "drawn": shown(line.drawn, measure),
        "gap": shown(max(line.gap, Decimal(0)), measure),
        "shortfall": shown(line.shortfall, measure) if line.shortfall else "",
    }


def _term(value: object, unit: str) -> str:
    """Return one side of a difference as people read it."""
    return shown(value, unit) if isinstance(value, Decimal) else str(value or "–")


def _shown_entry(entry: Any, measure: str) -> dict[str, Any]:
    return {
        "row": entry,
        "amount": shown(entry.amount, measure),
        "overage": shown(entry.overage, measure) if entry.overage else "",
        "shortfall": shown(entry.shortfall, measure) if entry.shortfall else "",
        "balance": shown(entry.balance_after, measure),
    }


def _shown_reconciliation(
    row: Commitment, entries: list[DrawdownEntry]
) -> dict[str, Any] | None:
    found = reconciliation_of(row, entries)
    if found is None:
        return None
    return {
        "found": found,
        "ours": shown(found.ours, found.unit),
        "theirs": shown(found.theirs, found.unit),
        "difference": shown(found.difference, found.unit),
        "terms": [
            (term.name, _term(term.ours, found.unit), _term(term.theirs, found.unit))
            for term in found.terms
        ],
        "months": [
            (
                one.month,
                shown(one.ours, found.unit),
                shown(one.theirs, found.unit),
                shown(one.difference, found.unit),
            )
            for one in found.months
        ],
    }
