"""The person behind a request, with what decides how far that person sees and may: one statement.

Every request asks this first: one of a program by its token, one of a browser by its session. Nothing
of it is remembered between requests: a token revoked, a role taken away or a person deactivated
counts at the next one.
"""

from functools import lru_cache
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Concat

from crm.accounts import policy
from crm.accounts.models import ApiToken, User
from crm.core.statements import NUMBER, TEXT, Statement

TOKEN = [field.attname for field in ApiToken._meta.concrete_fields]
PERSON = [field.attname for field in User._meta.concrete_fields]
REACH = ("team_path", "roles", "by_role", "by_name")


def by_public_part(public: str) -> ApiToken | None:
    """Return the token with its owner, whose roles, team and permissions are read with it."""
    rows = _of_token().run(public)
    if not rows:
        return None
    width = len(TOKEN)
    token: ApiToken = ApiToken.from_db("default", TOKEN, rows[0][:width])
    token.owner = _made_of(rows[0][width:])
    return token


def by_key(pk: int) -> User | None:
    """Return the person, whose roles, team and permissions are read with them."""
    rows = _of_person().run(pk)
    return _made_of(rows[0]) if rows else None


def _made_of(row: tuple[Any, ...]) -> User:
    person: User = User.from_db("default", PERSON, row[: len(PERSON)])
    team_path, roles, by_role, by_name = row[len(PERSON) :]
    policy.note_reach(person, roles=roles, team_path=team_path)
    if person.is_active and not person.is_superuser:
        # where Django's ModelBackend keeps what it has read
        vars(person)["_perm_cache"] = {*by_role, *by_name}
    return person


@lru_cache(maxsize=1)
def _of_token() -> Statement:
    rows = ApiToken.objects.filter(public=TEXT).annotate(**_reach("owner"))
    columns = (*TOKEN, *(f"owner__{name}" for name in PERSON))
    return Statement.of(rows.values_list(*columns, *REACH))


@lru_cache(maxsize=1)
def _of_person() -> Statement:
    rows = User.objects.filter(pk=NUMBER).annotate(**_reach("pk"))
    return Statement.of(rows.values_list(*PERSON, *REACH))


def _reach(person: str) -> dict[str, Any]:
    """Return what is read beside a person.

    :param person: the column with the person's key.
    """
    named = Concat("content_type__app_label", Value("."), "codename")
    by_role = Permission.objects.filter(group__user=OuterRef(person))
    by_name = Permission.objects.filter(user=OuterRef(person))
    team = "team__path" if person == "pk" else f"{person}__team__path"
    return {
        "team_path": F(team),
        "roles": ArraySubquery(
            Group.objects.filter(user=OuterRef(person)).values("name")
        ),
        "by_role": ArraySubquery(by_role.values(name_in_full=named)),
        "by_name": ArraySubquery(by_name.values(name_in_full=named)),
    }
