"""Health of a cooperation: four measures, weights by stage, a sum that admits what is unknown.

Formulas are those of the product's health definition; every number in them is a seed of
the scheme in force (`HealthScheme`). No database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.watch.facts import Facts, Usage

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)


class Measure(models.TextChoices):
    """What health is made of."""

    DEPLOYMENT = "deployment", _("deployment")
    ENGAGEMENT = "engagement", _("engagement")
    ADOPTION = "adoption", _("adoption")
    RETURNS = "returns", _("return")


class Colour(models.TextChoices):
    """How a score reads."""

    GREEN = "green", _("healthy")
    AMBER = "amber", _("needs care")
    RED = "red", _("in trouble")
    UNKNOWN = "unknown", _("unknown")


Weights = Mapping[str, int]

EARLY: Final = {"deployment": 40, "engagement": 60, "adoption": 0, "returns": 0}
PROVING: Final = {"deployment": 35, "engagement": 30, "adoption": 25, "returns": 10}
LIVE: Final = {"deployment": 10, "engagement": 20, "adoption": 40, "returns": 30}
WEIGHTS: Final[Mapping[str, Weights]] = {
    "first_contact": EARLY,
    "qualified": EARLY,
    "mou": EARLY,
    "strategic_agreement": PROVING,
    "joint_poc": PROVING,
    "production": LIVE,
    "expansion": LIVE,
}
"""Seeds: weight of each measure by stage, in percent."""

NUMBERS: Final[Mapping[str, int]] = {
    "late_step_percent": 25,
    "late_step_points": 10,
    "governance_points": 60,
    "recency_points": 40,
    "recency_days": 28,
    "full_growth_percent": 30,
    "green_from": 70,
    "amber_from": 40,
    "least_confidence": 50,
}
"""Seeds: the other numbers of the formulas, and where the colours begin."""


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """The weights and numbers in force."""

    weights: Mapping[str, Weights] = field(default_factory=lambda: WEIGHTS)
    numbers: Mapping[str, int] = field(default_factory=lambda: NUMBERS)
    version: int = 1


@dataclass(frozen=True, slots=True)
class Driver:
    """One reason for a score: a code that `words` puts into words, and its numbers."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, **self.values}


@dataclass(frozen=True, slots=True)
class Part:
    """One measure: a score from 0 to 100, None when unknown, and what made it."""

    score: int | None
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, kw_only=True)
class Health:
    """Health of one cooperation on one day.

    :ivar overall: weighted mean of the known measures; None below the least confidence.
    :ivar confidence: weight in percent of the measures that are known.
    """

    parts: Mapping[str, Part]
    overall: int | None
    confidence: int

    @property
    def drivers(self) -> list[dict[str, Any]]:
        return [
            {"measure": measure, **driver.as_json()}
            for measure, part in self.parts.items()
            for driver in part.drivers
        ]


def assess(facts: Facts, scheme: Scheme) -> Health:
    """Return the health of a running cooperation."""
    weights = scheme.weights.get(facts.stage, EARLY)
    parts = {
        measure: look(facts, scheme.numbers)
        for measure, look in LOOKS.items()
        if weights.get(measure, 0)
    }
    known = {name: part.score for name, part in parts.items() if part.score is not None}
    confidence = sum(weights[name] for name in known)
    overall = None
    if confidence >= scheme.numbers["least_confidence"]:
        total = sum(weights[name] * score for name, score in known.items())
        overall = whole(Decimal(total) / confidence)
    return Health(parts=parts, overall=overall, confidence=confidence)


def colour_of(overall: int | None, numbers: Mapping[str, int]) -> Colour:
    """Return how a score reads; None is unknown, never green."""
    if overall is None:
        return Colour.UNKNOWN
    if overall >= numbers["green_from"]:
        return Colour.GREEN
    return Colour.AMBER if overall >= numbers["amber_from"] else Colour.RED


def deployment(facts: Facts, numbers: Mapping[str, int]) -> Part:
    """100 × criteria passed or let off ÷ all, less 10 per started 25 % of days beyond expected."""
    late = _late_steps(facts, numbers["late_step_percent"])
    drivers = []
    if late:
        drivers.append(
            Driver(
                "late_in_stage",
                {"days": int(facts.days_in_stage), "expected": facts.expected_days},
            )
        )
    if facts.gate_passed is None:
        return Part(None, (Driver("gate_not_looked_at"), *drivers))
    drivers.insert(
        0, Driver("gate", {"passed": facts.gate_passed, "total": facts.gate_total})
    )
    share = HUNDRED * facts.gate_passed / facts.gate_total
    return Part(
        whole(max(ZERO, share - late * numbers["late_step_points"])), tuple(drivers)
    )


def engagement(facts: Facts, numbers: Mapping[str, int]) -> Part:
    """60 × governance score ÷ 4 + 40 × max(0, 1 − days since the latest activity ÷ 28)."""
    points = Decimal(numbers["governance_points"]) * facts.governance / 4
    drivers = [
        Driver(
            "governance",
            {"points": facts.governance, "lost": list(facts.governance_lost)},
        )
    ]
    if facts.silent_days is None:
        drivers.append(Driver("no_activity"))
        return Part(whole(points), tuple(drivers))
    silent = Decimal(str(facts.silent_days)) / numbers["recency_days"]
    recency = numbers["recency_points"] * max(ZERO, ONE - silent)
    drivers.append(Driver("latest_activity", {"days": int(facts.silent_days)}))
    return Part(whole(points + recency), tuple(drivers))


def adoption(facts: Facts, numbers: Mapping[str, int]) -> Part:
    """50 + 50 × clamp(28-day growth ÷ 30 %, −1, 1), times active days ÷ days that are complete."""
    usage = facts.usage
    if usage is None:
        return Part(None, (Driver("usage_cannot_be_told"),))
    if not usage.is_fresh:
        return Part(None, (Driver("usage_is_late"),))
    if usage.active_days == 0 or usage.complete_days == 0:
        return Part(0, (Driver("no_usage"),))
    growth = growth_of(usage)
    steepness = ONE if growth is None else growth * 100 / numbers["full_growth_percent"]
    trend = 50 + 50 * max(-ONE, min(ONE, steepness))
    share = min(ONE, Decimal(usage.active_days) / usage.complete_days)
    code = "usage_is_new" if growth is None else "usage_growth"
    percent = None if growth is None else whole(growth * 100)
    drivers = (
        Driver(code, {"percent": percent, "days": usage.compared_days}),
        Driver("active_days", {"days": usage.active_days, "of": usage.complete_days}),
    )
    return Part(whole(trend * share), drivers)


def returns(facts: Facts, _numbers: Mapping[str, int]) -> Part:
    """Mean of what is there: share of metrics met, min(1, pace), min(1, realisation); × 100."""
    found: list[tuple[str, Decimal]] = []
    if facts.proven_share is not None:
        found.append(("metrics_met", facts.proven_share))
    paces = [c.pace_index for c in facts.commitments if c.pace_index is not None]
    if paces:
        found.append(("commitment_pace", min(paces)))
    if facts.realisation is not None:
        found.append(("realisation", facts.realisation))
    if not found:
        return Part(None, (Driver("no_return_known"),))
    mean = sum((max(ZERO, min(ONE, value)) for _, value in found), ZERO) / len(found)
    drivers = tuple(
        Driver(code, {"percent": whole(value * 100)}) for code, value in found
    )
    return Part(whole(mean * 100), drivers)


LOOKS: Final = {
    Measure.DEPLOYMENT.value: deployment,
    Measure.ENGAGEMENT.value: engagement,
    Measure.ADOPTION.value: adoption,
    Measure.RETURNS.value: returns,
}


def growth_of(usage: Usage) -> Decimal | None:
    """Return the growth of all spend as a share; None where the base is not positive."""
    if usage.total_before <= 0 or usage.compared_days == 0:
        return None
    return usage.total_now / usage.total_before - 1


def whole(value: Decimal) -> int:
    """Round half up, as people do."""
    return int(value.quantize(ONE, rounding=ROUND_HALF_UP))


def weights_faults(weights: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """Return the stages whose weights are not the four measures summing up to 100."""
    return [
        stage
        for stage, given in weights.items()
        if set(given) != set(Measure.values)
        or any(not isinstance(w, int) or w < 0 for w in given.values())
        or sum(given.values()) != HUNDRED
    ]


def _late_steps(facts: Facts, step_percent: int) -> int:
    if not facts.expected_days or facts.is_on_hold:
        return 0
    beyond = facts.days_in_stage - facts.expected_days
    return max(0, ceil(beyond / (facts.expected_days * step_percent / 100)))
