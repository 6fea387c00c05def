"""The one way a cooperation moves on the ladder, for every door alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners import stages
from partners.gates import Verdict
from partners.models import Cooperation, Proposal, StageTransition
from partners.operations import attempts
from partners.operations.attempts import Attempt, StageInputError, StageRefusedError
from partners.operations.holds import end_open_hold, held_seconds
from partners.operations.locks import GoneRefusedError
from partners.queries.ladder import Look
from partners.stages import AS_PLANNED, EARLY, ClosedReason, MoveKind, Stage


@dataclass(frozen=True)
class Closing:
    """What is said at the end of a cooperation.

    :ivar reason: a `ClosedReason`; of those as planned for completing, else of the others.
    """

    reason: str
    lessons: str = ""
    competitor: str = ""
    commitments_settlement: str = ""
    closing_review: str = ""
    handed_over_on: date | None = None


@dataclass(frozen=True)
class MoveResult:
    """What became of one row of a bulk move; without an error it moved."""

    cooperation_id: int
    error: DomainError | None = None

    @property
    def is_moved(self) -> bool:
        return self.error is None


def move_stage(
    *,
    cooperation: Cooperation,
    to: str,
    by: User,
    at: datetime,
    reason: str = "",
    waivers: Mapping[str, str] | None = None,
    closing: Closing | None = None,
    expected_version: int | None = None,
) -> Cooperation:
    """Take one step of the ladder, or write down why not and refuse.

    Every criterion of the gate is looked at now and stored with the values seen, also when
    the step is refused: do not call this inside a transaction that the refusal would roll
    back. Moving counts as approval in every role the person holds here.

    :param at: when the step was taken; may lie in the past, never before the stage began.
    :param reason: needed for stepping back, ending early and reopening.
    :param waivers: criterion code → reason, waived by this person in the same act.
    :param closing: what is said at the end; for steps that end the cooperation.
    :param expected_version: the version the person looked at.
    :raises StageRefusedError: `missing` lists in words what the gate still asks for.
    :raises StageInputError: without the reason or the closing the step needs.
    :raises WaiverRefusedError: when a criterion cannot be waived by this person.
    :raises StaleVersionError: when somebody else changed or moved it first.
    """
    with transaction.atomic():
        attempt = attempts.begin(
            cooperation=cooperation, to=to, by=by, at=at, reason=reason,
            expected_version=expected_version,
        )  # fmt: skip
        refusal = take_step(attempt, waivers=waivers or {}, closing=closing)
    if refusal is not None:
        raise refusal
    return attempt.cooperation


def take_step(
    attempt: Attempt, *, waivers: Mapping[str, str], closing: Closing | None = None
) -> StageRefusedError | None:
    """Judge a begun attempt and carry it out, inside the caller's transaction.

    Returns the refusal, written down, for the caller to raise after its commit.
    """
    _prepare(attempt, closing)
    looks = attempts.judge(attempt, waivers)
    refusal = attempts.refusal_of(attempt, looks)
    if refusal is None:
        _carry_out(attempt, looks)
    return refusal


def terminate_cooperation(
    *,
    cooperation: Cooperation,
    closing: Closing,
    by: User,
    at: datetime,
    reason: str,
    waivers: Mapping[str, str] | None = None,
    expected_version: int | None = None,
) -> Cooperation:
    """End a cooperation early; the errors are those of `move_stage`."""
    return move_stage(
        cooperation=cooperation,
        to=Stage.TERMINATED,
        by=by,
        at=at,
        reason=reason,
        waivers=waivers,
        closing=closing,
        expected_version=expected_version,
    )


def complete_cooperation(
    *,
    cooperation: Cooperation,
    closing: Closing,
    by: User,
    at: datetime,
    waivers: Mapping[str, str] | None = None,
    expected_version: int | None = None,
) -> Cooperation:
    """End a cooperation as planned; the errors are those of `move_stage`."""
    return move_stage(
        cooperation=cooperation,
        to=Stage.COMPLETED,
        by=by,
        at=at,
        waivers=waivers,
        closing=closing,
        expected_version=expected_version,
    )


def reopen_cooperation(
    *,
    cooperation: Cooperation,
    by: User,
    at: datetime,
    reason: str,
    expected_version: int | None = None,
) -> Cooperation:
    """Take a terminated cooperation back to where it stood; the errors are those of `move_stage`."""
    closed = cooperation.transitions.filter(exited_at__isnull=True).first()
    if closed is None or closed.from_stage_id is None:
        raise StageRefusedError(_("There is nothing to reopen."), code="stage.open")
    return move_stage(
        cooperation=cooperation,
        to=closed.from_stage_id,
        by=by,
        at=at,
        reason=reason,
        expected_version=expected_version,
    )


def confirm_stage(*, cooperation: Cooperation, by: User, at: datetime) -> Cooperation:
    """Confirm the stage by its evidence (production: steady usage); it stays where it is.

    :raises StageRefusedError: `missing` lists in words what the evidence lacks.
    """
    with transaction.atomic():
        attempt = attempts.begin(
            cooperation=cooperation,
            to=cooperation.stage_id,
            by=by,
            at=at,
            reason="",
            expected_version=None,
        )
        looks = attempts.judge(attempt, {})
        refusal = attempts.refusal_of(attempt, looks)
        if refusal is None:
            attempts.write_checks(attempt, looks)
            versions.advance(attempt.cooperation, expected=None, confirmed_at=at)
            _record(
                attempt,
                "cooperation.stage-confirmed",
                new={"stage": attempt.rule.target_id},
            )
    if refusal is not None:
        raise refusal
    return attempt.cooperation


def move_stages(
    *,
    cooperation_ids: Iterable[int],
    to: str,
    by: User,
    at: datetime,
    reason: str = "",
) -> list[MoveResult]:
    """Move many, each by itself with its own gate and its own result, in the order given.

    What the person may not see is answered like what does not exist.
    """
    ids = list(cooperation_ids)
    rows = Cooperation.objects.visible_to(by).in_bulk(ids)
    return [
        _moved(rows.get(each), each, to=to, by=by, at=at, reason=reason) for each in ids
    ]


def _moved(
    cooperation: Cooperation | None,
    cooperation_id: int,
    *,
    to: str,
    by: User,
    at: datetime,
    reason: str,
) -> MoveResult:
    if cooperation is None:
        gone = GoneRefusedError(_("It does not exist any more."))
        return MoveResult(cooperation_id, gone)
    try:
        move_stage(cooperation=cooperation, to=to, by=by, at=at, reason=reason)
    except DomainError as refusal:
        return MoveResult(cooperation_id, refusal)
    return MoveResult(cooperation_id)


def _prepare(attempt: Attempt, closing: Closing | None) -> None:
    """Put what is said at the end on the cooperation, where criteria look for it."""
    kind = attempt.rule.kind
    if kind == MoveKind.CONFIRM:
        raise StageRefusedError(
            _("It is in this stage already."), code="stage.not-allowed"
        )
    if kind not in stages.CLOSING:
        return
    if closing is None:
        raise StageInputError(
            _("Say why and how the cooperation ends."), code="stage.needs-closing"
        )
    fitting = AS_PLANNED if kind == MoveKind.COMPLETE else EARLY
    if closing.reason not in fitting:
        raise StageInputError(
            _("This reason does not fit the end; possible are: %(reasons)s.")
            % {"reasons": ", ".join(str(ClosedReason(r).label) for r in fitting)}
        )
    if closing.reason == ClosedReason.COMPETITOR and not closing.competitor.strip():
        raise StageInputError(_("Name the competitor."))
    cooperation = attempt.cooperation
    cooperation.closed_reason = closing.reason
    for name in (
        "lessons",
        "competitor",
        "commitments_settlement",
        "closing_review",
        "handed_over_on",
    ):
        said = getattr(closing, name)
        if said:
            setattr(cooperation, name, said)


def _carry_out(attempt: Attempt, looks: tuple[Look, ...]) -> None:
    cooperation, rule, at = attempt.cooperation, attempt.rule, attempt.at
    held, move = _change_stays(attempt)
    values = {"stage": rule.target, "stage_entered_at": at, **_standing(attempt)}
    versions.advance(cooperation, expected=None, **values)
    attempts.write_approvals(attempt, looks)
    attempts.write_checks(attempt, looks, move)
    Proposal.objects.filter(cooperation=cooperation, state=Proposal.State.OPEN).update(
        state=Proposal.State.LAPSED, decided_at=at
    )
    _record(
        attempt,
        "cooperation.stage-moved",
        old={"stage": rule.source_id},
        new={
            "stage": rule.target_id,
            "kind": rule.kind,
            "reason": attempt.reason,
            "attempt": attempt.number,
            "waived": [look.code for look in looks if look.verdict == Verdict.WAIVED],
            "held_seconds": held,
        },
    )


def _change_stays(attempt: Attempt) -> tuple[int, StageTransition]:
    """Close the stay that ends, its hold with it, and open the next."""
    cooperation, rule, at = attempt.cooperation, attempt.rule, attempt.at
    end_open_hold(cooperation=cooperation, by=attempt.by, at=at)
    held = held_seconds(stay=attempt.stay, at=at)
    StageTransition.objects.filter(pk=attempt.stay.pk).update(
        exited_at=at, held_seconds=held
    )
    if rule.kind in stages.FORWARD:
        StageTransition.objects.filter(
            cooperation=cooperation,
            advanced_at__isnull=True,
            to_stage__order__lt=rule.target.order,
        ).update(advanced_at=at)
    move = StageTransition.objects.create(
        cooperation=cooperation,
        from_stage_id=rule.source_id,
        to_stage_id=rule.target_id,
        kind=rule.kind,
        rule=rule,
        entered_at=at,
        by=attempt.by,
        reason=attempt.reason,
    )
    return held, move


def _standing(attempt: Attempt) -> dict[str, object]:
    """Return what else changes on the cooperation with the step."""
    cooperation = attempt.cooperation
    values: dict[str, object] = {
        "confirmed_at": None,
        "on_hold_since": None,
        "hold_reason": "",
        "closed_at": None,
        "closed_reason": "",
    }
    if attempt.rule.kind in stages.CLOSING:
        values |= {
            "closed_at": attempt.at,
            "closed_reason": cooperation.closed_reason,
            "lessons": cooperation.lessons,
            "competitor": cooperation.competitor,
            "commitments_settlement": cooperation.commitments_settlement,
            "closing_review": cooperation.closing_review,
            "handed_over_on": cooperation.handed_over_on,
        }
    return values


def _record(
    attempt: Attempt,
    event: str,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object],
) -> None:
    journal.record(
        kind=event,
        subject=attempt.cooperation,
        by=attempt.by,
        at=attempt.at,
        partner_id=attempt.cooperation.partner_id,
        old=old,
        new=new,
    )
