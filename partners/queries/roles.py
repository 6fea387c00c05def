"""In which roles a person may approve and waive at one cooperation."""

from crm.accounts import policy
from crm.accounts.models import Team, User
from partners.models import Cooperation
from partners.stages import Role


def owner_id_of(cooperation: Cooperation) -> int | None:
    """Return who answers for a cooperation: its owner, else its partner's."""
    return cooperation.owner_id or cooperation.partner.owner_id


def holds_role(role: str, *, by: User, cooperation: Cooperation) -> bool:
    """Tell whether a person has an approver role here; the partner is loaded.

    Owner and team lead come from the cooperation (a lead of a team above counts), the
    others from the person's roles. Being a superuser gives none of them.
    """
    if role == Role.OWNER:
        return owner_id_of(cooperation) == by.pk
    if role == Role.TEAM_LEAD:
        return _leads(by, cooperation.team or cooperation.partner.team)
    return role in policy.reach_of(by).roles


def _leads(by: User, team: Team | None) -> bool:
    if team is None:
        return False
    if team.lead_id == by.pk:
        return True
    above = [int(part) for part in team.path.split("/") if part]
    return Team.objects.filter(pk__in=above, lead_id=by.pk).exists()
