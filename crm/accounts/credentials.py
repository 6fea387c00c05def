"""A token, the person behind it, and what decides how far that person sees and may: one statement.

Every request of a program asks this first. Nothing of it is remembered between requests: a token
revoked, a role taken away or a person deactivated counts at the next one.
"""

from functools import lru_cache
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Concat

from crm.accounts import policy
from crm.accounts.models import ApiToken, User
from crm.core.statements import TEXT, Statement

TOKEN = [field.attname for field in ApiToken._meta.concrete_fields]
OWNER = [field.attname for field in User._meta.concrete_fields]


def by_public_part(public: str) -> ApiToken | None:
    """Return the token with its owner, whose roles, team and permissions are read with it."""
    rows = _statement().run(public)
    return _made_of(rows[0]) if rows else None


def _made_of(row: tuple[Any, ...]) -> ApiToken:
    width = len(TOKEN)
    token: ApiToken = ApiToken.from_db("default", TOKEN, row[:width])
    owner = User.from_db("default", OWNER, row[width : width + len(OWNER)])
    team_path, roles, by_role, by_name = row[width + len(OWNER) :]
    policy.note_reach(owner, roles=roles, team_path=team_path)
    if owner.is_active and not owner.is_superuser:
        # where Django's ModelBackend keeps what it has read
        vars(owner)["_perm_cache"] = {*by_role, *by_name}
    token.owner = owner
    return token


@lru_cache(maxsize=1)
def _statement() -> Statement:
    named = Concat("content_type__app_label", Value("."), "codename")
    by_role = Permission.objects.filter(group__user=OuterRef("owner"))
    by_name = Permission.objects.filter(user=OuterRef("owner"))
    rows = ApiToken.objects.filter(public=TEXT).annotate(
        team_path=F("owner__team__path"),
        roles=ArraySubquery(
            Group.objects.filter(user=OuterRef("owner")).values("name")
        ),
        by_role=ArraySubquery(by_role.values(name_in_full=named)),
        by_name=ArraySubquery(by_name.values(name_in_full=named)),
    )
    columns = (*TOKEN, *(f"owner__{name}" for name in OWNER))
    return Statement.of(
        rows.values_list(*columns, "team_path", "roles", "by_role", "by_name")
    )
