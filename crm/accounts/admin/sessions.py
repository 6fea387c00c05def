"""Where one is logged in, and how to end that."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.accounts import operations
from crm.accounts.models import BrowserSession
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin


@admin.register(BrowserSession)
class BrowserSessionAdmin(OperationAdmin[BrowserSession]):
    """One's own browsers; administrators and auditors see everybody's."""

    list_display = ("browser", "person", "address", "started_at", "seen_at")
    list_select_related = ("person",)
    fields = ("person", "browser", "address", "started_at", "seen_at")
    ordering = ("-seen_at", "-pk")
    actions = ("end_selected",)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Tell whether one may end sessions; which ones is the operation's question."""
        return request.user.has_perm("accounts.change_browsersession")

    @admin.action(description=_("End selected sessions"), permissions=["end"])
    def end_selected(
        self, request: HttpRequest, rows: QuerySet[BrowserSession]
    ) -> None:
        by, at = acting_user(request), timezone.now()
        self.run_for_each(
            request,
            rows,
            lambda session: operations.end_session(session=session, by=by, at=at),
        )
