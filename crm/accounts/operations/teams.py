"""Register, rename and move teams, and name who leads them."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import Team, User
from crm.accounts.operations import authority
from crm.core.errors import DomainError
from crm.journal import operations as journal

DEEPEST = 12
HOLD_TREE = "SELECT pg_advisory_xact_lock(hashtext('accounts_team.path'))"


class TeamRefusedError(DomainError):
    """The tree of teams cannot be changed in this way."""

    code = "team.refused"


class TeamInputError(DomainError):
    """A team cannot have this name."""

    code = "team.input"
    is_input = True


@transaction.atomic
def register_team(
    *, name: str, by: User | None, at: datetime, parent: Team | None = None
) -> Team:
    """Add a team, at the top or below another.

    :raises TeamInputError: when the name is empty, too long or taken (in any case of letters).
    :raises TeamRefusedError: when the tree would grow deeper than 12 levels.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    _hold_tree()
    name = _free_name(name)
    if parent is not None:
        _depth_or_refuse(Team.objects.get(pk=parent.pk), levels=1)
    team = Team.objects.create(name=name, parent=parent)
    team.refresh_from_db()
    new = {"name": name, "parent": parent.pk if parent else None}
    journal.record(kind="team.registered", subject=team, by=by, at=at, new=new)
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: User | None, at: datetime) -> Team:
    """Give a team another name; the same name changes nothing.

    :raises TeamInputError: when the name is empty, too long or taken by another team.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    _hold_tree()
    team = _locked(team)
    name, old = _free_name(name, besides=team), team.name
    if name == old:
        return team
    team.name = name
    team.save(update_fields=["name"])
    journal.record(
        kind="team.renamed",
        subject=team,
        by=by,
        at=at,
        old={"name": old},
        new={"name": name},
    )
    return team


@transaction.atomic
def move_team(*, team: Team, to: Team | None, by: User | None, at: datetime) -> Team:
    """Put a team with all below it under another, or at the top; visibility follows at once.

    :raises TeamRefusedError: when `to` is the team itself or below it, or too deep.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    _hold_tree()
    team, old = _locked(team), _locked(team).parent_id
    if old == (to.pk if to else None):
        return team
    if to is not None:
        _place_or_refuse(team, Team.objects.get(pk=to.pk))
    team.parent = to
    team.save(update_fields=["parent"])
    team.refresh_from_db()
    journal.record(
        kind="team.moved",
        subject=team,
        by=by,
        at=at,
        old={"parent": old},
        new={"parent": team.parent_id},
    )
    return team


@transaction.atomic
def set_lead(*, team: Team, lead: User | None, by: User | None, at: datetime) -> Team:
    """Name who leads the team, or nobody.

    :raises TeamRefusedError: when the person is not active.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    authority.administrator_or_refuse(by)
    if lead is not None and not authority.lock_person(lead).is_active:
        raise TeamRefusedError(_("%(person)s is not active.") % {"person": lead})
    team = _locked(team)
    old = team.lead_id
    if old == (lead.pk if lead else None):
        return team
    team.lead = lead
    team.save(update_fields=["lead"])
    journal.record(
        kind="team.lead-changed",
        subject=team,
        by=by,
        at=at,
        old={"lead": old},
        new={"lead": team.lead_id},
    )
    return team


@transaction.atomic
def edit_team(
    *,
    team: Team,
    name: str,
    parent: Team | None,
    lead: User | None,
    by: User | None,
    at: datetime,
) -> Team:
    """Rename, move and name the lead together; what is the same changes nothing.

    :raises TeamInputError: as `rename_team`.
    :raises TeamRefusedError: as `move_team` and `set_lead`.
    :raises AdministratorOnlyRefusedError: when `by` is none.
    """
    rename_team(team=team, name=name, by=by, at=at)
    move_team(team=team, to=parent, by=by, at=at)
    return set_lead(team=team, lead=lead, by=by, at=at)


def _hold_tree() -> None:
    """Let changes of the tree happen one after the other; the trigger takes the same lock."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD_TREE)


def _locked(team: Team) -> Team:
    return Team.objects.select_for_update(of=("self",)).get(pk=team.pk)


def _free_name(name: str, *, besides: Team | None = None) -> str:
    name = name.strip()
    if not 0 < len(name) <= 120:
        raise TeamInputError(_("A team's name has 1 to 120 characters."))
    others = Team.objects.exclude(pk=besides.pk) if besides else Team.objects.all()
    if others.filter(name__iexact=name).exists():
        raise TeamInputError(
            _("There is a team named %(name)s already.") % {"name": name}
        )
    return name


def _place_or_refuse(team: Team, to: Team) -> None:
    if to.path.startswith(team.path):
        raise TeamRefusedError(
            _("%(team)s cannot stand below %(to)s, which belongs to it.")
            % {"team": team, "to": to},
            code="team.circle",
        )
    paths = Team.objects.filter(path__startswith=team.path).values_list(
        "path", flat=True
    )
    below = max(_depth(path) for path in paths) - _depth(team.path)
    _depth_or_refuse(to, levels=1 + below)


def _depth_or_refuse(parent: Team, *, levels: int) -> None:
    if _depth(parent.path) + levels > DEEPEST:
        raise TeamRefusedError(
            _("Teams can be nested %(levels)d levels deep.") % {"levels": DEEPEST},
            code="team.too-deep",
        )


def _depth(path: str) -> int:
    return path.count("/") - 1
