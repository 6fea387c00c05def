"""The API doors of people and teams, and how tokens authenticate."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from oauth2_provider.views import RevokeTokenView, TokenView
from rest_framework.exceptions import Throttled

from crm.accounts import oauth, operations
from crm.accounts.models import ApiToken, Team, User
from crm.web import api, clients
from crm.web.api import problems


class TokenAuthentication(api.BearerAuthentication):
    """Finds API tokens where people keep them."""

    def find(
        self, secret: str, *, address: str, at: datetime
    ) -> ApiToken | oauth.Granted:
        """Return the usable token, its use noted; also one that a client traded for.

        :raises TokenRefusedError: when there is none.
        """
        if secret.startswith(oauth.PREFIX):
            return operations.authenticate_granted(text=secret, address=address, at=at)
        return operations.authenticate_token(text=secret, address=address, at=at)


class TeamShape(api.Shape[Team]):
    """A team in the tree."""

    class Meta:
        model = Team
        fields = ("id", "name", "parent_id", "path", "lead_id")


class UserShape(api.Shape[User]):
    """A person."""

    team = TeamShape(read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "name",
            "team_id",
            "language",
            "time_zone",
            "currency",
            "is_active",
            "team",
        )


class TeamFilters(api.Filters):
    class Meta:
        model = Team
        fields = {
            "id": ["in"],
            "name": ["exact", "icontains"],
            "parent_id": ["exact", "in", "isnull"],
            "path": ["startswith"],
        }


class UserFilters(api.Filters):
    class Meta:
        model = User
        fields = {
            "id": ["in"],
            "email": ["iexact"],
            "name": ["exact", "icontains"],
            "team_id": ["exact", "in", "isnull"],
            "is_active": ["exact"],
        }


class Teams(api.Resource[Team]):
    """Teams of the alliances organisation."""

    plural = "teams"
    access = api.Access("people", read="accounts.view_team")
    shape = TeamShape
    filters = TeamFilters
    orderings = ("id", "name", "path", "parent_id")

    def rows(self) -> QuerySet[Team]:
        return Team.objects.visible_to(self.user)


class Users(api.Resource[User]):
    """People who work with the product."""

    plural = "users"
    access = api.Access("people", read="accounts.view_user")
    shape = UserShape
    filters = UserFilters
    orderings = ("id", "name", "email")

    def rows(self) -> QuerySet[User]:
        return User.objects.visible_to(self.user)


class TokenShape(api.Shape[ApiToken]):
    """An API token; its text was shown once and is not kept."""

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "public",
            "owner_id",
            "scopes",
            "is_read_only",
            "networks",
            "issued_at",
            "expires_at",
            "latest_use_at",
            "latest_use_from",
            "revoked_at",
        )


class Tokens(api.Resource[ApiToken]):
    """One's own API tokens."""

    plural = "tokens"
    access = api.Access("people")
    shape = TokenShape
    orderings = ("id", "expires_at")

    def rows(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(owner=self.user)


class TokenRevocations(api.Act[ApiToken]):
    """End one of one's own tokens for good, for example because it leaked."""

    plural = "token-revocations"
    access = api.Access("people", add=api.anyone)
    shape = TokenShape
    given = api.Given

    def rows(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(owner=self.user)

    def act(
        self, row: ApiToken, given: dict[str, object], *, by: User, at: datetime
    ) -> ApiToken:
        return operations.revoke_token(token=row, by=by, at=at)


class OAuthDoor(api.Door):
    """One address of RFC 6749, which answers in its own form: `{"error": …}`."""

    access = api.Access("none")
    schema = None  # type: ignore[assignment]  # described by the security scheme
    view: type[Any]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let the toolkit answer; too many failures from one address are paused."""
        answer = self.view.as_view()(request)
        try:
            if answer.status_code in {400, 401}:
                api.count_failure(clients.address_of(request))
        except Throttled as pause:
            problem = problems.problem_of(pause) or problems.ProblemError(429)
            return problems.answer(problem, instance=request.path)
        return problems.ProblemAnswer(
            answer.content, status=answer.status_code, headers=dict(answer.headers)
        )


class OAuthToken(OAuthDoor):
    """Trade client id and secret for a token that lives an hour (client credentials)."""

    view = TokenView


class OAuthRevocation(OAuthDoor):
    """End such a token before its time (RFC 7009)."""

    view = RevokeTokenView


urlpatterns = [
    *api.routes("teams", Teams),
    *api.routes("users", Users),
    *api.routes("tokens", Tokens),
    api.act("tokens/<int:pk>/revoke", TokenRevocations),
]

oauth_patterns = [
    path("token/", OAuthToken.as_view(), name="oauth-token"),
    path("revoke/", OAuthRevocation.as_view(), name="oauth-revoke"),
]
