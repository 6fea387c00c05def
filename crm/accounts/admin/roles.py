"""Roles: what each may do; changed by migrations only."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.roles import Role
from crm.web.admin import OperationAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(OperationAdmin[Group]):
    """Shows the roles with their permission sets; nothing here can be edited."""

    visible_to_all = True
    list_display = ("title", "code")
    list_display_links = ("title",)
    fields = ("title", "code", "allowed")
    readonly_fields = fields
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        rows = super().get_queryset(request).filter(name__in=Role.values)
        return rows.prefetch_related("permissions__content_type")

    @admin.display(description=_("role"))
    def title(self, group: Group) -> str:
        return str(Role(group.name).label)

    @admin.display(description=_("code"))
    def code(self, group: Group) -> str:
        return group.name

    @admin.display(description=pgettext_lazy("a right", "may"))
    def allowed(self, group: Group) -> str:
        return "\n".join(
            sorted(
                f"{permission.content_type.app_label}.{permission.codename}"
                for permission in group.permissions.all()
            )
        )
