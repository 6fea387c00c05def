"""API tokens: issued here, shown once, revoked here."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    AccessToken,
    Application,
    Grant,
    IDToken,
    RefreshToken,
)
from unfold import widgets

from crm.accounts import operations, policy, tokens
from crm.accounts.models import ApiToken, User
from crm.accounts.roles import Role
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm

SHOWN_ONCE = "shown_once"

# a client is managed as the token that it is; nothing may be made past the operations
for model in (AccessToken, Application, Grant, IDToken, RefreshToken):
    admin.site.unregister(model)


class NewTokenForm(forms.ModelForm[ApiToken]):
    """What a new token may do, and for how long."""

    owner = forms.ModelChoiceField(
        label=_("acts as"),
        queryset=User.objects.none(),
        widget=widgets.UnfoldAdminSelectWidget,
    )
    scopes = forms.MultipleChoiceField(
        label=_("scopes"),
        choices=lambda: [
            (f"{area}:{act}", f"{area}:{act} ({label})")
            for area, label in tokens.AREAS.items()
            for act in (tokens.READ, tokens.WRITE)
        ],
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Writing in an area includes reading it."),
    )
    is_read_only = forms.BooleanField(
        label=_("read only"), required=False, widget=widgets.UnfoldBooleanSwitchWidget
    )
    networks = forms.CharField(
        label=_("allowed networks"),
        required=False,
        max_length=2000,
        widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One a line, in CIDR notation; none allows every address."),
    )
    is_client = forms.BooleanField(
        label=_("OAuth2 client"),
        required=False,
        widget=widgets.UnfoldBooleanSwitchWidget,
        help_text=_(
            "Gives an id and a secret, which the program trades for tokens that live "
            "an hour."
        ),
    )
    days = forms.IntegerField(
        label=_("valid for days"),
        min_value=1,
        max_value=operations.tokens.LONGEST.days,
        initial=90,
        widget=widgets.UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = ApiToken
        fields = ("name",)


@admin.register(ApiToken)
class ApiTokenAdmin(OperationAdmin[ApiToken]):
    """One's own tokens; administrators and auditors see all, and never a secret."""

    list_display = ("name", "start", "owner", "state", "expires_at", "latest_use_at")
    list_select_related = ("owner",)
    search_fields = ("name", "public", "owner__name", "owner__email")
    add_fields = (
        "name",
        "owner",
        "scopes",
        "is_read_only",
        "is_client",
        "networks",
        "days",
    )
    fields = (
        "name",
        "start",
        "owner",
        "state",
        "scopes",
        "is_read_only",
        "networks",
        "issued_by",
        "issued_at",
        "expires_at",
        "latest_use_at",
        "latest_use_from",
        "revoked_at",
    )
    readonly_fields = ("start", "state")
    actions_detail = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        return super().get_queryset(request).select_related("owner", "issued_by")

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.fields if obj else self.add_fields

    def get_readonly_fields(
        self, request: HttpRequest, obj: ApiToken | None = None
    ) -> Any:
        return self.readonly_fields if obj else ()

    def get_form(
        self,
        request: HttpRequest,
        obj: ApiToken | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> type[forms.ModelForm[ApiToken]]:
        if obj is not None:
            return super().get_form(request, obj, change=change, **kwargs)
        made = super().get_form(
            request,
            None,
            change=change,
            form=NewTokenForm,
            **{**kwargs, "fields": ("name",)},
        )
        owner: Any = made.base_fields["owner"]
        owner.queryset = possible_owners(acting_user(request))
        owner.initial = acting_user(request).pk
        return made

    def register(self, *, form: Any, by: User, at: datetime) -> ApiToken:
        values = form.cleaned_data
        issue = (
            operations.issue_client if values["is_client"] else operations.issue_token
        )
        token, shown = issue(
            owner=values["owner"],
            name=values["name"],
            scopes=values["scopes"],
            is_read_only=values["is_read_only"],
            networks=values["networks"].split(),
            expires_at=at + timedelta(days=values["days"]),
            by=by,
            at=at,
        )
        vars(token)[SHOWN_ONCE] = shown
        return token

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in this answer only: no redirect, no message, no session."""
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Copy the token now"),
            "token": obj,
            "shown": vars(obj).pop(SHOWN_ONCE),
            "opts": self.opts,
            "next": self.address_of("changelist"),
        }
        return TemplateResponse(
            request,
            "accounts/token.html",
            context,
            headers={"Cache-Control": "no-store, private"},
        )

    @admin.display(description=_("beginning"))
    def start(self, token: ApiToken) -> str:
        return f"{tokens.PREFIX}{token.public}…"

    @admin.display(description=_("state"))
    def state(self, token: ApiToken) -> str:
        if token.revoked_at is not None:
            return str(_("revoked"))
        is_over = token.expires_at <= timezone.now()
        return str(_("expired") if is_over else _("usable"))

    @dialogs.button(
        title=_("Revoke"),
        permission="accounts.change_apitoken",
        description=_("Programs that use it are refused at once, for good."),
        submit=_("Revoke"),
        icon="key_off",
    )
    def revoke(self, request: HttpRequest, token: ApiToken, form: DialogForm) -> str:
        operations.revoke_token(token=token, by=acting_user(request), at=timezone.now())
        return str(_("The token is revoked."))


def possible_owners(person: User) -> QuerySet[User]:
    """Return whom this person may issue tokens for."""
    may = Q(pk=person.pk)
    if Role.ADMINISTRATOR in policy.reach_of(person).roles:
        programs = User.objects.filter(groups__name=Role.INTEGRATION)
        may |= Q(pk__in=programs.values("pk"))
    return User.objects.filter(may, is_active=True).order_by("name", "pk")
