"""Take opportunities of AWS Partner Central in, each by itself, with its own result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.accounts.models import User
from crm.core.errors import DomainError
from deals import partner_central
from deals.models import Deal, DealExternalId
from deals.operations import bringing
from deals.operations.bringing import Incoming
from deals.partner_central import SYSTEM, Facts
from deals.pipeline import DealStage, WonReason
from deals.queries.finding import partner_named


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of one opportunity; `problem` says why it was refused."""

    external_id: str
    outcome: str
    deal_id: int | None = None
    notes: tuple[str, ...] = ()
    problem: str = ""
    missing: tuple[str, ...] = ()


def receive_opportunities(
    *, bodies: Sequence[Any], by: User, at: datetime, is_trial: bool = False
) -> list[Received]:
    """Bring each opportunity in its own transaction; one refusal stops none of the others.

    Sending the same again changes nothing.

    :param is_trial: work everything out and keep nothing.
    """
    return [_receive(body, by=by, at=at, is_trial=is_trial) for body in bodies]


def _receive(body: Any, *, by: User, at: datetime, is_trial: bool) -> Received:
    number = str(body.get("Id", "")) if isinstance(body, dict) else ""
    try:
        with transaction.atomic():
            found = _bring(partner_central.read(body), by=by, at=at)
            if is_trial:
                transaction.set_rollback(True)
    except DomainError as refusal:
        return Received(
            external_id=number,
            outcome="refused",
            problem=str(refusal),
            missing=refusal.missing,
        )
    return found


def _bring(facts: Facts, *, by: User, at: datetime) -> Received:
    _link_by_code(facts, by=by)
    is_won = facts.stage == DealStage.LAUNCHED
    incoming = Incoming(
        system=SYSTEM,
        external_id=facts.external_id,
        title=facts.title[:200],
        stage=facts.stage,
        partner=partner_named(name=facts.company, website=facts.website, by=by),
        values=facts.values,
        reason=WonReason.OTHER if is_won else facts.lost_reason,
        competitor=facts.competitor,
    )
    brought = bringing.bring_deal(incoming=incoming, by=by, at=at)
    return Received(
        external_id=facts.external_id,
        outcome=brought.outcome,
        deal_id=brought.deal.pk,
        notes=brought.notes,
    )


def _link_by_code(facts: Facts, *, by: User) -> None:
    """Know a deal again that we had sent and that got its id over there."""
    if not facts.number or _is_known(facts.external_id):
        return
    ours = Deal.objects.visible_to(by).filter(code=facts.number).first()
    if ours is not None:
        bringing.link_deal(deal=ours, system=SYSTEM, external_id=facts.external_id)


def _is_known(external_id: str) -> bool:
    return DealExternalId.objects.filter(system=SYSTEM, value=external_id).exists()
