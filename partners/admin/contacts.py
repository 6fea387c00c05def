"""Contacts: the people over there, and erasing them."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.enums import ActionVariant

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from partners.models import Contact, ContactRole
from partners.operations import contacts as operations


class ContactForm(forms.ModelForm[Contact]):
    """One person; the partner is chosen once."""

    roles = forms.MultipleChoiceField(
        label=capfirst(_("roles")),
        choices=ContactRole.choices,
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = Contact
        fields = (
            "partner",
            "name",
            "local_name",
            "title",
            "email",
            "phone",
            "locale",
            "roles",
            "consent",
            "left_on",
        )

    def values(self) -> dict[str, Any]:
        """Return the fields as operations take them."""
        return {n: v for n, v in self.cleaned_data.items() if n != "partner"}


class EraseForm(DialogForm):
    """Who asked for the erasure."""

    reason = forms.CharField(label=_("who asked, and when"), widget=forms.Textarea)


@admin.register(Contact)
class ContactAdmin(OperationAdmin[Contact]):
    """Contacts of visible partners."""

    form = ContactForm
    list_display = ("name", "title", "partner", "email", "phone", "consent", "left_on")
    list_select_related = ("partner",)
    list_filter = ("consent", ("left_on", admin.EmptyFieldListFilter))
    search_fields = ("name", "local_name", "email", "partner__display_name")
    ordering = ("name", "pk")
    autocomplete_fields = ("partner",)
    actions_detail = ("erase",)
    fieldsets = (
        (None, {"fields": ("partner", ("name", "local_name"), ("title", "locale"))}),
        (_("Reach"), {"fields": (("email", "phone"), ("consent", "left_on"))}),
        (_("Part in the cooperation"), {"fields": ("roles",)}),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Contact | None = None
    ) -> Any:
        return ("partner",) if obj else ()

    def register(self, *, form: Any, by: User, at: datetime) -> Contact:
        return operations.register_contact(
            partner=form.cleaned_data["partner"], by=by, at=at, values=form.values()
        )

    def edit(self, *, obj: Contact, form: Any, by: User, at: datetime) -> Contact:
        return operations.edit_contact(contact=obj, by=by, at=at, values=form.values())

    @dialogs.button(
        title=_("Erase"),
        permission="partners.delete_contact",
        form=EraseForm,
        description=_("Name, address and phone go for good, also from the journal."),
        icon="person_remove",
        variant=ActionVariant.DANGER,
    )
    def erase(self, request: HttpRequest, contact: Contact, form: Any) -> str:
        operations.erase_contact(
            contact=contact,
            by=acting_user(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        return now("Erased.")
