"""Proposals to move: drawn from evidence by the product, decided by a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from crm.journal.values import to_json
from partners.models import Cooperation, Proposal
from partners.operations import attempts, stages
from partners.operations.locks import lock, lock_cooperation
from partners.queries import ladder
from partners.stages import MoveKind

QUIET = timedelta(days=14)
"""For how long a dismissed proposal is not made again in the same stay."""


class ProposalRefusedError(DomainError):
    """A proposal cannot be decided like this."""

    code = "proposal.refused"


@dataclass(frozen=True)
class Suggestion:
    """What evidence suggests: a `Proposal.Kind`, the stage to go to, and why."""

    kind: str
    to: str
    words: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def propose_move(
    *, cooperation: Cooperation, suggestion: Suggestion, at: datetime
) -> Proposal | None:
    """Propose a move; an open proposal of the kind is kept, nothing is ever moved.

    Shadow production may be seen rungs below Production: the next rung is proposed then.

    :returns: the open proposal; None when the cooperation is closed, no rule allows the
        step, or somebody dismissed the like in this stay less than `QUIET` ago.
    """
    fresh = lock_cooperation(cooperation)
    known = fresh.proposals.filter(
        kind=suggestion.kind, state=Proposal.State.OPEN
    ).first()
    if known is not None:
        return known
    rule = _way(fresh, suggestion)
    stay = ladder.open_stay(fresh)
    dismissed = stay.proposals.filter(
        kind=suggestion.kind,
        state=Proposal.State.DISMISSED,
        decided_at__gt=at - QUIET,
    )
    if fresh.closed_at is not None or rule is None or dismissed.exists():
        return None
    proposal = Proposal.objects.create(
        cooperation=fresh,
        stay=stay,
        kind=suggestion.kind,
        to_stage_id=rule.target_id,
        words=suggestion.words,
        evidence=to_json(suggestion.evidence),
        proposed_at=at,
    )
    _record("proposal.made", proposal, None, at, evidence=suggestion.evidence)
    return proposal


def _way(cooperation: Cooperation, suggestion: Suggestion) -> Any:
    """Return the rule of the proposed step, None when the ladder has no such way."""
    rule = ladder.rule_in_force(source=cooperation.stage_id, target=suggestion.to)
    if rule is None and suggestion.kind == Proposal.Kind.SHADOW_PRODUCTION:
        ahead = ladder.rules_from(cooperation.stage_id)
        return next((r for r in ahead if r.kind == MoveKind.ADVANCE), None)
    return rule


def accept_proposal(
    *,
    proposal: Proposal,
    by: User,
    at: datetime,
    reason: str,
    waivers: Mapping[str, str] | None = None,
) -> Cooperation:
    """Move as proposed, through the same gate as every move.

    When the gate refuses, its checks are kept and the proposal stays open; the caller
    must not roll them back (see `move_stage`).

    :raises ProposalRefusedError: when it is decided or lapsed, or without a reason.
    :raises StageRefusedError: as `move_stage` does.
    """
    with transaction.atomic():
        lock_cooperation(proposal.cooperation)
        fresh = _open(proposal, reason)
        attempt = attempts.begin(
            cooperation=fresh.cooperation,
            to=fresh.to_stage_id,
            by=by,
            at=at,
            reason=reason,
            expected_version=None,
        )
        refusal = stages.take_step(attempt, waivers=waivers or {})
        if refusal is None:
            _decide(fresh, Proposal.State.ACCEPTED, reason, by=by, at=at)
    if refusal is not None:
        raise refusal
    return attempt.cooperation


@transaction.atomic
def dismiss_proposal(
    *, proposal: Proposal, by: User, at: datetime, reason: str
) -> Proposal:
    """Turn a proposal down; the like is not made again for a while.

    :raises ProposalRefusedError: when it is decided or lapsed, or without a reason.
    """
    lock_cooperation(proposal.cooperation)
    fresh = _open(proposal, reason)
    _decide(fresh, Proposal.State.DISMISSED, reason, by=by, at=at)
    return fresh


def _open(proposal: Proposal, reason: str) -> Proposal:
    fresh = lock(proposal)
    if fresh.state != Proposal.State.OPEN:
        raise ProposalRefusedError(
            _("It is: %(state)s.") % {"state": fresh.get_state_display()},
            code="proposal.decided",
        )
    if not reason.strip():
        raise ProposalRefusedError(_("Say why."), code="proposal.needs-reason")
    return fresh


def _decide(
    proposal: Proposal, state: Proposal.State, reason: str, *, by: User, at: datetime
) -> None:
    proposal.state, proposal.decided_by = state, by
    proposal.decided_at, proposal.reason = at, reason.strip()
    proposal.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _record(f"proposal.{state}", proposal, by, at, reason=proposal.reason)


def _record(
    kind: str, proposal: Proposal, by: User | None, at: datetime, **new: object
) -> None:
    journal.record(
        kind=kind,
        subject=proposal,
        by=by,
        at=at,
        partner_id=proposal.cooperation.partner_id,
        new={
            "cooperation": proposal.cooperation_id,
            "kind": proposal.kind,
            "to": proposal.to_stage_id,
            **new,
        },
    )
