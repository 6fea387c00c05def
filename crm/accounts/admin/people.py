"""People: invite, edit, give roles, hand over, deactivate; and the page about oneself."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold import widgets
from unfold.contrib.filters.admin import RelatedDropdownFilter

from crm.accounts import operations
from crm.accounts.admin import own_page, person_dialogs
from crm.accounts.admin.hand_over import HandOverPage
from crm.accounts.forms import currency_field, zone_field
from crm.accounts.models import Team, User
from crm.accounts.profiles import Profile
from crm.accounts.roles import Role
from crm.web.admin import OperationAdmin


class InviteForm(forms.ModelForm[User]):
    """Whom to invite, and what they will be."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        choices=Role.choices,
        required=False,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = User
        fields = ("email", "name", "team", "language")


class PersonForm(forms.ModelForm[User]):
    """Who somebody is; roles and address have buttons of their own."""

    time_zone = zone_field()
    currency = currency_field()

    class Meta:
        model = User
        fields = ("name", "team", "language")


@admin.register(User)
class PersonAdmin(person_dialogs.PersonDialogs, HandOverPage, OperationAdmin[User]):
    """People; those who left are shown to administrators and auditors only."""

    list_display = ("name", "email", "team", "roles", "state", "last_login")
    list_select_related = ("team",)
    list_filter = ("is_active", ("team", RelatedDropdownFilter), "groups")
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    autocomplete_fields = ("team",)
    add_fields = ("email", "name", "team", "language", "roles")
    fields = (
        "name",
        "email",
        "team",
        "roles",
        "state",
        "language",
        "time_zone",
        "currency",
        "last_login",
        "created_at",
    )
    readonly_fields = ("email", "roles", "state", "last_login", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> type[forms.ModelForm[User]]:
        kwargs["form"] = PersonForm if obj else InviteForm
        kwargs["fields"] = kwargs["form"].Meta.fields
        return super().get_form(request, obj, change=change, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("me/", self.admin_site.admin_view(own_page.show), name="accounts_me"),
            *self.hand_over_urls(),
            *super().get_urls(),
        ]

    def register(self, *, form: Any, by: User, at: datetime) -> User:
        values = form.cleaned_data
        return operations.invite_person(
            email=values["email"],
            name=values["name"],
            team=values["team"],
            language=values["language"],
            roles=values["roles"],
            by=by,
            at=at,
        ).person

    def edit(self, *, obj: User, form: Any, by: User, at: datetime) -> User:
        values = form.cleaned_data
        team: Team | None = values["team"]
        profile = Profile(
            name=values["name"],
            language=values["language"],
            time_zone=values["time_zone"],
            currency=values["currency"],
        )
        return operations.edit_person(
            person=obj, profile=profile, team=team, by=by, at=at
        )

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(
            str(Role(group.name).label)
            for group in person.groups.all()
            if group.name in Role.values
        )

    @admin.display(description=_("state"))
    def state(self, person: User) -> str:
        if person.deactivated_at is not None:
            return str(_("deactivated"))
        return str(_("active") if person.is_active else _("invited"))
