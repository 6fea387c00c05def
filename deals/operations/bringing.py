"""Bring deals from another system: opened when new, changed and moved when known.

Many are judged in memory by the rules of the operations on one deal, then written with
a few statements; one is the same with a single deal. What was judged and not written
left no trace.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import bulk
from crm.journal import operations as journal
from crm.journal.operations import Draft
from deals import pipeline
from deals.models import Deal, DealExternalId, DealStageChange
from deals.operations import deals, stages
from deals.operations.deals import EDITABLE, DealInputError, DealRefusedError
from deals.operations.stages import Closing
from deals.pipeline import DealStage
from deals.queries import bringing as queries
from deals.queries.filled import present_in
from partners.models import Partner
from partners.operations.changes import plain

WRITTEN = (
    *sorted(EDITABLE), "stage", "stage_entered_at", "probability", "category",
    "overridden_at", "overridden_by", "override_reason", *stages.CLOSING_FIELDS[:-1],
    "version",
)  # fmt: skip
"""What bringing may change of a known deal."""


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


@dataclass(kw_only=True)
class Trace:
    """What one deal leaves behind: its stays, its entries, and whether it is new."""

    deal: Deal
    external_id: str
    is_new: bool
    before: int = 0
    stays: list[DealStageChange] = field(default_factory=list)
    entries: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(
        default_factory=list
    )


@transaction.atomic
def bring_deal(*, incoming: Incoming, by: User, at: datetime) -> Brought:
    """Open, change or leave the deal that the other system knows by this id.

    An open stage that asks for more than there is, is not reached: the deal stands in the
    furthest stage that its fields allow, and a note says what is missing.

    :raises DealRefusedError: for a new deal without a partner, for a closed deal that would
        change, for an end without what it asks for, or when the id belongs to a deal out
        of sight.
    """
    haul = Haul(system=incoming.system, by=by, at=at)
    haul.prepare([incoming.external_id], partners=[incoming.partner], for_update=True)
    brought = haul.bring(incoming)
    haul.write()
    return brought


def link_deal(*, deal: Deal, system: str, external_id: str) -> None:
    """Remember by which id another system knows a deal; one per system."""
    DealExternalId.objects.update_or_create(
        deal=deal, system=system, defaults={"value": external_id}
    )


class Haul:
    """Deals of one system that are judged together and written together."""

    def __init__(self, *, system: str, by: User, at: datetime) -> None:
        self.system, self.by, self.at = system, by, at
        self.known: dict[str, Deal] = {}
        self.hidden: set[str] = set()
        self.partners: dict[int, Partner] = {}
        self.codes: dict[int, int] = {}
        self.traces: list[Trace] = []
        self.weights = deals.weights()

    def prepare(
        self,
        external_ids: Iterable[str],
        *,
        partners: Iterable[Partner | None],
        for_update: bool,
    ) -> None:
        """Read what there is, with few statements for any number.

        :param for_update: lock it, too; the deals after their partners.
        """
        pks = {partner.pk for partner in partners if partner is not None}
        self.partners = queries.partners_of(pks, for_update=for_update)
        self.known, self.hidden = queries.known_deals(
            system=self.system,
            external_ids=external_ids,
            by=self.by,
            for_update=for_update,
        )

    def bring(self, incoming: Incoming) -> Brought:
        """Judge one; a refusal leaves nothing of it to be written."""
        if incoming.external_id in self.hidden:
            raise DealRefusedError(
                _("Another deal has this id of that system."),
                code="deal.external-id-taken",
            )
        _check_values(incoming)
        known = self.known.get(incoming.external_id)
        if known is None:
            return self._open(incoming)
        return self._change(known, incoming)

    def _open(self, incoming: Incoming) -> Brought:
        if incoming.partner is None:
            raise DealRefusedError(
                _("No partner was found for it."), code="deal.no-partner"
            )
        parent = self.partners[incoming.partner.pk]
        number = self.codes.get(parent.pk) or deals.next_number(parent)
        sketch = deals.sketch_deal(
            partner=parent,
            number=number,
            title=incoming.title,
            values=incoming.values,
            weights=self.weights,
            by=self.by,
            at=self.at,
        )
        trace = Trace(deal=sketch.deal, external_id=incoming.external_id, is_new=True)
        trace.stays.append(sketch.stay)
        trace.entries.append(("deal.opened", {}, sketch.new))
        notes = self._take_to(trace, incoming)
        self.codes[parent.pk] = number + 1
        self.traces.append(trace)
        return Brought(deal=trace.deal, outcome="create", notes=notes)

    def _change(self, known: Deal, incoming: Incoming) -> Brought:
        if not known.is_open and known.stage == incoming.stage:
            return Brought(deal=known, outcome="unchanged")
        deal = copy.copy(known)
        deals.refuse_closed(deal)
        trace = Trace(
            deal=deal,
            external_id=incoming.external_id,
            is_new=False,
            before=known.version,
        )
        values = {"title": incoming.title, **incoming.values}
        old, new = deals.judge_changes(deal, values)
        if new:
            deal.version += 1
            trace.entries.append(("deal.edited", old, new))
        notes = self._take_to(trace, incoming)
        if deal.version == known.version:
            return Brought(deal=known, outcome="unchanged", notes=notes)
        self.traces.append(trace)
        return Brought(deal=deal, outcome="update", notes=notes)

    def _take_to(self, trace: Trace, incoming: Incoming) -> tuple[str, ...]:
        """Move the deal where the other system has it, as far as its fields allow."""
        deal, wanted = trace.deal, incoming.stage
        if wanted in pipeline.CLOSED:
            self._end(trace, incoming)
            return ()
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
            self._move(trace, stage)
        return notes

    def _end(self, trace: Trace, incoming: Incoming) -> None:
        closing = Closing(
            reason=incoming.reason,
            closed_on=incoming.closed_on,
            competitor=incoming.competitor,
            note=incoming.note,
        )
        is_won = incoming.stage == DealStage.LAUNCHED
        if is_won and trace.deal.stage != DealStage.COMMITTED:
            self._move(trace, DealStage.COMMITTED)
        self._move(trace, incoming.stage, closing if incoming.reason else None)

    def _move(
        self, trace: Trace, to: DealStage, closing: Closing | None = None
    ) -> None:
        step = stages.judge_move(
            trace.deal, to=to, closing=closing, by=self.by, at=self.at
        )
        if trace.stays:
            trace.stays[-1].exited_at = self.at
        trace.stays.append(stages.stay_of(step))
        old = stages.enter(step, weights=self.weights)
        trace.deal.version += 1
        trace.entries.append((stages.EVENTS[step.kind], old, stages.told(step)))

    def write(self) -> None:
        """Write what was judged: deals, ids, stays, journal.

        :raises IntegrityError: when the database refuses one; then none is written.
        """
        new = [trace for trace in self.traces if trace.is_new]
        changed = [trace for trace in self.traces if not trace.is_new]
        bulk.insert(Deal, [trace.deal for trace in new])
        bulk.append(
            DealExternalId,
            (
                DealExternalId(
                    deal=trace.deal, system=self.system, value=trace.external_id
                )
                for trace in new
            ),
        )
        moved = [trace.deal.pk for trace in changed if trace.stays]
        DealStageChange.objects.filter(
            deal_id__in=bulk.these(moved, models.BigIntegerField()),
            exited_at__isnull=True,
        ).update(exited_at=self.at)
        bulk.append(DealStageChange, self._stays())
        bulk.update(Deal, [trace.deal for trace in changed], WRITTEN)
        journal.record_many(drafts=self._drafts(), by=self.by, at=self.at)

    def _stays(self) -> Iterable[DealStageChange]:
        for trace in self.traces:
            for stay in trace.stays:
                stay.deal = trace.deal
                yield stay

    def _drafts(self) -> Iterable[Draft]:
        for trace in self.traces:
            deal = trace.deal
            extra = (
                {}
                if deal.cooperation_id is None
                else {"cooperation": deal.cooperation_id}
            )
            for kind, old, new in trace.entries:
                yield Draft(
                    kind=kind,
                    subject=deal,
                    partner_id=deal.partner_id,
                    old=plain(old),
                    new=plain(new) | extra,
                )


def _check_values(incoming: Incoming) -> None:
    """Refuse what a column cannot hold, before anything is written."""
    for name, value in {"title": incoming.title, **incoming.values}.items():
        column: Any = Deal._meta.get_field(name)
        if column.is_relation or value is None:
            continue
        try:
            column.run_validators(column.to_python(value))
        except ValidationError as error:
            raise DealInputError(
                f"{column.verbose_name}: {' '.join(error.messages)}"
            ) from error


def furthest(deal: Deal, wanted: DealStage) -> DealStage:
    """Return the furthest open stage up to the wanted one whose demands are met."""
    present = present_in(deal)
    upto = pipeline.OPEN[: pipeline.OPEN.index(wanted) + 1]
    reached = [each for each in upto if not pipeline.missing(each, present)]
    return reached[-1] if reached else DealStage(deal.stage)
