"""The buttons on the page of a person."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from crm.accounts import operations
from crm.accounts.forms import password_field
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.dialogs import DialogForm


class RoleForm(DialogForm):
    """Which role."""

    role = forms.ChoiceField(label=_("role"), choices=Role.choices)


class DeactivateForm(DialogForm):
    """Who takes over."""

    successor = forms.ModelChoiceField(
        label=_("successor"),
        queryset=User.objects.none(),
        required=False,
        help_text=_(
            "Takes over everything the person owns; needed if that is something."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successor"]
        field.queryset = successors_of(self.obj)


class NewAddressForm(DialogForm):
    """The new address, and who acts proves to be themself."""

    email = forms.EmailField(label=_("New e-mail"), max_length=254)
    password = password_field(_("Your password"), is_new=False)


class PersonDialogs:
    """Buttons; each asks in a dialog and calls one operation."""

    actions_detail = (
        "give_role",
        "withdraw_role",
        {
            "title": _("More"),
            "items": [
                "hand_over",
                "change_email",
                "invite_again",
                "end_sessions",
                "deactivate",
                "reactivate",
            ],
        },
    )

    @dialogs.button(
        title=_("Give role"),
        permission="accounts.change_roles_user",
        form=RoleForm,
        submit=_("Give"),
        icon="add_moderator",
    )
    def give_role(self, request: HttpRequest, person: User, form: RoleForm) -> str:
        operations.grant_role(
            person=person,
            role=form.cleaned_data["role"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return str(_("The role is given."))

    @dialogs.button(
        title=_("Withdraw role"),
        permission="accounts.change_roles_user",
        form=RoleForm,
        submit=_("Withdraw"),
        icon="remove_moderator",
    )
    def withdraw_role(self, request: HttpRequest, person: User, form: RoleForm) -> str:
        operations.withdraw_role(
            person=person,
            role=form.cleaned_data["role"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return str(_("The role is withdrawn."))

    @dialogs.button(
        title=_("Change e-mail"),
        permission="accounts.change_user",
        form=NewAddressForm,
        description=_("The person logs in with it and is logged out everywhere."),
        submit=_("Change"),
        icon="alternate_email",
    )
    def change_email(
        self, request: HttpRequest, person: User, form: NewAddressForm
    ) -> str:
        operations.change_email(
            person=person,
            email=form.cleaned_data["email"],
            password=form.cleaned_data["password"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return str(_("The address is changed."))

    @dialogs.button(
        title=_("Invite again"),
        permission="accounts.add_invitation",
        description=_("Sends a new link. The older one stops working."),
        submit=_("Send"),
        icon="send",
    )
    def invite_again(self, request: HttpRequest, person: User, form: DialogForm) -> str:
        operations.invite_again(
            person=person, by=acting_user(request), at=timezone.now()
        )
        return str(_("A new invitation is on its way."))

    @dialogs.button(
        title=_("End sessions"),
        permission="accounts.change_user",
        description=_("Logs the person out everywhere."),
        submit=_("End"),
        icon="logout",
    )
    def end_sessions(self, request: HttpRequest, person: User, form: DialogForm) -> str:
        operations.end_sessions(
            person=person, by=acting_user(request), at=timezone.now()
        )
        return str(_("All sessions are ended."))

    @dialogs.button(
        title=_("Deactivate"),
        permission="accounts.deactivate_user",
        form=DeactivateForm,
        description=_(
            "Ends login, sessions, tokens and invitations. Nothing is deleted."
        ),
        submit=_("Deactivate"),
        icon="person_off",
        variant=ActionVariant.DANGER,
    )
    def deactivate(
        self, request: HttpRequest, person: User, form: DeactivateForm
    ) -> str:
        operations.deactivate_person(
            person=person,
            successor=form.cleaned_data["successor"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return str(_("The person is deactivated."))

    @dialogs.button(
        title=_("Reactivate"),
        permission="accounts.deactivate_user",
        description=_("Opens the login again; tokens stay revoked."),
        submit=_("Reactivate"),
        icon="person_check",
    )
    def reactivate(self, request: HttpRequest, person: User, form: DialogForm) -> str:
        operations.reactivate_person(
            person=person, by=acting_user(request), at=timezone.now()
        )
        return str(_("The person is active again."))


def successors_of(person: Any) -> Any:
    """Return who could take over: everybody active but the person."""
    people = User.objects.filter(is_active=True).exclude(pk=person.pk)
    return people.order_by("name", "pk")
