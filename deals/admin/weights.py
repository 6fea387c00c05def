"""What each stage of deals is worth: probability and forecast category."""

from datetime import datetime
from typing import Any

from django.contrib import admin

from crm.accounts.models import User
from crm.web.admin import OperationAdmin
from deals.models import DealStageWeight
from deals.operations import weights as operations


@admin.register(DealStageWeight)
class DealStageWeightAdmin(OperationAdmin[DealStageWeight]):
    """Seven rows, edited by administrators; open deals follow."""

    visible_to_all = True
    list_display = ("stage", "probability", "category")
    ordering = ("order",)
    fields = ("stage", "probability", "category")
    readonly_fields = ("stage",)

    def edit(
        self, *, obj: DealStageWeight, form: Any, by: User, at: datetime
    ) -> DealStageWeight:
        return operations.revise_weight(
            weight=obj,
            probability=form.cleaned_data["probability"],
            category=form.cleaned_data["category"],
            by=by,
            at=at,
        )
