"""What other systems call the stages of deals: an editable table."""

from datetime import datetime
from typing import Any

from django.contrib import admin

from crm.accounts.models import User
from crm.web.admin import OperationAdmin
from deals.models import DealStageName
from deals.operations import stage_names as operations


@admin.register(DealStageName)
class DealStageNameAdmin(OperationAdmin[DealStageName]):
    """One row per name; imports read stages by it."""

    visible_to_all = True
    list_display = ("system", "name", "stage")
    list_filter = ("system", "stage")
    search_fields = ("name",)
    ordering = ("system", "name", "pk")
    fields = ("system", "name", "stage")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return () if obj is None else ("system",)

    def register(self, *, form: Any, by: User, at: datetime) -> DealStageName:
        given = form.cleaned_data
        return operations.name_stage(
            system=given["system"],
            name=given["name"],
            stage=given["stage"],
            by=by,
            at=at,
        )

    def edit(
        self, *, obj: DealStageName, form: Any, by: User, at: datetime
    ) -> DealStageName:
        given = form.cleaned_data
        return operations.rename_stage(
            stage_name=obj, name=given["name"], stage=given["stage"], by=by, at=at
        )

    def remove(self, *, obj: DealStageName, by: User, at: datetime) -> None:
        operations.forget_stage_name(stage_name=obj, by=by, at=at)
