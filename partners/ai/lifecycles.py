"""Three state machines as tables: of a derived model, of a scenario and of feedback. No database.

A table says from where one may go where; what a step asks for (a reason, an endpoint, a version)
stands beside it. The same tables answer the buttons, the board, the API and the refusals.
"""

from collections.abc import Mapping
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

State = TypeVar("State", bound=str)


class Lifecycle(models.TextChoices):
    """How far a derived model is."""

    TRAINING = "training", _("Training")
    EVALUATED = "evaluated", _("Evaluated")
    STAGING = "staging", _("Staging")
    PRODUCTION = "production", _("Production")
    RETIRED = "retired", _("Retired")


class ScenarioStatus(models.TextChoices):
    """Whether a training ground is planned, live or over."""

    PLANNED = "planned", _("Planned")
    LIVE = "live", _("Live")
    ENDED = "ended", _("Ended")


class FeedbackState(models.TextChoices):
    """Where feedback stands between a scenario and the model team."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    SHIPPED = "shipped", _("Shipped in a version")
    VERIFIED = "verified", _("Verified by the partner")
    DECLINED = "declined", _("Declined")


LIFECYCLE_STEPS: Mapping[str, tuple[Lifecycle, ...]] = {
    Lifecycle.TRAINING: (Lifecycle.EVALUATED, Lifecycle.RETIRED),
    Lifecycle.EVALUATED: (Lifecycle.STAGING, Lifecycle.TRAINING, Lifecycle.RETIRED),
    Lifecycle.STAGING: (Lifecycle.PRODUCTION, Lifecycle.EVALUATED, Lifecycle.RETIRED),
    Lifecycle.PRODUCTION: (Lifecycle.STAGING, Lifecycle.RETIRED),
    Lifecycle.RETIRED: (),
}
"""One step on, one step back, or out for good."""

SCENARIO_STEPS: Mapping[str, tuple[ScenarioStatus, ...]] = {
    ScenarioStatus.PLANNED: (ScenarioStatus.LIVE, ScenarioStatus.ENDED),
    ScenarioStatus.LIVE: (ScenarioStatus.ENDED,),
    ScenarioStatus.ENDED: (ScenarioStatus.LIVE,),
}

FEEDBACK_STEPS: Mapping[str, tuple[FeedbackState, ...]] = {
    FeedbackState.OPEN: (FeedbackState.ACCEPTED, FeedbackState.DECLINED),
    FeedbackState.ACCEPTED: (FeedbackState.SHIPPED, FeedbackState.DECLINED),
    FeedbackState.SHIPPED: (FeedbackState.VERIFIED, FeedbackState.OPEN),
    FeedbackState.VERIFIED: (FeedbackState.OPEN,),
    FeedbackState.DECLINED: (FeedbackState.OPEN,),
}
"""Back to open is reopening: the partner found that it is not solved."""

LIFECYCLE_ORDER = tuple(Lifecycle)
WAITING = (FeedbackState.OPEN, FeedbackState.ACCEPTED, FeedbackState.SHIPPED)
"""States in which somebody still has to do something."""

DECIDE, ANSWER = "ai.decide_feedback", "ai.answer_feedback"
FEEDBACK_RIGHTS: Mapping[str, str] = {
    FeedbackState.ACCEPTED: DECIDE,
    FeedbackState.DECLINED: DECIDE,
    FeedbackState.SHIPPED: DECIDE,
    FeedbackState.VERIFIED: ANSWER,
    FeedbackState.OPEN: ANSWER,
}
"""Who moves it there: the model team decides, whoever speaks for the partner answers."""


def may_step(steps: Mapping[str, tuple[State, ...]], *, current: str, to: str) -> bool:
    """Tell whether the table has this step."""
    return to in steps.get(current, ())


def needs_reason(*, current: str, to: str) -> bool:
    """Tell whether a step of a derived model has to be explained: back, or out."""
    if to == Lifecycle.RETIRED:
        return True
    order = [str(state) for state in LIFECYCLE_ORDER]
    return order.index(to) < order.index(current)
