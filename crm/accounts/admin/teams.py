"""Teams."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.accounts import operations
from crm.accounts.models import Team, User
from crm.web.admin import OperationAdmin
from crm.web.scoping import ReadOnlyInline


class MemberInline(ReadOnlyInline[User, Team]):
    """Who is on the team."""

    model = User
    fk_name = "team"
    fields = ("name", "email", "is_active")
    verbose_name_plural = _("members")


@admin.register(Team)
class TeamAdmin(OperationAdmin[Team]):
    """The tree of teams, from the top down."""

    list_display = ("name", "parent", "lead")
    list_select_related = ("parent", "lead")
    search_fields = ("name",)
    autocomplete_fields = ("parent", "lead")
    ordering = ("path",)
    inlines = (MemberInline,)

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> Any:
        return ("name", "parent", "lead") if obj else ("name", "parent")

    def register(self, *, form: Any, by: User, at: datetime) -> Team:
        values = form.cleaned_data
        return operations.register_team(
            name=values["name"], parent=values["parent"], by=by, at=at
        )

    def edit(self, *, obj: Team, form: Any, by: User, at: datetime) -> Team:
        values = form.cleaned_data
        return operations.edit_team(
            team=obj,
            name=values["name"],
            parent=values["parent"],
            lead=values["lead"],
            by=by,
            at=at,
        )
