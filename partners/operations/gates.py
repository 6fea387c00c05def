"""Waiving what a gate asks for and approving a step, ahead of the move itself."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.gates import Case
from partners.models import Approval, Cooperation, Waiver
from partners.operations import attempts
from partners.operations.attempts import Attempt, WaiverRefusedError
from partners.queries import ladder
from partners.queries.roles import holds_role
from partners.stages import Role


class ApprovalRefusedError(DomainError):
    """A step cannot be approved in this role by this person."""

    code = "approval.refused"


def waive_criterion(
    *,
    cooperation: Cooperation,
    to: str,
    criterion: str,
    by: User,
    at: datetime,
    reason: str,
) -> Waiver:
    """Let the next step to `to` pass without one criterion; the failed check stays beside it.

    :param criterion: its code.
    :raises WaiverRefusedError: when it holds, cannot be waived, is waived already, or the
        person lacks the named role; or without a reason.
    :raises StageRefusedError: when no rule allows the step.
    """
    with transaction.atomic():
        attempt = _attempt(cooperation, to=to, by=by, at=at)
        row = attempt.rule.criteria.filter(code=criterion).first()
        if row is None:
            raise WaiverRefusedError(
                _("This gate does not ask for: %(codes)s.") % {"codes": criterion}
            )
        if attempt.stay.waivers.filter(criterion=row).exists():
            raise WaiverRefusedError(
                _("“%(criterion)s” is waived already.") % {"criterion": str(row)}
            )
        look = ladder.look_at(row, Case(cooperation=attempt.cooperation, at=at))
        if look.is_through:
            raise WaiverRefusedError(
                _("“%(criterion)s” holds; nothing is to be waived.")
                % {"criterion": look.label}
            )
        attempts.write_checks(attempt, [look])
        waiver = attempts.waived(attempt, look, reason).waiver
    if waiver is None:
        raise WaiverRefusedError(_("Nothing was waived."))
    return waiver


@transaction.atomic
def approve_step(
    *,
    cooperation: Cooperation,
    to: str,
    role: str,
    by: User,
    at: datetime,
    comment: str = "",
) -> Approval:
    """Say yes, in one role, to the next step to `to`; it counts for this stay only.

    :raises ApprovalRefusedError: when the step does not ask for the role, the person does
        not hold it here, or the yes was given.
    :raises StageRefusedError: when no rule allows the step.
    """
    attempt = _attempt(cooperation, to=to, by=by, at=at)
    _check_approver(attempt, role)
    approval = Approval.objects.create(
        cooperation=attempt.cooperation,
        stay=attempt.stay,
        rule=attempt.rule,
        role=role,
        by=by,
        at=at,
        comment=comment.strip(),
    )
    journal.record(
        kind="cooperation.step-approved",
        subject=attempt.cooperation,
        by=by,
        at=at,
        partner_id=attempt.cooperation.partner_id,
        new={"to": to, "role": role, "comment": comment.strip()},
    )
    return approval


def _check_approver(attempt: Attempt, role: str) -> None:
    if role not in attempt.rule.approver_roles:
        raise ApprovalRefusedError(_("This step does not ask for that approval."))
    if not holds_role(role, by=attempt.by, cooperation=attempt.cooperation):
        raise ApprovalRefusedError(
            _("This can be approved by: %(role)s.") % {"role": Role(role).label},
            code="approval.not-by-you",
        )
    if attempt.stay.approvals.filter(rule=attempt.rule, role=role).exists():
        raise ApprovalRefusedError(_("It is approved already."))


def _attempt(cooperation: Cooperation, *, to: str, by: User, at: datetime) -> Attempt:
    return attempts.begin(
        cooperation=cooperation,
        to=to,
        by=by,
        at=at,
        reason="–",
        expected_version=None,
    )
