"""The API doors of people and teams, and how tokens authenticate."""

from datetime import datetime

from django.db.models import QuerySet

from crm.accounts import operations
from crm.accounts.models import ApiToken, Team, User
from crm.web import api


class TokenAuthentication(api.BearerAuthentication):
    """Finds API tokens where people keep them."""

    def find(self, secret: str, *, address: str, at: datetime) -> ApiToken:
        """Return the usable token, its use noted.

        :raises TokenRefusedError: when there is none.
        """
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


urlpatterns = [
    *api.routes("teams", Teams),
    *api.routes("users", Users),
    *api.routes("tokens", Tokens),
    api.act("tokens/<int:pk>/revoke", TokenRevocations),
]
