"""Invitations: who was invited, whether the mail is out, and until when the link works."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.accounts import operations
from crm.accounts.models import Invitation
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm


@admin.register(Invitation)
class InvitationAdmin(OperationAdmin[Invitation]):
    """Invitations are made on the page of people; here they are sent again and revoked."""

    list_display = ("person", "state", "asked_at", "sent_at", "expires_at")
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email")
    fields = (
        "person",
        "invited_by",
        "state",
        "asked_at",
        "sent_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    )
    readonly_fields = ("state",)
    actions_detail = ("send_again", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        return super().get_queryset(request).select_related("person", "invited_by")

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> str:
        states = (
            (invitation.accepted_at, _("accepted")),
            (invitation.revoked_at, _("revoked")),
            (invitation.expires_at <= timezone.now(), _("expired")),
            (invitation.sent_at, _("sent")),
        )
        return str(next((word for holds, word in states if holds), _("to be sent")))

    @dialogs.button(
        title=_("Send again"),
        permission="accounts.add_invitation",
        description=_("Sends a new link. The older one stops working."),
        submit=_("Send"),
        icon="send",
    )
    def send_again(
        self, request: HttpRequest, invitation: Invitation, form: DialogForm
    ) -> str:
        operations.invite_again(
            person=invitation.person, by=acting_user(request), at=timezone.now()
        )
        return str(_("A new invitation is on its way."))

    @dialogs.button(
        title=_("Revoke"),
        permission="accounts.change_invitation",
        description=_("The link stops working at once."),
        submit=_("Revoke"),
        icon="link_off",
    )
    def revoke(
        self, request: HttpRequest, invitation: Invitation, form: DialogForm
    ) -> str:
        operations.revoke_invitation(
            invitation=invitation, by=acting_user(request), at=timezone.now()
        )
        return str(_("The invitation is revoked."))
