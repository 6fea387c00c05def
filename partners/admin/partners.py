"""Partners: list with search, form with names and numbers, and what one can do with one."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.dialogs import DialogForm
from crm.web.labels import Tones
from crm.web.scoping import ReadOnlyInline
from partners.admin.merging import MergeForm
from partners.admin.timelines import TimelineAdmin
from partners.ai import queries as ai
from partners.forms import PartnerForm
from partners.models import Contact, Cooperation, CooperationType, Partner
from partners.operations import cooperations, merging
from partners.operations import partners as operations
from partners.queries.search import search
from partners.queries.timeline import Happening, Place, partner_timeline

SHARE = "_derived_share"


FIELDSETS: Any = (
    (
        None,
        {
            "fields": (
                ("display_name", "local_name"),
                ("legal_name", "country"),
                ("industry", "segment"),
                ("partner_type", "tier"),
                ("lifecycle", "parent"),
                "accept_duplicates",
            )
        },
    ),
    (
        _("Who answers for it"),
        {
            "fields": (
                ("owner", "team"),
                ("our_sponsor", "their_sponsor"),
                ("confidentiality", "named_people"),
            )
        },
    ),
    (
        _("Names and numbers"),
        {
            "fields": (
                ("domain_lines", "alias_lines"),
                ("number_lines", "external_lines"),
            )
        },
    ),
    (_("Reporting"), {"fields": (("reporting_currency", "time_zone"), "is_test")}),
)


class WhyForm(DialogForm):
    """Why a partner is archived."""

    reason = forms.CharField(label=_("reason"), required=False, widget=forms.Textarea)


class BeginForm(DialogForm):
    """What a new cooperation is about."""

    title = forms.CharField(label=_("title"), max_length=200)
    cooperation_type = forms.ChoiceField(
        label=_("type"), choices=CooperationType.choices
    )
    next_step = forms.CharField(label=_("next step"), max_length=250)
    next_step_due_on = forms.DateField(
        label=_("next step due on"), required=False, widget=forms.DateInput
    )


class ContactInline(ReadOnlyInline[Contact, Partner]):
    """The people over there."""

    model = Contact
    fields = ("name", "title", "email", "roles", "left_on")
    readonly_fields = fields
    tab = True


class CooperationInline(ReadOnlyInline[Cooperation, Partner]):
    """What we do together."""

    model = Cooperation
    fields = ("title", "stage", "stage_entered_at", "next_step", "next_step_due_on")
    readonly_fields = fields
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cooperation]:
        return super().get_queryset(request).select_related("stage")


@admin.register(Partner)
class PartnerAdmin(TimelineAdmin[Partner]):
    """Live partners; archived ones by the filter."""

    form = PartnerForm
    change_form_before_template = "partners/partner_head.html"
    list_display = (
        "display_name",
        "local_name",
        "industry",
        "country",
        "tier_label",
        "owner",
        "confidentiality",
        "lifecycle",
    )
    list_select_related = ("owner",)
    list_filter = (
        ("industry", ChoicesDropdownFilter),
        ("tier", ChoicesDropdownFilter),
        ("confidentiality", ChoicesDropdownFilter),
        ("lifecycle", ChoicesDropdownFilter),
        ("team", RelatedDropdownFilter),
        ("archived_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("display_name",)
    search_help_text = _("Any part of a name, alias, domain or id; 中文亦可")
    ordering = ("display_name", "pk")
    autocomplete_fields = (
        "parent",
        "owner",
        "team",
        "our_sponsor",
        "their_sponsor",
        "named_people",
    )
    readonly_fields = ("derived_share",)
    inlines = (CooperationInline, ContactInline)
    actions_detail = ("begin", "timeline", "archive", "restore", "merge", "split")
    fieldsets = FIELDSETS

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("tier"),
        ordering="tier",
        label=Tones({"strategic": "success", "key": "info", "watch": "warning"}),
    )
    def tier_label(self, partner: Partner) -> tuple[str, str]:
        return partner.tier, partner.get_tier_display()

    def tell(
        self, row: Partner, *, limit: int, before: Place | None
    ) -> list[Happening]:
        return partner_timeline(row, limit=limit, before=before)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Partner]:
        return super().get_queryset(request).filter(merged_into__isnull=True)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id.isdecimal():  # the first to ask for it, so that buttons need not
            self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_inlines(self, request: HttpRequest, obj: Partner | None) -> Any:
        """Show what belongs to a partner once it is there."""
        return [] if obj is None else self.inlines

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Partner], search_term: str
    ) -> tuple[QuerySet[Partner], bool]:
        if not search_term.strip():
            return queryset, False
        return search(queryset, search_term), False  # type: ignore[arg-type]  # the model's own QuerySet

    def get_fieldsets(self, request: HttpRequest, obj: Partner | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        first = dict(self.fieldsets[0][1])
        first["fields"] = first["fields"][:-1]
        models = (_("Models"), {"fields": ("derived_share",)})
        return ((None, first), *self.fieldsets[1:], models)

    @display(description=_("tokens served by derived models"))  # type: ignore[untyped-decorator]  # the theme has no types
    def derived_share(self, partner: Partner) -> str:
        told: dict[str, str] = vars(partner)  # the theme asks again and again
        if SHARE not in told:
            told[SHARE] = ai.share_in_words(partner.pk, until=timezone.now().date())
        return told[SHARE]

    def register(self, *, form: Any, by: User, at: datetime) -> Partner:
        return operations.register_partner(
            by=by,
            at=at,
            values=form.values(),
            marks=form.marks(),
            accept_duplicates=form.cleaned_data["accept_duplicates"],
        )

    def edit(self, *, obj: Partner, form: Any, by: User, at: datetime) -> Partner:
        return operations.edit_partner(
            partner=obj, by=by, at=at, values=form.values(), marks=form.marks()
        )

    def remove(self, *, obj: Partner, by: User, at: datetime) -> None:
        operations.delete_partner(partner=obj, by=by, at=at)

    def has_live_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether what one does with live partners is offered."""
        return self.has_change_permission(request, obj) and not self._is_archived(
            request, obj
        )

    def has_archived_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether what one does with archived partners is offered."""
        return self.has_change_permission(request, obj) and self._is_archived(
            request, obj
        )

    def _is_archived(self, request: HttpRequest, obj: Any) -> bool:
        row = self.row_of(request, obj)
        return row is not None and row.archived_at is not None

    @dialogs.button(
        title=_("Begin a cooperation"),
        permission="partners.add_cooperation",
        form=BeginForm,
        icon="add",
        variant=ActionVariant.PRIMARY,
    )
    def begin(self, request: HttpRequest, partner: Partner, form: Any) -> str:
        begun = cooperations.begin_cooperation(
            partner=partner,
            by=acting_user(request),
            at=timezone.now(),
            title=form.cleaned_data["title"],
            cooperation_type=form.cleaned_data["cooperation_type"],
            next_step=form.cleaned_data["next_step"],
            next_step_due_on=form.cleaned_data["next_step_due_on"],
        )
        return now("“%(title)s” has begun.") % {"title": begun.title}

    @dialogs.button(
        title=_("Archive"), permission="live", form=WhyForm, icon="inventory_2"
    )
    def archive(self, request: HttpRequest, partner: Partner, form: Any) -> str:
        operations.archive_partner(
            partner=partner,
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return now("Archived. It is out of every list and can be restored.")

    @dialogs.button(title=_("Restore"), permission="archived", icon="unarchive")
    def restore(self, request: HttpRequest, partner: Partner, form: Any) -> str:
        operations.restore_partner(
            partner=partner, by=acting_user(request), at=timezone.now()
        )
        return now("Restored.")

    @dialogs.button(title=_("Merge"), permission="delete", form=MergeForm, icon="merge")
    def merge(self, request: HttpRequest, partner: Partner, form: Any) -> str:
        winner = merging.merge_partners(
            loser=partner,
            winner=form.cleaned_data["winner"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return now("Merged into %(name)s.") % {"name": winner}

    @dialogs.button(title=_("Split off"), permission="delete", icon="call_split")
    def split(self, request: HttpRequest, partner: Partner, form: Any) -> str:
        """Take back the latest merge into this partner."""
        loser = partner.merged_from.order_by("-archived_at", "-pk").first()
        if loser is None:
            raise merging.MergeRefusedError(now("Nothing was merged into it."))
        merging.split_partner(loser=loser, by=acting_user(request), at=timezone.now())
        return now("%(name)s is a partner of its own again.") % {"name": loser}
