"""One attempt to take a step of the ladder: locked, judged, and written down either way."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.accounts.models import User
from crm.core.errors import DomainError, StaleVersionError
from crm.journal import operations as journal
from crm.journal.values import to_json
from partners import stages
from partners.gates import Case
from partners.models import (
    Approval,
    Cooperation,
    GateCheck,
    GateCriterion,
    StageTransition,
    StageTransitionRule,
    Waiver,
)
from partners.operations.locks import lock_cooperation
from partners.queries import ladder
from partners.queries.ladder import Look
from partners.queries.roles import holds_role
from partners.stages import MoveKind


class StageRefusedError(DomainError):
    """A step of the ladder is not possible; `missing` lists what it would need."""

    code = "stage.refused"


class StageInputError(StageRefusedError):
    """A step was asked for in a way that cannot be judged."""

    code = "stage.bad-request"
    is_input = True


class WaiverRefusedError(DomainError):
    """A criterion cannot be waived, or not by this person."""

    code = "waiver.refused"


@dataclass(frozen=True)
class Attempt:
    """One step somebody tries to take, with everything locked that it depends on."""

    cooperation: Cooperation
    stay: StageTransition
    rule: StageTransitionRule
    by: User
    at: datetime
    reason: str = ""
    number: uuid.UUID = field(default_factory=uuid.uuid4)


def begin(
    *,
    cooperation: Cooperation,
    to: str,
    by: User,
    at: datetime,
    reason: str,
    expected_version: int | None,
) -> Attempt:
    """Lock the cooperation and find the rule of the step; nothing is judged yet.

    :raises StaleVersionError: when it changed since `expected_version`, or stands in
        another stage than the row that was passed in.
    :raises StageRefusedError: when no rule allows the step, or it is on hold.
    """
    fresh = lock_cooperation(cooperation, expected_version=expected_version)
    if fresh.stage_id != cooperation.stage_id:
        raise StaleVersionError(
            _("“%(object)s” was moved in the meantime; look at it again.")
            % {"object": str(fresh)},
            current=fresh.version,
        )
    rule = ladder.rule_in_force(source=fresh.stage_id, target=to)
    if rule is None:
        raise _not_allowed(fresh, to)
    attempt = Attempt(fresh, ladder.open_stay(fresh), rule, by, at, reason.strip())
    _check_circumstances(attempt)
    return attempt


def judge(attempt: Attempt, waivers: Mapping[str, str]) -> tuple[Look, ...]:
    """Look at every criterion now; waive those named, code by reason, in the same breath.

    :raises WaiverRefusedError: when the person may not waive one of them.
    """
    looks = ladder.examine(
        case=Case(cooperation=attempt.cooperation, at=attempt.at),
        rule=attempt.rule,
        stay=attempt.stay,
        by=attempt.by,
    )
    strange = sorted(set(waivers) - {look.code for look in looks if look.criterion})
    if strange:
        raise WaiverRefusedError(
            _("This gate does not ask for: %(codes)s.") % {"codes": ", ".join(strange)}
        )
    return tuple(
        waived(attempt, look, waivers[look.code])
        if look.code in waivers and not look.is_through
        else look
        for look in looks
    )


def waived(attempt: Attempt, look: Look, reason: str) -> Look:
    """Waive one criterion for this stay; the look keeps what it found.

    :raises WaiverRefusedError: without a reason, without the role, or where it cannot be.
    """
    criterion, role = _waivable(attempt, look, reason)
    waiver = Waiver.objects.create(
        cooperation=attempt.cooperation,
        stay=attempt.stay,
        criterion=criterion,
        role=role,
        by=attempt.by,
        at=attempt.at,
        reason=reason.strip(),
    )
    journal.record(
        kind="cooperation.criterion-waived",
        subject=attempt.cooperation,
        by=attempt.by,
        at=attempt.at,
        partner_id=attempt.cooperation.partner_id,
        new={
            "criterion": look.code,
            "found": look.finding.verdict,
            "words": look.finding.words,
            "role": role,
            "reason": waiver.reason,
        },
    )
    return replace(look, waiver=waiver)


def _waivable(attempt: Attempt, look: Look, reason: str) -> tuple[GateCriterion, str]:
    criterion = look.criterion
    if criterion is None or not look.may_be_waived:
        raise WaiverRefusedError(
            _("“%(criterion)s” cannot be waived.") % {"criterion": look.label}
        )
    if not reason.strip():
        raise WaiverRefusedError(_("A waiver needs a reason."))
    role = criterion.waiver_role
    if not holds_role(role, by=attempt.by, cooperation=attempt.cooperation):
        raise WaiverRefusedError(
            _("“%(criterion)s” can be waived by: %(role)s.")
            % {
                "criterion": look.label,
                "role": criterion.get_waiver_role_display(),
            },
            code="waiver.not-by-you",
        )
    return criterion, role


def write_checks(
    attempt: Attempt, looks: Iterable[Look], move: StageTransition | None = None
) -> None:
    """Store what each look found with the values it saw."""
    GateCheck.objects.bulk_create(
        GateCheck(
            cooperation=attempt.cooperation,
            stay=attempt.stay,
            rule=attempt.rule,
            criterion=look.criterion,
            code=look.code,
            found=look.finding.verdict,
            verdict=look.verdict,
            words=look.finding.words,
            seen=to_json(look.finding.seen),
            waiver=look.waiver if not look.finding.is_passed else None,
            attempt=attempt.number,
            move=move,
            by=attempt.by,
            at=attempt.at,
        )
        for look in looks
    )


def write_approvals(attempt: Attempt, looks: Iterable[Look]) -> None:
    """Store the approvals that taking the step amounts to."""
    Approval.objects.bulk_create(
        Approval(
            cooperation=attempt.cooperation,
            stay=attempt.stay,
            rule=attempt.rule,
            role=look.role,
            by=attempt.by,
            at=attempt.at,
        )
        for look in looks
        if look.is_new
    )


def refusal_of(attempt: Attempt, looks: tuple[Look, ...]) -> StageRefusedError | None:
    """Return why the step is refused, written down, to be raised after commit; or None."""
    if all(look.is_through for look in looks):
        return None
    write_checks(attempt, looks)
    missing = tuple(look.in_words for look in looks if not look.is_through)
    journal.record(
        kind="cooperation.move-refused",
        subject=attempt.cooperation,
        by=attempt.by,
        at=attempt.at,
        partner_id=attempt.cooperation.partner_id,
        new={
            "from": attempt.rule.source_id,
            "to": attempt.rule.target_id,
            "attempt": attempt.number,
            "missing": [look.code for look in looks if not look.is_through],
        },
    )
    return StageRefusedError(
        ngettext(
            "“%(object)s” cannot go to “%(stage)s” yet: one thing is missing.",
            "“%(object)s” cannot go to “%(stage)s” yet: %(count)s things are missing.",
            len(missing),
        )
        % {
            "object": str(attempt.cooperation),
            "stage": str(attempt.rule.target),
            "count": len(missing),
        },
        missing=missing,
    )


def _not_allowed(cooperation: Cooperation, to: str) -> StageRefusedError:
    targets = ", ".join(
        str(rule.target)
        for rule in ladder.rules_from(cooperation.stage_id)
        if rule.kind != MoveKind.CONFIRM
    )
    return StageRefusedError(
        _("From “%(stage)s” there is no step to “%(to)s”; possible are: %(targets)s.")
        % {"stage": str(cooperation.stage), "to": to, "targets": targets or "–"},
        code="stage.not-allowed",
    )


def _check_circumstances(attempt: Attempt) -> None:
    cooperation, rule = attempt.cooperation, attempt.rule
    if attempt.at < attempt.stay.entered_at:
        raise StageInputError(
            _("It is in its stage only since %(since)s; a step cannot be earlier.")
            % {"since": f"{attempt.stay.entered_at:%Y-%m-%d %H:%M} UTC"}
        )
    if cooperation.on_hold_since and rule.kind != MoveKind.TERMINATE:
        raise StageRefusedError(
            _("It is on hold; resume it first."), code="stage.on-hold"
        )
    if rule.needs_reason and not attempt.reason:
        raise StageInputError(_("This step needs a reason."), code="stage.needs-reason")
    if rule.kind == MoveKind.REOPEN:
        _check_reopening(attempt)


def _check_reopening(attempt: Attempt) -> None:
    if attempt.stay.from_stage_id != attempt.rule.target_id:
        raise StageRefusedError(
            _("It can be reopened only where it stood before."),
            code="stage.not-allowed",
        )
    if not stages.is_in_time(
        within_days=attempt.rule.within_days,
        closed_at=attempt.stay.entered_at,
        at=attempt.at,
    ):
        raise StageRefusedError(
            _("It can be reopened within %(days)s days only.")
            % {"days": attempt.rule.within_days},
            code="stage.too-late",
        )
