"""The lettered at-risk rules and the alerts about usage: facts in, a judgement out. No database.

A judgement is *tripped*, *clear* or *unknown*. Unknown is what stale or missing data gives:
it opens nothing and closes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from crm.watch.facts import Facts, Usage
from crm.watch.health import growth_of, whole
from crm.watch.rules import Thresholds

ZERO, HUNDRED = Decimal(0), Decimal(100)
SPEND_AT_RISK_WINDOWS: Final = 13
"""Spend at risk is trailing 28-day spend × 13, about a year of it."""


class Outcome(Enum):
    """What a rule says."""

    TRIPPED = "tripped"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says about a subject, with the numbers that it saw.

    :ivar code: which of the rule's sentences holds (see `words`).
    """

    outcome: Outcome
    code: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)


CLEAR: Final = Judgement(Outcome.CLEAR)
UNKNOWN: Final = Judgement(Outcome.UNKNOWN)


def tripped(code: str, **seen: Any) -> Judgement:
    """Shorthand: the rule is tripped, and these numbers show it."""
    return Judgement(Outcome.TRIPPED, code, seen)


Rule = Callable[[Facts, Thresholds], Judgement]


def usage_falling(facts: Facts, limits: Thresholds) -> Judgement:
    """Judge (a): from Production on, 28-day AI spend down by 30 %, or 7 days without usage."""
    if facts.stage_order < limits["least_stage_order"]:
        return CLEAR
    if facts.usage is None or not facts.usage.is_fresh:
        return UNKNOWN
    quiet = _quiet(facts.usage, limits["quiet_days"])
    if quiet.outcome == Outcome.TRIPPED:
        return quiet
    drop = _drop(facts.usage.now, facts.usage.before, facts.usage)
    if drop is not None and drop >= limits["drop_percent"]:
        return tripped("ai_spend_down", percent=whole(drop), **_compared(facts.usage))
    return CLEAR


def commitment_behind(facts: Facts, limits: Thresholds) -> Judgement:
    """(b) Pace below 0.75, or a projected shortfall above 10 % with under half the term left."""
    for each in facts.commitments:
        if each.pace_index is not None and each.pace_index < limits["pace_below"]:
            return tripped(
                "pace_is_low",
                commitment=each.commitment_id,
                pace=f"{each.pace_index:.2f}",
            )
        is_short = each.shortfall_share * HUNDRED > limits["shortfall_percent"]
        if is_short and each.term_left * HUNDRED < limits["term_left_percent"]:
            return tripped(
                "shortfall_ahead",
                commitment=each.commitment_id,
                percent=whole(each.shortfall_share * HUNDRED),
                left=whole(each.term_left * HUNDRED),
            )
    return CLEAR


def stalled(facts: Facts, limits: Thresholds) -> Judgement:
    """(c) In its stage for more than 1.5 times the expected days, holds not counted."""
    if facts.is_on_hold or not facts.expected_days:
        return CLEAR
    factor = float(limits["expected_days_factor"])
    if facts.days_in_stage <= facts.expected_days * factor:
        return CLEAR
    return tripped(
        "too_long_in_stage", days=int(facts.days_in_stage), expected=facts.expected_days
    )


def poc_unmeasured(facts: Facts, limits: Thresholds) -> Judgement:
    """(d) A proof ends within 14 days, or has, and a mandatory metric is not measured."""
    for proof in facts.proofs:
        days = (proof.ends_on - facts.on).days
        if proof.unmeasured and days <= limits["days_before_end"]:
            return tripped(
                "poc_ends_unmeasured",
                poc=proof.poc_id,
                title=proof.title,
                days=days,
                count=proof.unmeasured,
            )
    return CLEAR


def notice_without_renewal(facts: Facts, limits: Thresholds) -> Judgement:
    """(e) A notice deadline within 60 days and no renewal deal open."""
    for notice in facts.notices:
        days = (notice.deadline_on - facts.on).days
        if 0 <= days <= limits["days_before_deadline"]:
            return tripped(
                "notice_deadline_near",
                agreement=notice.agreement_id,
                title=notice.title,
                on=notice.deadline_on.isoformat(),
                days=days,
            )
    return CLEAR


def sponsor_gone(facts: Facts, limits: Thresholds) -> Judgement:
    """(f) Their executive sponsor left and was not replaced in 30 days."""
    if facts.sponsor_left_on is None:
        return CLEAR
    days = (facts.on - facts.sponsor_left_on).days
    if days < limits["days_since_left"]:
        return CLEAR
    return tripped("sponsor_left", days=days, on=facts.sponsor_left_on.isoformat())


def paper_partnership(facts: Facts, limits: Thresholds) -> Judgement:
    """(g) An agreement was signed more than 90 days ago and no AI was ever used."""
    if facts.signed_on is None:
        return CLEAR
    days = (facts.on - facts.signed_on).days
    if days <= limits["days_since_signed"]:
        return CLEAR
    if facts.usage is None:
        return UNKNOWN
    if facts.usage.first_ai_day is not None:
        return CLEAR
    return tripped("signed_without_usage", days=days, on=facts.signed_on.isoformat())


def usage_drop(facts: Facts, limits: Thresholds) -> Judgement:
    """All spend of 28 days is down by 30 % against the 28 before, whatever the stage."""
    usage = facts.usage
    if usage is None or not usage.is_fresh:
        return UNKNOWN
    drop = _drop(usage.total_now, usage.total_before, usage)
    if drop is None or usage.compared_days < limits["least_active_days"]:
        return CLEAR
    if drop < limits["drop_percent"]:
        return CLEAR
    return tripped("spend_down", percent=whole(drop), **_compared(usage))


def zero_usage(facts: Facts, limits: Thresholds) -> Judgement:
    """Nothing used on seven straight days, after there had been something."""
    if facts.usage is None or not facts.usage.is_fresh:
        return UNKNOWN
    return _quiet(facts.usage, limits["quiet_days"])


def usage_spike(facts: Facts, limits: Thresholds) -> Judgement:
    """All spend of 28 days doubled against the 28 before."""
    usage = facts.usage
    if usage is None or not usage.is_fresh:
        return UNKNOWN
    growth = growth_of(usage)
    if growth is None or usage.compared_days < limits["least_active_days"]:
        return CLEAR
    if growth * HUNDRED < limits["rise_percent"]:
        return CLEAR
    return tripped("spend_up", percent=whole(growth * HUNDRED), **_compared(usage))


RULES: Final[Mapping[str, Rule]] = {
    rule.__name__: rule
    for rule in (
        usage_falling,
        commitment_behind,
        stalled,
        poc_unmeasured,
        notice_without_renewal,
        sponsor_gone,
        paper_partnership,
        usage_drop,
        zero_usage,
        usage_spike,
    )
}
"""Code of each rule about a cooperation → how it judges."""


def spend_at_risk(usage: Usage | None) -> tuple[Decimal, str] | None:
    """Return trailing 28-day spend × 13 with its currency; None when it cannot be told."""
    if usage is None or not usage.currency:
        return None
    return usage.spend * SPEND_AT_RISK_WINDOWS, usage.currency


def _quiet(usage: Usage, limit: Decimal) -> Judgement:
    quiet = usage.quiet_days
    if quiet is None or quiet < limit:
        return CLEAR
    return tripped("nothing_used", days=quiet)


def _drop(now: Decimal, before: Decimal, usage: Usage) -> Decimal | None:
    if before <= ZERO or usage.compared_days == 0:
        return None
    return (before - now) / before * HUNDRED


def _compared(usage: Usage) -> dict[str, Any]:
    return {"days": usage.compared_days, "currency": usage.currency}
