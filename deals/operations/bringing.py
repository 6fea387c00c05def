"""Bring a deal from another system: opened when new, changed and moved when known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from deals import pipeline
from deals.models import Deal, DealExternalId
from deals.operations import deals, stages
from deals.operations.deals import DealRefusedError
from deals.operations.stages import Closing
from deals.pipeline import DealStage
from deals.queries.filled import present_in
from partners.models import Partner


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What another system says about one deal.

    :ivar values: fields as `edit_deal` takes them; what is absent is left alone.
    """

    system: str
    external_id: str
    title: str
    stage: DealStage
    partner: Partner | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    competitor: str = ""
    closed_on: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What came of it; notes say what was left out, in words."""

    deal: Deal
    outcome: str
    notes: tuple[str, ...] = ()


@transaction.atomic
def bring_deal(*, incoming: Incoming, by: User, at: datetime) -> Brought:
    """Open, change or leave the deal that the other system knows by this id.

    An open stage that asks for more than there is, is not reached: the deal stands in the
    furthest stage that its fields allow, and a note says what is missing.

    :raises DealRefusedError: for a new deal without a partner, for a closed deal that would
        change, for an end without what it asks for, or when the id belongs to a deal out
        of sight.
    """
    known = (
        DealExternalId.objects.filter(
            system=incoming.system, value=incoming.external_id
        )
        .select_related("deal")
        .first()
    )
    if known is None:
        return _open(incoming, by=by, at=at)
    deal = Deal.objects.visible_to(by).filter(pk=known.deal_id).first()
    if deal is None:
        raise DealRefusedError(
            _("Another deal has this id of that system."),
            code="deal.external-id-taken",
        )
    return _change(deal, incoming, by=by, at=at)


def link_deal(*, deal: Deal, system: str, external_id: str) -> None:
    """Remember by which id another system knows a deal; one per system."""
    DealExternalId.objects.update_or_create(
        deal=deal, system=system, defaults={"value": external_id}
    )


def _open(incoming: Incoming, *, by: User, at: datetime) -> Brought:
    if incoming.partner is None:
        raise DealRefusedError(
            _("No partner was found for it."), code="deal.no-partner"
        )
    deal = deals.open_deal(
        partner=incoming.partner,
        title=incoming.title,
        by=by,
        at=at,
        values=incoming.values,
    )
    link_deal(deal=deal, system=incoming.system, external_id=incoming.external_id)
    deal, notes = _take_to(deal, incoming, by=by, at=at)
    return Brought(deal=deal, outcome="create", notes=notes)


def _change(deal: Deal, incoming: Incoming, *, by: User, at: datetime) -> Brought:
    before = deal.version
    if not deal.is_open and deal.stage == incoming.stage:
        return Brought(deal=deal, outcome="unchanged")
    values = {"title": incoming.title, **incoming.values}
    deal = deals.edit_deal(deal=deal, by=by, at=at, values=values)
    deal, notes = _take_to(deal, incoming, by=by, at=at)
    outcome = "unchanged" if deal.version == before else "update"
    return Brought(deal=deal, outcome=outcome, notes=notes)


def _take_to(
    deal: Deal, incoming: Incoming, *, by: User, at: datetime
) -> tuple[Deal, tuple[str, ...]]:
    """Move the deal where the other system has it, as far as its fields allow."""
    wanted = incoming.stage
    if wanted in pipeline.CLOSED:
        return _end(deal, incoming, by=by, at=at), ()
    stage = furthest(deal, wanted)
    notes: tuple[str, ...] = ()
    if stage != wanted:
        lacking = pipeline.missing(wanted, present_in(deal))
        notes = (
            _("“%(stage)s” still asks for: %(names)s")
            % {
                "stage": wanted.label,
                "names": ", ".join(str(pipeline.WORDS[name]) for name in lacking),
            },
        )
    if stage != deal.stage:
        deal = stages.move_deal(deal=deal, to=stage, by=by, at=at)
    return deal, notes


def _end(deal: Deal, incoming: Incoming, *, by: User, at: datetime) -> Deal:
    closing = Closing(
        reason=incoming.reason,
        closed_on=incoming.closed_on,
        competitor=incoming.competitor,
        note=incoming.note,
    )
    is_won = incoming.stage == DealStage.LAUNCHED
    if is_won and deal.stage != DealStage.COMMITTED:
        deal = stages.move_deal(deal=deal, to=DealStage.COMMITTED, by=by, at=at)
    return stages.move_deal(
        deal=deal,
        to=incoming.stage,
        by=by,
        at=at,
        closing=closing if incoming.reason else None,
    )


def furthest(deal: Deal, wanted: DealStage) -> DealStage:
    """Return the furthest open stage up to the wanted one whose demands are met."""
    present = present_in(deal)
    upto = pipeline.OPEN[: pipeline.OPEN.index(wanted) + 1]
    reached = [each for each in upto if not pipeline.missing(each, present)]
    return reached[-1] if reached else DealStage(deal.stage)
