"""Give scenarios and feedback to another owner, when somebody leaves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from crm.accounts.models import User
from crm.core import versions
from partners.ai.models import Feedback, Scenario
from partners.models import Cooperation
from partners.operations.changes import Act


def hand_over_scenarios(
    *, rows: Iterable[Scenario], to: User, by: User, at: datetime
) -> None:
    """Give each locked scenario to this person."""
    for scenario in rows:
        _give(scenario, scenario.cooperation, to=to, by=by, at=at)


def hand_over_feedback(
    *, rows: Iterable[Feedback], to: User, by: User, at: datetime
) -> None:
    """Give each locked feedback to this person."""
    for feedback in rows:
        _give(feedback, feedback.scenario.cooperation, to=to, by=by, at=at)


def _give(row: Any, of: Cooperation, *, to: User, by: User, at: datetime) -> None:
    old = {"owner": row.owner_id}
    versions.advance(row, expected=None, owner=to)
    Act(by, at, of.partner_id, of.pk).record(
        f"{row._meta.model_name}.owner-changed", row, old=old, new={"owner": to}
    )
