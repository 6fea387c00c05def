"""People and cooperations that tests of partners share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from crm.accounts.models import Team, User
from crm.accounts.roles import Role
from partners import gates
from partners.apps import EVIDENCE
from partners.models import Cooperation
from partners.stages import Stage
from tests import make
from tests.make import EARLY

READY = {
    "next_step": "Send the draft",
    "next_step_due_on": date(2026, 2, 1),
    "business_problem": "Drivers ask for an assistant that knows the car.",
    "use_case": "In-car assistant",
    "expected_monthly_spend": 100_000,
    "fit_score": 80,
    "scope": "Cockpit",
    "working_group": "Two people of each side",
    "success_measures": "Answers in a second",
    "agreement_target_on": date(2026, 6, 1),
    "security_review": "passed",
    "steering_committee": "Both chief technology officers",
    "steering_rhythm": "monthly",
    "has_no_commitment": True,
    "production_plan": "Roll out with the new series",
    "production_planned_on": date(2026, 9, 1),
    "production_cost": 500_000,
}
"""Everything that gates ask of the fields of a cooperation."""


@dataclass(frozen=True)
class People:
    """Who approves and waives at a cooperation of Anna's team."""

    team: Team
    anna: User
    lead: User
    director: User
    vice: User
    legal: User
    tech: User


@pytest.fixture
def people(db: None) -> People:
    lead = make.user(Role.ALLIANCE_MANAGER)
    team = make.team(lead=lead)
    return People(
        team=team,
        anna=make.user(Role.ALLIANCE_MANAGER, team=team),
        lead=lead,
        director=make.user(Role.ALLIANCE_DIRECTOR),
        vice=make.user(Role.EXECUTIVE),
        legal=make.user(Role.LEGAL),
        tech=make.user(Role.TECHNICAL_LEAD),
    )


Ready = Callable[..., Cooperation]


@pytest.fixture
def ready(people: People) -> Ready:
    """Make a cooperation that has all its partner registry can show at any gate."""

    def make_ready(stage: str = Stage.FIRST_CONTACT, **fields: Any) -> Cooperation:
        partner = make.partner(
            owner=people.anna,
            team=people.team,
            industry="automotive",
            country="DE",
            domain=f"partner{next(make.NUMBERS)}.example",
            our_sponsor=people.vice,
        )
        make.contact(partner, roles=["executive_sponsor"])
        made = make.cooperation(
            partner, stage=stage, owner=people.anna, **{**READY, **fields}
        )
        partner.activities.create(
            cooperation=made,
            kind="meeting",
            happened_at=EARLY + timedelta(hours=1),
            summary="First talk",
            logged_by=people.anna,
        )
        return made

    return make_ready


@pytest.fixture
def only_own_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only the evidence of the partner registry, as without usage and deals."""
    own = {kind.code: kind for kind in gates.kinds() if kind.code in EVIDENCE}
    monkeypatch.setattr(gates, "_kinds", own)
