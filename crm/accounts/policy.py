"""Who sees which partner, person and team: the one policy of all doors, as query conditions.

Permissions (what a role may do at all) are Django's and come from `roles`; this module decides on
which rows. The two are asked together and neither replaces the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

from crm.accounts.roles import Role

PUBLIC = "public"
NDA = "nda"
RESTRICTED = "restricted"

SEEN_BY_ROLE: dict[str, frozenset[str]] = {
    PUBLIC: frozenset(Role.values),
    NDA: frozenset({Role.EXECUTIVE, Role.FINANCE, Role.LEGAL, Role.AUDITOR}),
    RESTRICTED: frozenset({Role.ALLIANCE_DIRECTOR, Role.EXECUTIVE, Role.AUDITOR}),
}
"""Which roles see every partner of a confidentiality, wherever it belongs."""

SEEN_BY_TEAM = (PUBLIC, NDA)
"""What a team sees of its own partners and of those of the teams below it."""

SEES_ALL_PEOPLE = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles that also see people who have left and other people's invitations and tokens."""

CACHE = "reach"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one person sees; what the visibility conditions are made of.

    `team_path` is "/1/4/", or "" without a team. `is_superuser` opens Django's permission checks
    only: no visibility condition reads it. Whoever is not active has no role and no team here.
    """

    user_id: int | None
    roles: frozenset[str] = frozenset()
    team_path: str = ""
    is_superuser: bool = False
    is_active: bool = True

    def has_any(self, roles: frozenset[Any]) -> bool:
        """Tell whether the person holds one of these roles."""
        return not self.roles.isdisjoint(roles)


NOBODY = Reach(user_id=None, is_active=False)


def reach_of(user: AbstractBaseUser | AnonymousUser) -> Reach:
    """Return how far this person sees, by one query, remembered on the object.

    State is read from the database, not from the object, so a person who was deactivated a moment
    ago sees nothing. Nobody and people who are not active have an empty reach.
    """
    if not isinstance(user, AbstractBaseUser) or user.pk is None:
        return NOBODY
    known = vars(user).get(CACHE)
    if not isinstance(known, Reach):
        known = vars(user)[CACHE] = _read(user)
    return known


def note_reach(
    user: AbstractBaseUser, *, roles: Iterable[str], team_path: str | None
) -> None:
    """Remember how far a person sees who has just been read, and these with them."""
    row: Any = user
    vars(user)[CACHE] = (
        Reach(
            user_id=row.pk,
            roles=frozenset(roles),
            team_path=team_path or "",
            is_superuser=row.is_superuser,
        )
        if row.is_active
        else Reach(user_id=row.pk, is_active=False)
    )


def forget_reach(user: AbstractBaseUser) -> None:
    """Read roles and team again at the next question; for those who change them."""
    vars(user).pop(CACHE, None)


def partner_visibility(reach: Reach, prefix: str = "") -> Q:
    """Return the condition under which this person sees a partner.

    - public: every role;
    - under NDA: the team line (the person's team is the partner's team or above it), executive,
      finance, legal and auditor;
    - restricted: alliance director, executive and auditor;
    - any: the partner's owner and the people named on it.

    The condition never multiplies rows (named people are asked by a sub-select), so no `distinct`
    is needed, and it is safe to combine with `|`.

    :param prefix: the way from the queried model to the partner, for example `cooperation__partner__`;
        the partner has `owner`, `team`, `confidentiality` and `named_people`.
    """
    if not reach.is_active:
        return Q(pk__in=[])
    levels = [level for level, roles in SEEN_BY_ROLE.items() if reach.has_any(roles)]
    if len(levels) == len(SEEN_BY_ROLE):
        return Q(**{f"{prefix}pk__isnull": False})
    seen = Q(**{f"{prefix}owner_id": reach.user_id})
    seen |= Q(_NamedOnPartner(prefix, reach.user_id))
    if levels:
        seen |= Q(**{f"{prefix}confidentiality__in": levels})
    if reach.team_path:
        seen |= Q(
            **{
                f"{prefix}team__path__startswith": reach.team_path,
                f"{prefix}confidentiality__in": SEEN_BY_TEAM,
            }
        )
    return seen


def people_visibility(reach: Reach) -> Q:
    """Return the condition under which this person sees another: colleagues by name, all by role."""
    if not reach.is_active:
        return Q(pk__in=[])
    if reach.has_any(SEES_ALL_PEOPLE):
        return Q(pk__isnull=False)
    return Q(is_active=True)


def team_visibility(reach: Reach) -> Q:
    """Return the condition under which this person sees a team: the tree is open to colleagues."""
    return Q(pk__isnull=False) if reach.is_active else Q(pk__in=[])


def entries_of_no_partner(user: AbstractBaseUser | AnonymousUser) -> Q:
    """Return the condition under which this person reads journal entries about no partner."""
    reach = reach_of(user)
    is_open = reach.is_active and reach.has_any(SEES_ALL_PEOPLE)
    return Q(partner_id__isnull=True) if is_open else Q(pk__in=[])


def own_or_all(reach: Reach, owner: str) -> Q:
    """Return the condition for rows private to one person: theirs, or all by role.

    :param owner: the field that names the person, for example `owner`.
    """
    if not reach.is_active:
        return Q(pk__in=[])
    if reach.has_any(SEES_ALL_PEOPLE):
        return Q(pk__isnull=False)
    return Q(**{f"{owner}_id": reach.user_id})


def _read(user: AbstractBaseUser) -> Reach:
    people: QuerySet[Any] = QuerySet(user._meta.model)
    rows = list(
        people.filter(pk=user.pk, is_active=True).values_list(
            "is_superuser", "team__path", "groups__name"
        )
    )
    if not rows:
        return Reach(user_id=user.pk, is_active=False)
    is_superuser, team_path, _ = rows[0]
    return Reach(
        user_id=user.pk,
        roles=frozenset(name for _, _, name in rows if name),
        team_path=team_path or "",
        is_superuser=is_superuser,
    )


class _NamedOnPartner:
    """The condition "this person is named on the partner", found from the model that is queried.

    A plain `named_people=…` joins one row per named person and so doubles partners once it stands
    beside another condition. The policy does not know the partner's model; the query does.
    """

    conditional = True

    def __init__(self, prefix: str, user_id: int | None) -> None:
        self.prefix = prefix
        self.user_id = user_id

    def resolve_expression(
        self,
        query: Query,
        allow_joins: bool = True,  # noqa: FBT001, FBT002  Django's own signature
        reuse: set[str] | None = None,
        summarize: bool = False,  # noqa: FBT001, FBT002  Django's own signature
        for_save: bool = False,  # noqa: FBT001, FBT002  Django's own signature
    ) -> WhereNode:
        named: Any = self._partner_model(query)._meta.get_field("named_people")
        on_partner, on_person = named.m2m_field_name(), named.m2m_reverse_field_name()
        rows: QuerySet[Any] = QuerySet(named.remote_field.through)
        mine = rows.filter(**{f"{on_person}_id": self.user_id}).values(on_partner)
        condition = Q(**{f"{self.prefix}pk__in": mine})
        return condition.resolve_expression(
            query, allow_joins, reuse, summarize, for_save
        )

    def _partner_model(self, query: Query) -> type[Model]:
        model: Any = query.model
        for step in filter(None, self.prefix.split("__")):
            model = model._meta.get_field(step).related_model
        return model  # type: ignore[no-any-return]  # found by name
