"""The three state machines, step by step; no database."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import models

from partners.ai import lifecycles
from partners.ai.lifecycles import (
    FEEDBACK_RIGHTS,
    FEEDBACK_STEPS,
    LIFECYCLE_STEPS,
    SCENARIO_STEPS,
    FeedbackState,
    Lifecycle,
    ScenarioStatus,
)

ALLOWED = {
    ("training", "evaluated"), ("training", "retired"), ("evaluated", "staging"),
    ("evaluated", "training"), ("evaluated", "retired"), ("staging", "production"),
    ("staging", "evaluated"), ("staging", "retired"), ("production", "staging"),
    ("production", "retired"),
}  # fmt: skip
ROUND = {
    ("open", "accepted"), ("open", "declined"), ("accepted", "shipped"),
    ("accepted", "declined"), ("shipped", "verified"), ("shipped", "open"),
    ("verified", "open"), ("declined", "open"),
}  # fmt: skip


def steps_of(
    states: type[models.TextChoices], table: Mapping[str, tuple[Any, ...]]
) -> set[tuple[str, str]]:
    return {
        (one, to)
        for one, to in itertools.product(states.values, repeat=2)
        if lifecycles.may_step(table, current=one, to=to)
    }


def test_a_derived_model_goes_one_step_on_one_back_or_out() -> None:
    assert steps_of(Lifecycle, LIFECYCLE_STEPS) == ALLOWED


def test_a_scenario_goes_live_ends_and_may_come_back() -> None:
    assert steps_of(ScenarioStatus, SCENARIO_STEPS) == {
        ("planned", "live"), ("planned", "ended"), ("live", "ended"), ("ended", "live"),
    }  # fmt: skip


def test_feedback_goes_round() -> None:
    assert steps_of(FeedbackState, FEEDBACK_STEPS) == ROUND


@pytest.mark.parametrize(
    ("current", "to", "asked"),
    [
        ("training", "evaluated", False),
        ("staging", "production", False),
        ("production", "staging", True),
        ("evaluated", "training", True),
        ("training", "retired", True),
        ("production", "retired", True),
    ],
)
def test_steps_back_and_out_are_explained(
    current: str, to: str, *, asked: bool
) -> None:
    assert lifecycles.needs_reason(current=current, to=to) is asked


def test_nobody_confirms_their_own_work() -> None:
    assert FEEDBACK_RIGHTS["shipped"] != FEEDBACK_RIGHTS["verified"]
    assert set(FEEDBACK_RIGHTS) == set(FeedbackState)
