"""The ladder of a cooperation: its stages, the moves between them and their clocks.

Which moves are allowed, who approves them and what their gates ask for is data
(`StageTransitionRule`); this module holds the words and the arithmetic, no database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """Codes of the stages the product is delivered with; the ladder itself is data."""

    FIRST_CONTACT = "first_contact", _("First contact")
    QUALIFIED = "qualified", _("Qualified")
    MOU = "mou", _("MoU")
    STRATEGIC_AGREEMENT = "strategic_agreement", _("Strategic agreement")
    JOINT_POC = "joint_poc", _("Joint PoC")
    PRODUCTION = "production", _("Production")
    EXPANSION = "expansion", _("Expansion")
    COMPLETED = "completed", _("Completed")
    TERMINATED = "terminated", _("Terminated")


class StageType(models.TextChoices):
    """Whether work goes on in a stage, or how it ended."""

    OPEN = "open", _("open")
    COMPLETED = "completed", _("ended as planned")
    TERMINATED = "terminated", _("ended early")


class MoveKind(models.TextChoices):
    """What sort of step a move is."""

    START = "start", _("start")
    ADVANCE = "advance", _("advance")
    SKIP = "skip", _("skip")
    REGRESS = "regress", _("regress")
    COMPLETE = "complete", _("complete")
    TERMINATE = "terminate", _("terminate")
    REOPEN = "reopen", _("reopen")
    CONFIRM = "confirm", _("confirm")


class Role(models.TextChoices):
    """Who approves moves and waives criteria.

    Owner and team lead belong to the cooperation; the others are roles of people.
    """

    OWNER = "owner", _("owner")
    TEAM_LEAD = "team_lead", _("team lead")
    ALLIANCE_DIRECTOR = "alliance_director", _("alliance director")
    EXECUTIVE = "executive", _("executive (VP)")
    LEGAL = "legal", _("legal")
    TECHNICAL_LEAD = "technical_lead", _("technical lead")


class ClosedReason(models.TextChoices):
    """Why a cooperation ended; the first two are for ends as planned."""

    TRANSFORMED = "transformed", _("Transformed into another cooperation")
    EXITED = "exited", _("Ended as planned")
    NO_BUDGET = "no_budget", _("No budget")
    CANCELLED = "cancelled_or_delayed", _("Cancelled or delayed")
    REGULATORY = "legal_regulatory", _("Legal or regulatory")
    COMPETITOR = "competitor", _("Lost to a competitor")
    PRICE = "price", _("Price")
    SECURITY = "security", _("Security")
    TECHNICAL_LIMITS = "technical_limits", _("Technical limits")
    GOVERNANCE = "people_governance", _("People or governance")
    PRODUCT_GAP = "product_gap", _("Product gap")
    OTHER = "other", _("Other")


AS_PLANNED = (ClosedReason.TRANSFORMED, ClosedReason.EXITED)
EARLY = tuple(reason for reason in ClosedReason if reason not in AS_PLANNED)
CLOSING = (MoveKind.COMPLETE, MoveKind.TERMINATE)
FORWARD = (MoveKind.ADVANCE, MoveKind.SKIP)
DAY = timedelta(days=1)


def is_in_time(*, within_days: int | None, closed_at: datetime, at: datetime) -> bool:
    """Tell whether a closed cooperation may still be reopened at `at` (bound included)."""
    return within_days is None or at - closed_at <= within_days * DAY


def time_in_stage(
    *, entered_at: datetime, until: datetime, held: timedelta
) -> timedelta:
    """Length of a stay without the time it was on hold (DOMAIN: end − entered − held)."""
    return max(until - entered_at - held, timedelta())


def overlap(
    *, began_at: datetime, ended_at: datetime | None, start: datetime, end: datetime
) -> timedelta:
    """Length of the part of one hold that lies between `start` and `end`."""
    latest_start = max(began_at, start)
    earliest_end = end if ended_at is None else min(ended_at, end)
    return max(earliest_end - latest_start, timedelta())


class Pace(models.TextChoices):
    """How a stay compares with the days its stage is expected to take."""

    GREEN = "green", _("on time")
    AMBER = "amber", _("late")
    RED = "red", _("stalled")


@dataclass(frozen=True)
class StallLimits:
    """Where amber and red begin (DOMAIN 4.2 "Stalled"); ratios are of the expected days."""

    amber_ratio: float = 1.0
    red_ratio: float = 1.5
    next_step_overdue_days: int = 7
    silent_days: int = 21


def pace_of(
    *, days: float, expected_days: int | None, limits: StallLimits | None = None
) -> Pace:
    """Judge days in stage; a stage without expected days is never late."""
    limits = limits or StallLimits()
    if expected_days is None or days <= limits.amber_ratio * expected_days:
        return Pace.GREEN
    return Pace.AMBER if days <= limits.red_ratio * expected_days else Pace.RED
