"""How a commitment stands: attainment, pace, projection, shortfall; no database.

Formulas are those of the product's KPI dictionary. Dates are whole days in UTC, the term
is half-open (the end is the first day after it), and `as_of` is the first day that is not
counted any more. Amounts are in the commitment's own unit or currency; ratios are exact
quotients of Decimals, rounded by nobody but the page that prints them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

RUN_RATE_DAYS = 28
ZERO, ONE = Decimal(0), Decimal(1)


class CommitmentKind(models.TextChoices):
    """What was promised."""

    SPEND = "spend", _("spend")
    GPU_RESERVATION = "gpu_reservation", _("GPU reservation")
    TOKEN_VOLUME = "token_volume", _("token volume")
    MINIMUM_PURCHASE = "minimum_purchase", _("minimum purchase")


MONEY_KINDS = (CommitmentKind.SPEND, CommitmentKind.MINIMUM_PURCHASE)
UNITS = {
    CommitmentKind.GPU_RESERVATION: "GPU-Hours",
    CommitmentKind.TOKEN_VOLUME: "Tokens",
}
"""Base units in which usage is counted; the other kinds count money."""


class Settlement(models.TextChoices):
    """When an unused part is lost; the words are those of FOCUS 1.4."""

    CONTINUOUS = "continuous", _("use it or lose it per interval")
    DISCONTINUOUS = "discontinuous", _("true-up at the end")


class ShortfallPolicy(models.TextChoices):
    """What becomes of the part that was not drawn."""

    CHARGE = "charge", _("charged")
    ROLL_OVER = "roll_over", _("rolled over")
    WAIVE = "waive", _("waived")


class CommitmentStatus(models.TextChoices):
    """Where a commitment is; a state machine of its own."""

    SCHEDULED = "scheduled", _("scheduled")
    ACTIVE = "active", _("active")
    COMPLETED = "completed", _("completed")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")


OPEN = (CommitmentStatus.SCHEDULED, CommitmentStatus.ACTIVE)


class Pace(models.TextChoices):
    """What the pace index says; the limits are thresholds that can be edited."""

    ON_TRACK = "on_track", _("on track")
    AMBER = "amber", _("behind")
    RED = "red", _("far behind")
    EARLY_EXHAUSTION = "early_exhaustion", _("will be used up early")
    UNKNOWN = "unknown", _("nothing is planned yet")


@dataclass(frozen=True, kw_only=True)
class PaceLimits:
    """Where each colour of the pace index begins."""

    amber_below: Decimal = Decimal("0.9")
    red_below: Decimal = Decimal("0.75")
    early_above: Decimal = Decimal("1.25")


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """So much is to be drawn in all before this day."""

    due_on: date
    target: Decimal


class MilestoneState(models.TextChoices):
    """What became of a milestone, or will."""

    AHEAD = "ahead", _("ahead")
    WAITING = "waiting", _("its months are not closed yet")
    REACHED = "reached", _("reached")
    MISSED = "missed", _("missed")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was promised: an amount above zero within a half-open term.

    Milestones are sorted by day, their targets never fall, the last one is the amount.
    """

    amount: Decimal
    start_on: date
    end_on: date
    milestones: Sequence[Milestone] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a commitment stands on one day, with all that its arithmetic shows."""

    as_of: date
    drawn: Decimal
    remaining: Decimal
    overage: Decimal
    attainment: Decimal
    time_elapsed: Decimal
    planned_share: Decimal
    pace_index: Decimal | None
    pace: Pace
    run_rate: Decimal
    days_left: int
    projected_total: Decimal
    projected_shortfall: Decimal
    exhaustion_on: date | None
    next_milestone: Milestone | None
    next_milestone_gap: Decimal | None


def time_elapsed(*, terms: Terms, as_of: date) -> Decimal:
    """Return (T − start) ÷ (end − start), between 0 and 1."""
    passed = Decimal((as_of - terms.start_on).days)
    whole = Decimal((terms.end_on - terms.start_on).days)
    return min(max(passed / whole, ZERO), ONE)


def planned_share(*, terms: Terms, as_of: date) -> Decimal:
    """Return the share of the amount that the plan has at T.

    The plan is linear from nothing at the start through each milestone, and simply the
    time elapsed where there are none.
    """
    if not terms.milestones:
        return time_elapsed(terms=terms, as_of=as_of)
    before = Milestone(due_on=terms.start_on, target=ZERO)
    for milestone in terms.milestones:
        if as_of < milestone.due_on:
            span = Decimal((milestone.due_on - before.due_on).days)
            passed = Decimal(max((as_of - before.due_on).days, 0))
            climb = (milestone.target - before.target) * passed / span
            return (before.target + climb) / terms.amount
        before = milestone
    return before.target / terms.amount


@dataclass(frozen=True, kw_only=True)
class Window:
    """What was drawn in the latest complete days: at most 28, none before the start.

    :ivar total: eligible usage of those days, overage included, before any limit.
    """

    total: Decimal = ZERO
    days: int = 0


def window_of(*, terms: Terms, as_of: date) -> tuple[date, date]:
    """Return the days of the run rate, half-open: the 28 before T within the term."""
    until = min(as_of, terms.end_on)
    since = max(until - timedelta(days=RUN_RATE_DAYS), terms.start_on)
    return min(since, until), until


def run_rate(window: Window) -> Decimal:
    """Return the mean eligible amount a day; zero before there is a complete day.

    Days without usage count as zero. Fewer than 28 are averaged over what there is.
    """
    return window.total / Decimal(window.days) if window.days > 0 else ZERO


def exhaustion_on(*, as_of: date, remaining: Decimal, rate: Decimal) -> date | None:
    """Return the day on which the rest is used up: T + remaining ÷ run rate.

    None when nothing is drawn (a run rate of zero or below), or not within a century.
    """
    if remaining <= ZERO:
        return as_of
    if rate <= ZERO:
        return None
    days = remaining / rate
    return None if days > 36525 else as_of + timedelta(days=int(days))


def judge_pace(index: Decimal | None, limits: PaceLimits) -> Pace:
    """Return the colour of a pace index."""
    if index is None:
        return Pace.UNKNOWN
    if index < limits.red_below:
        return Pace.RED
    if index < limits.amber_below:
        return Pace.AMBER
    return Pace.EARLY_EXHAUSTION if index > limits.early_above else Pace.ON_TRACK


def standing(
    *,
    terms: Terms,
    as_of: date,
    drawn: Decimal,
    window: Window,
    limits: PaceLimits | None = None,
) -> Standing:
    """Return where a commitment stands at T.

    :param drawn: eligible drawdown before T, final and provisional, overage included.
    :param window: what the latest complete days drew.
    """
    rate = run_rate(window)
    days_left = max((terms.end_on - max(as_of, terms.start_on)).days, 0)
    planned = planned_share(terms=terms, as_of=as_of)
    attainment = drawn / terms.amount
    index = attainment / planned if planned > ZERO else None
    projected = drawn + rate * days_left
    remaining = max(terms.amount - drawn, ZERO)
    upcoming = next((m for m in terms.milestones if m.due_on > as_of), None)
    return Standing(
        as_of=as_of,
        drawn=drawn,
        remaining=remaining,
        overage=max(drawn - terms.amount, ZERO),
        attainment=attainment,
        time_elapsed=time_elapsed(terms=terms, as_of=as_of),
        planned_share=planned,
        pace_index=index,
        pace=judge_pace(index, limits or PaceLimits()),
        run_rate=rate,
        days_left=days_left,
        projected_total=projected,
        projected_shortfall=max(terms.amount - projected, ZERO),
        exhaustion_on=exhaustion_on(as_of=as_of, remaining=remaining, rate=rate),
        next_milestone=upcoming,
        next_milestone_gap=_lacking(upcoming, as_of=as_of, drawn=drawn, rate=rate),
    )


def _lacking(
    milestone: Milestone | None, *, as_of: date, drawn: Decimal, rate: Decimal
) -> Decimal | None:
    if milestone is None:
        return None
    return gap(milestone, as_of=as_of, drawn=drawn, rate=rate)


def shortfalls(
    *,
    milestones: Sequence[Milestone],
    drawn: Callable[[date], Decimal],
    before: Decimal = ZERO,
) -> dict[date, Decimal]:
    """Return what each milestone lacked on its day, by day.

    Targets are cumulative: what an earlier milestone lacked is settled with that one and
    is not lacking once more at the next.

    :param drawn: what was drawn in all before a day.
    :param before: what milestones before these lacked together.
    """
    found: dict[date, Decimal] = {}
    for milestone in milestones:
        lacking = milestone.target - drawn(milestone.due_on) - before
        found[milestone.due_on] = max(lacking, ZERO)
        before += found[milestone.due_on]
    return found


def gap(milestone: Milestone, *, as_of: date, drawn: Decimal, rate: Decimal) -> Decimal:
    """Return what will lack on the day of a milestone at today's run rate."""
    return milestone.target - (drawn + rate * (milestone.due_on - as_of).days)
