"""Typed makers: one line for a row that a test needs.

Makers of plain rows write them directly; makers of *states* call operations. Each package adds its
own, by the word of its business.
"""

from itertools import count

from django.contrib.auth.models import Group

from crm.accounts.models import Team, User
from crm.accounts.roles import Role

NUMBERS = count(1)


def team(
    name: str = "", *, parent: Team | None = None, lead: User | None = None
) -> Team:
    """Make a team; its path is read back from the database."""
    made = Team.objects.create(
        name=name or f"Team {next(NUMBERS)}", parent=parent, lead=lead
    )
    made.refresh_from_db()
    return made


def user(
    *roles: str,
    email: str = "",
    name: str = "",
    team: Team | None = None,
    password: str | None = None,
    is_active: bool = True,
    language: str = "en",
) -> User:
    """Make a person with these roles; without `password` nobody can log in as them."""
    number = next(NUMBERS)
    made = User(
        email=email or f"person{number}@example.com",
        name=name or f"Person {number}",
        team=team,
        is_active=is_active,
        language=language,
    )
    made.set_password(password)
    made.save()
    made.groups.set(Group.objects.filter(name__in=roles))
    return made


def administrator(*, email: str = "", password: str | None = None) -> User:
    """Make an administrator."""
    return user(Role.ADMINISTRATOR, email=email, password=password)
