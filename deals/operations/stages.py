"""The one way a deal moves: among open stages, won, lost, reopened; and its override."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from deals import pipeline
from deals.models import Deal, DealStageChange
from deals.operations.deals import (
    DealInputError,
    DealRefusedError,
    Weights,
    lock_open,
    refuse_incomplete,
    weigh,
    weights,
)
from deals.pipeline import ChangeKind, DealStage, LostReason, WonReason
from partners.operations.changes import Act
from partners.operations.locks import lock

NO_OVERRIDE: dict[str, Any] = {
    "overridden_at": None,
    "overridden_by": None,
    "override_reason": "",
}


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What is said at the end of a deal.

    :ivar reason: a `WonReason` or a `LostReason`.
    """

    reason: str
    closed_on: date | None = None
    competitor: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One move that is about to be made on a locked deal."""

    deal: Deal
    to: DealStage
    kind: ChangeKind
    by: User
    at: datetime
    reason: str = ""


@transaction.atomic
def move_deal(
    *,
    deal: Deal,
    to: str,
    by: User,
    at: datetime,
    reason: str = "",
    closing: Closing | None = None,
    expected_version: int | None = None,
) -> Deal:
    """Move the deal to a stage; every door and the board come through here.

    The stage brings its probability and category; an override ends with the move.

    :param at: when; may lie in the past, never before the present stage began.
    :param closing: what is said at the end; for Launched and Closed Lost.
    :raises DealRefusedError: when the step is not allowed, or fields are missing that the
        stage asks for; `missing` names them.
    :raises StaleVersionError: when somebody else changed it since `expected_version`.
    """
    locked = lock_open(deal, expected_version=expected_version)
    step = judge_move(locked, to=to, closing=closing, by=by, at=at, reason=reason)
    return _take(step)


def judge_move(
    deal: Deal,
    *,
    to: str,
    closing: Closing | None,
    by: User,
    at: datetime,
    reason: str = "",
) -> Step:
    """Say whether a locked open deal may make the move; what is said at its end is on it.

    :raises DealRefusedError: like `move_deal`.
    """
    stage = _stage_of(to)
    if not pipeline.may_move(current=DealStage(deal.stage), to=stage):
        raise DealRefusedError(
            _("A deal in “%(current)s” cannot go to “%(to)s”.")
            % {"current": deal.get_stage_display(), "to": stage.label},
            code="deal.stage-not-allowed",
        )
    if stage in pipeline.CLOSED:
        _close(deal, to=stage, closing=closing, on=at.date())
    refuse_incomplete(deal, stage=stage)
    _refuse_early(deal, at)
    return Step(
        deal=deal,
        to=stage,
        kind=_kind_of(stage),
        by=by,
        at=at,
        reason=reason.strip(),
    )


def win_deal(
    *,
    deal: Deal,
    closing: Closing,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Deal:
    """Win a committed deal on its signed agreement; the errors are those of `move_deal`."""
    return move_deal(
        deal=deal,
        to=DealStage.LAUNCHED,
        by=by,
        at=at,
        closing=closing,
        expected_version=expected_version,
    )


def lose_deal(
    *,
    deal: Deal,
    closing: Closing,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Deal:
    """Lose a deal, from any open stage; the errors are those of `move_deal`."""
    return move_deal(
        deal=deal,
        to=DealStage.CLOSED_LOST,
        by=by,
        at=at,
        closing=closing,
        expected_version=expected_version,
    )


@transaction.atomic
def reopen_deal(
    *,
    deal: Deal,
    by: User,
    at: datetime,
    reason: str,
    expected_version: int | None = None,
) -> Deal:
    """Take a closed deal back to the open stage it came from.

    :raises DealRefusedError: when it is open, or without a reason.
    """
    locked = lock(deal, expected_version=expected_version)
    if locked.is_open:
        raise DealRefusedError(_("The deal is open."), code="deal.open")
    if not reason.strip():
        raise DealInputError(_("Say why."), code="deal.needs-reason")
    stay = locked.stage_changes.get(exited_at__isnull=True)
    locked.closed_on = None
    locked.won_reason = locked.lost_reason = locked.closing_note = ""
    _refuse_early(locked, at)
    step = Step(
        deal=locked,
        to=DealStage(stay.from_stage),
        kind=ChangeKind.REOPEN,
        by=by,
        at=at,
        reason=reason.strip(),
    )
    return _take(step)


@transaction.atomic
def override_forecast(
    *,
    deal: Deal,
    reason: str,
    by: User,
    at: datetime,
    probability: int | None = None,
    category: str = "",
    expected_version: int | None = None,
) -> Deal:
    """Say how surely it will come, against its stage; ends with the next move.

    :raises DealRefusedError: when it is closed.
    :raises DealInputError: without a reason, or outside 0 to 100.
    """
    locked = lock_open(deal, expected_version=expected_version)
    if not reason.strip():
        raise DealInputError(_("Say why."), code="deal.needs-reason")
    if probability is not None and not 0 <= probability <= 100:
        raise DealInputError(_("A probability goes from 0 to 100 percent."))
    if category == pipeline.ForecastCategory.CLOSED:
        raise DealInputError(_("Only a won deal counts as closed."))
    old = {"probability": locked.probability, "category": locked.category}
    chosen = locked.probability if probability is None else probability
    new = {"probability": chosen, "category": category or locked.category}
    said = {"overridden_by": by, "override_reason": reason.strip()}
    versions.advance(locked, expected=None, overridden_at=at, **said, **new)
    Act(by, at, locked.partner_id, locked.cooperation_id).record(
        "deal.forecast-overridden",
        locked,
        old=old,
        new={**new, "reason": reason.strip()},
    )
    return locked


@transaction.atomic
def end_override(
    *, deal: Deal, by: User, at: datetime, expected_version: int | None = None
) -> Deal:
    """Let probability and category be those of the stage again.

    :raises DealRefusedError: when nothing is overridden.
    """
    locked = lock_open(deal, expected_version=expected_version)
    if not locked.is_overridden:
        raise DealRefusedError(_("Nothing is overridden."), code="deal.not-overridden")
    old = {"probability": locked.probability, "category": locked.category}
    weigh(locked, stage=DealStage(locked.stage), weights=weights())
    new = {"probability": locked.probability, "category": locked.category}
    versions.advance(locked, expected=None, **NO_OVERRIDE, **new)
    Act(by, at, locked.partner_id, locked.cooperation_id).record(
        "deal.override-ended", locked, old=old, new=new
    )
    return locked


def _refuse_early(deal: Deal, at: datetime) -> None:
    if at < deal.stage_entered_at:
        raise DealInputError(
            _("It came into its stage later than that."), code="deal.too-early"
        )


def _stage_of(code: str) -> DealStage:
    try:
        return DealStage(code)
    except ValueError as error:
        raise DealInputError(
            _("There is no stage “%(code)s”.") % {"code": code},
            code="deal.stage-unknown",
        ) from error


def _kind_of(stage: DealStage) -> ChangeKind:
    kinds = {
        DealStage.LAUNCHED: ChangeKind.WIN,
        DealStage.CLOSED_LOST: ChangeKind.LOSE,
    }
    return kinds.get(stage, ChangeKind.MOVE)


def _close(deal: Deal, *, to: DealStage, closing: Closing | None, on: date) -> None:
    """Put what is said at the end on the deal, where the demands look for it."""
    if closing is None:
        return
    is_won = to == DealStage.LAUNCHED
    reasons = WonReason if is_won else LostReason
    if closing.reason not in reasons.values:
        raise DealInputError(
            _("This reason does not fit; possible are: %(reasons)s.")
            % {"reasons": ", ".join(str(reason.label) for reason in reasons)},
            code="deal.bad-reason",
        )
    deal.closed_on = closing.closed_on or on
    if deal.closed_on > on:
        raise DealInputError(_("A deal is not closed in the future."))
    if is_won:
        deal.won_reason = closing.reason
    else:
        deal.lost_reason = closing.reason
    deal.closing_note = closing.note.strip()
    deal.competitor = closing.competitor.strip() or deal.competitor
    if deal.lost_reason == LostReason.COMPETITOR and not deal.competitor:
        raise DealInputError(_("Name the competitor."), code="deal.needs-competitor")


def _take(step: Step) -> Deal:
    """Close the stay that ends, open the next, and set what follows from the stage."""
    deal = step.deal
    DealStageChange.objects.filter(deal=deal, exited_at__isnull=True).update(
        exited_at=step.at
    )
    stay_of(step).save(force_insert=True)
    old = enter(step, weights=weights())
    versions.advance(
        deal, expected=None, **{name: getattr(deal, name) for name in ENTERED}
    )
    Act(step.by, step.at, deal.partner_id, deal.cooperation_id).record(
        EVENTS[step.kind], deal, old=old, new=told(step)
    )
    return deal


def stay_of(step: Step) -> DealStageChange:
    """Return the stay that the step begins, from where the deal stands now."""
    return DealStageChange(
        deal=step.deal,
        from_stage=step.deal.stage,
        to_stage=step.to,
        kind=step.kind,
        entered_at=step.at,
        by=step.by,
        reason=step.reason,
    )


def enter(step: Step, *, weights: Weights) -> dict[str, Any]:
    """Let the deal stand in its new stage, unstored; return what the journal calls old."""
    deal = step.deal
    old = {"stage": deal.stage, "probability": deal.probability}
    deal.stage, deal.stage_entered_at = step.to, step.at
    weigh(deal, stage=step.to, weights=weights)
    for name, value in NO_OVERRIDE.items():
        setattr(deal, name, value)
    return old


CLOSING_FIELDS = (
    "closed_on",
    "won_reason",
    "lost_reason",
    "closing_note",
    "competitor",
)
ENTERED = (
    "stage", "stage_entered_at", "probability", "category", *NO_OVERRIDE, *CLOSING_FIELDS,
)  # fmt: skip
"""What a step sets."""

EVENTS = {
    ChangeKind.MOVE: "deal.stage-moved",
    ChangeKind.WIN: "deal.won",
    ChangeKind.LOSE: "deal.lost",
    ChangeKind.REOPEN: "deal.reopened",
}


def told(step: Step) -> dict[str, Any]:
    """Return what the journal tells of the deal after a step."""
    deal = step.deal
    new: dict[str, Any] = {
        "stage": str(step.to),
        "probability": deal.probability,
        "amount": deal.amount,
        "currency": deal.currency,
    }
    said = {
        "reason": step.reason or deal.won_reason or deal.lost_reason,
        "closed_on": deal.closed_on,
        "agreement": deal.agreement_id,
    }
    return new | {name: value for name, value in said.items() if value}
