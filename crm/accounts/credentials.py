"""The person behind a request, with what decides how far that person sees and may: one statement.

Every request asks this first: one of a program by its token, one of a browser by its session. Nothing
of it is remembered between requests: a token revoked, a role taken away or a person deactivated
counts at the next one. Only what the permissions are called is kept; the statement brings their numbers.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet

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
        vars(person)["_perm_cache"] = _called((*by_role, *by_name))
    return person


def _called(numbers: Iterable[int]) -> set[str]:
    """Return what permissions are called; a number that is not known yet is new."""
    if not names_of_permissions().keys() >= set(numbers):
        names_of_permissions.cache_clear()
    names = names_of_permissions()
    return {names[number] for number in numbers if number in names}


@lru_cache(maxsize=1)
def names_of_permissions() -> dict[int, str]:
    """Return all permissions by number: `partners.view_partner`."""
    rows = Permission.objects.order_by().values_list(
        "pk", "content_type__app_label", "codename"
    )
    return {number: f"{app}.{name}" for number, app, name in rows}


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
    to_roles: QuerySet[Any] = QuerySet(Group.permissions.through)
    to_people: QuerySet[Any] = QuerySet(User.user_permissions.through)
    by_role = to_roles.filter(group__user=OuterRef(person))
    by_name = to_people.filter(user=OuterRef(person))
    mine = Group.objects.filter(user=OuterRef(person))
    return {
        "team_path": F("team__path" if person == "pk" else f"{person}__team__path"),
        "roles": ArraySubquery(mine.values("name")),
        "by_role": ArraySubquery(by_role.values("permission_id")),
        "by_name": ArraySubquery(by_name.values("permission_id")),
    }
