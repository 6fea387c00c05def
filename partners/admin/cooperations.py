"""Cooperations: the list, and a page with the ladder, its clock and its gate on top."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from crm.accounts.models import User
from crm.web.acting import acting_user
from crm.web.labels import Tones
from partners.admin.activities import ActivityDialogs
from partners.admin.cooperation_board import CooperationBoard
from partners.admin.cooperation_dialogs import CooperationDialogs
from partners.admin.timelines import TimelineAdmin
from partners.admin.usage_dialogs import UsageDialogs
from partners.models import Cooperation
from partners.operations import cooperations as operations
from partners.queries.standing import standing_of, together_of, with_next_review
from partners.queries.timeline import Happening, Place, cooperation_timeline

FIELDS = (
    "title",
    "cooperation_type",
    "owner",
    "team",
    "next_step",
    "next_step_due_on",
    "target_stage_on",
    "announced_on",
    "announcement_url",
    "business_problem",
    "use_case",
    "expected_monthly_spend",
    "currency",
    "fit_score",
    "our_sponsor",
    "scope",
    "working_group",
    "success_measures",
    "agreement_target_on",
    "security_review",
    "steering_committee",
    "steering_rhythm",
    "has_no_commitment",
    "production_plan",
    "production_planned_on",
    "production_cost",
)


TOLD = ("partner__team", "stage", "team", "owner", "our_sponsor")
QUIET = (
    "timeline",
    "hold",
    "resume",
    "confirm",
    "threaten",
    "prove",
    "attach",
    "review",
    "count_usage",
)
"""Buttons that stand on the page itself, so that the bar on top stays narrow."""


class CooperationForm(forms.ModelForm[Cooperation]):
    """What people fill in; the stage is not among it."""

    announcement_url = forms.URLField(
        label=capfirst(_("announcement")),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=widgets.UnfoldAdminURLInputWidget,
    )

    class Meta:
        model = Cooperation
        fields = FIELDS

    def values(self) -> dict[str, Any]:
        """Return the fields as operations take them."""
        return {name: self.cleaned_data[name] for name in FIELDS}


@admin.register(Cooperation)
class CooperationAdmin(
    CooperationBoard,
    ActivityDialogs,
    CooperationDialogs,
    UsageDialogs,
    TimelineAdmin[Cooperation],
):
    """Cooperations of visible partners; the stage moves by its button only."""

    form = CooperationForm
    list_display = (
        "title",
        "partner",
        "stage_label",
        "stage_entered_at",
        "owner",
        "next_step",
        "next_step_due_on",
        "on_hold",
    )
    list_select_related = ("partner", "stage", "owner")
    list_filter = (
        ("stage", RelatedDropdownFilter),
        ("cooperation_type", ChoicesDropdownFilter),
        ("team", AutocompleteSelectFilter),  # asks for no list of teams by itself
        ("on_hold_since", admin.EmptyFieldListFilter),
        ("closed_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("title", "code", "partner__display_name", "partner__local_name")
    ordering = ("title", "pk")
    autocomplete_fields = ("owner", "team", "our_sponsor")
    readonly_fields = ("partner", "code")
    actions_list = ("open_board",)
    actions_detail = ("move", "approve", "waive", "log", "plan", *QUIET)
    change_form_before_template = "partners/cooperation_head.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("title", "partner"),
                    ("cooperation_type", "code"),
                    ("owner", "team"),
                    ("next_step", "next_step_due_on"),
                    ("target_stage_on", "our_sponsor"),
                    ("announced_on", "announcement_url"),
                )
            },
        ),
        (
            _("The case"),
            {
                "fields": (
                    "business_problem",
                    "use_case",
                    ("expected_monthly_spend", "currency"),
                    "fit_score",
                )
            },
        ),
        (
            _("Intent and agreement"),
            {
                "fields": (
                    "scope",
                    ("working_group", "success_measures"),
                    ("agreement_target_on", "security_review"),
                    ("steering_committee", "steering_rhythm"),
                    "has_no_commitment",
                )
            },
        ),
        (
            _("Production"),
            {
                "fields": (
                    "production_plan",
                    ("production_planned_on", "production_cost"),
                )
            },
        ),
    )

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("stage"),
        ordering="stage__order",
        label=Tones(
            {"terminated": "danger", "completed": "info", "production": "success"}
        ),
    )
    def stage_label(self, cooperation: Cooperation) -> tuple[str, str]:
        return cooperation.stage_id, str(cooperation.stage)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("on hold"), boolean=True
    )
    def on_hold(self, cooperation: Cooperation) -> bool:
        return cooperation.on_hold_since is not None

    def tell(
        self, row: Cooperation, *, limit: int, before: Place | None
    ) -> list[Happening]:
        return cooperation_timeline(row, limit=limit, before=before)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        return self._offered(
            request, object_id, [n for n in self.actions_detail if n not in QUIET]
        )

    def _offered(self, request: HttpRequest, object_id: Any, names: Any) -> Any:
        """Return the buttons of these names that this person may press here."""
        theme: Any = self  # the theme has no types
        return theme._filter_unfold_actions_by_permissions(  # noqa: SLF001 - no other way
            request, [theme.get_unfold_action(name) for name in names], object_id
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        cooperation = (
            self.get_object(request, object_id) if object_id.isdecimal() else None
        )
        if cooperation is not None:
            by, at = acting_user(request), timezone.now()
            context["standing"] = standing_of(cooperation=cooperation, by=by, at=at)
            context["quiet"] = [
                (each, self.address_of(each.path, object_id))
                for each in self._offered(request, object_id, QUIET)
            ]
            context["together"] = together_of(cooperation, at=at)
        return super().change_view(request, object_id, form_url, context)

    def read_object(
        self, request: HttpRequest, object_id: str, from_field: str | None
    ) -> Cooperation | None:
        """Read the row with what its page tells of it."""
        if from_field is not None or not object_id.isdecimal():
            return super().read_object(request, object_id, from_field)
        seen = Cooperation.objects.visible_to(acting_user(request))
        rows = with_next_review(seen.select_related(*TOLD))
        found: Cooperation | None = rows.filter(pk=object_id).first()
        return found

    def edit(
        self, *, obj: Cooperation, form: Any, by: User, at: datetime
    ) -> Cooperation:
        return operations.edit_cooperation(
            cooperation=obj, by=by, at=at, values=form.values()
        )
