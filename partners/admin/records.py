"""What happened at gates: checks, waivers, approvals and holds; shown, never changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from crm.web.admin import OperationAdmin
from partners.models import Approval, GateCheck, Hold, Waiver
from partners.queries.ladder import label_of

OF_COOPERATION = ("cooperation__title", "cooperation__partner__display_name")


@admin.register(GateCheck)
class GateCheckAdmin(OperationAdmin[GateCheck]):
    """Every look at every criterion, with what it saw."""

    list_display = ("at", "cooperation", "asked", "found", "verdict", "words", "by")
    list_select_related = ("cooperation", "criterion", "by")
    list_filter = (("verdict", ChoicesDropdownFilter),)
    search_fields = OF_COOPERATION
    ordering = ("-at", "-pk")
    fields = (
        ("cooperation", "asked"),
        ("found", "verdict"),
        "words",
        "seen",
        ("by", "at"),
        "waiver",
    )
    readonly_fields = ("asked",)

    @admin.display(description=_("criterion"), ordering="code")
    def asked(self, check: GateCheck) -> str:
        known = {} if check.criterion is None else {check.code: str(check.criterion)}
        return label_of(check.code, known)


@admin.register(Waiver)
class WaiverAdmin(OperationAdmin[Waiver]):
    """What was let off, by whom and why; the failed check stays beside it."""

    list_display = ("at", "cooperation", "criterion", "role", "by", "reason")
    list_select_related = ("cooperation", "criterion", "by")
    list_filter = (("role", ChoicesDropdownFilter),)
    search_fields = (*OF_COOPERATION, "reason")
    ordering = ("-at", "-pk")
    fields = (("cooperation", "criterion"), ("role", "by"), "reason", "at")


@admin.register(Approval)
class ApprovalAdmin(OperationAdmin[Approval]):
    """Who said yes to which step, in which role."""

    list_display = ("at", "cooperation", "role", "by", "comment")
    list_select_related = ("cooperation", "by")
    list_filter = (("role", ChoicesDropdownFilter),)
    search_fields = OF_COOPERATION
    ordering = ("-at", "-pk")
    fields = (("cooperation", "role"), ("by", "at"), "comment")


@admin.register(Hold)
class HoldAdmin(OperationAdmin[Hold]):
    """When cooperations rested, and why."""

    list_display = ("began_at", "ended_at", "cooperation", "reason", "by", "ended_by")
    list_select_related = ("cooperation", "by", "ended_by")
    list_filter = (("ended_at", admin.EmptyFieldListFilter),)
    search_fields = (*OF_COOPERATION, "reason")
    ordering = ("-began_at", "-pk")
    fields = ("cooperation", ("began_at", "ended_at"), "reason", ("by", "ended_by"))
