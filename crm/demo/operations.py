"""Fill an empty database with people, partners and cooperations that tell a story.

Everything goes through the operations that people use, with the dates of the story.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm.accounts import operations as accounts
from crm.accounts.models import Team, User
from crm.core.errors import DomainError
from crm.demo import (
    consumption,
    documents,
    metered,
    people,
    promises,
    rates,
    reports,
    sheets,
    story,
    together,
    trades,
    training,
    watching,
    world,
)
from crm.demo.models import DemoSeed

Say = Callable[[str], None]


class DemoRefusedError(DomainError):
    """Demo data does not belong into this database."""

    code = "demo.refused"


@transaction.atomic
def seed_demo(*, seed: int, at: datetime, say: Say) -> bool:
    """Fill the database with the demo, all or nothing; False when it is there already.

    :param seed: the same seed and day give the same story.
    :param at: now; the story ends today, so that this week has something to tell.
    :param say: told what is being done, for the person who waits.
    :raises DemoRefusedError: in production mode, or when other people are in already.
    """
    if settings.IS_PRODUCTION:
        raise DemoRefusedError(
            _("The demo is not for production: its passwords are known.")
        )
    if DemoSeed.objects.exists():
        return False
    if User.objects.exists():
        raise DemoRefusedError(
            _("There are people in this database already; the demo needs an empty one.")
        )
    DemoSeed.objects.create(seed=seed, filled_at=at)
    with translation.override("en"):
        say(_("People and teams"))
        cast = bring_people(at=at)
        say(_("Exchange rates"))
        rates.bring(at=at)
        say(_("Partners and cooperations"))
        story.Story(cast=cast, seed=seed, at=at).tell(
            real=world.REAL, invented=world.INVENTED
        )
        bring_deals(cast=cast, seed=seed, at=at, say=say)
        say(_("What both sides promised and reviewed"))
        together.Together(cast=cast, seed=seed, at=at).tell()
        documents.Documents(cast=cast, at=at).attach()
        sheets.bring(cast=cast, at=at)
        _tell_what_follows(cast, seed=seed, at=at, say=say)
    return True


def _tell_what_follows(
    cast: dict[str, User], *, seed: int, at: datetime, say: Say
) -> None:
    """Bring usage in, then all that stands on it."""
    say(_("Two years of cloud usage"))
    consumption.Consumption(cast=cast, seed=seed, at=at).bring(metered.SOURCES)
    say(_("Commitments and targets"))
    promises.Promises(cast=cast, at=at).bring()
    say(_("Models, scenarios and feedback"))
    training.Training(cast=cast, seed=seed, at=at).tell()
    say(_("Health and risk"))
    watching.look(at=at)
    say(_("Reports by mail"))
    reports.bring(cast=cast, at=at)


def bring_deals(*, cast: dict[str, User], seed: int, at: datetime, say: Say) -> None:
    """Let deals happen day by day, and keep each week's end."""
    say(_("Deals, and the end of every week"))
    trades.Trades(cast=cast, seed=seed, at=at).bring()


def bring_people(*, at: datetime) -> dict[str, User]:
    """Make the teams and one person for every role; return them by key."""
    teams: dict[str, Team] = {}
    for team in people.TEAMS:
        parent = teams[team.parent] if team.parent else None
        teams[team.name] = accounts.register_team(
            name=team.name, parent=parent, by=None, at=at
        )
    # hashing is slow on purpose, and all of them have the one password that everybody may know
    password = make_password(people.PASSWORD)
    cast = {
        each.key: _bring_person(each, teams[each.team], password=password)
        for each in people.PEOPLE
    }
    for team in people.TEAMS:
        accounts.set_lead(team=teams[team.name], lead=cast[team.lead], by=None, at=at)
    return cast


def _bring_person(each: people.DemoPerson, team: Team, *, password: str) -> User:
    person = User(
        email=each.email,
        name=each.name,
        team=team,
        language=each.language,
        time_zone=each.time_zone,
        currency=each.currency,
        password=password,
    )
    person.save()
    person.groups.set(Group.objects.filter(name__in=each.roles))
    return person
