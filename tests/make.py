"""Typed makers: one line for a row that a test needs.

Makers of plain rows write them directly; makers of *states* call operations. Each package adds its
own, by the word of its business.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from crm.reports.models import ReportDefinition, ReportSubscription
from crm.reports.operations import subscribing
from partners.models import Contact, Cooperation, Partner, StageTransition
from partners.stages import MoveKind, Stage

NUMBERS = count(1)
EARLY = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When made things began unless a test says otherwise."""


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


def partner(
    name: str = "",
    *,
    owner: User | None = None,
    team: Team | None = None,
    confidentiality: str = "public",
    domain: str = "",
    **fields: Any,
) -> Partner:
    """Make a partner; `fields` are further fields of the model."""
    number = next(NUMBERS)
    label = name or f"Partner {number}"
    made = Partner.objects.create(
        display_name=label,
        legal_name=fields.pop("legal_name", label),
        owner=owner,
        team=team,
        confidentiality=confidentiality,
        **fields,
    )
    if domain:
        made.domains.create(domain=domain, is_primary=True)
    return made


def contact(partner: Partner, name: str = "", **fields: Any) -> Contact:
    """Make a contact of a partner; `roles` is a list of `ContactRole`."""
    return Contact.objects.create(
        partner=partner, name=name or f"Contact {next(NUMBERS)}", **fields
    )


def cooperation(
    partner_: Partner | None = None,
    *,
    stage: str = Stage.FIRST_CONTACT,
    entered_at: datetime = EARLY,
    by: User | None = None,
    **fields: Any,
) -> Cooperation:
    """Make a cooperation that began in `stage` (an open one) at `entered_at`."""
    number = next(NUMBERS)
    owner = fields.pop("owner", None) or by or user(Role.ALLIANCE_MANAGER)
    made = Cooperation.objects.create(
        partner=partner_ or partner(owner=owner),
        code=fields.pop("code", f"C-{number}"),
        title=fields.pop("title", f"Cooperation {number}"),
        cooperation_type=fields.pop("cooperation_type", "ai_application"),
        next_step=fields.pop("next_step", "Call them"),
        stage_id=str(stage),
        stage_entered_at=entered_at,
        owner=owner,
        **fields,
    )
    StageTransition.objects.create(
        cooperation=made,
        to_stage_id=str(stage),
        kind=MoveKind.START,
        entered_at=entered_at,
        by=by or owner,
    )
    return made


def report(owner: User | None = None, **fields: Any) -> ReportDefinition:
    """Make a weekly report with the sections about partners."""
    number = next(NUMBERS)
    values: dict[str, Any] = {
        "code": f"report-{number}",
        "name": f"Report {number}",
        "audience": "executive",
        "sections": ["portfolio", "changes", "next-steps"],
    }
    return ReportDefinition.objects.create(
        owner=owner or user(), **{**values, **fields}
    )


def subscription(
    definition: ReportDefinition | None = None,
    *,
    at: datetime = EARLY,
    **fields: Any,
) -> ReportSubscription:
    """Make a subscription that began at `at`; for a new person unless fields say who."""
    if not {"person", "role", "team"} & set(fields):
        fields["person"] = user(Role.EXECUTIVE)
    definition = definition or report()
    return subscribing.subscribe(
        values={"definition": definition, **fields}, by=reports_manager(), at=at
    )


def reports_manager() -> User:
    """Make somebody who may manage reports of others."""
    return user(Role.ALLIANCE_DIRECTOR, Role.ADMINISTRATOR)
