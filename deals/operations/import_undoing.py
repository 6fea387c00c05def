"""Takes back what an import of deals did; called by `imports` only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.journal import operations as journal
from crm.journal.operations import Draft
from deals.models import (
    Deal,
    DealExternalId,
    DealImport,
    DealImportRow,
    DealStageChange,
)
from deals.operations import deals, stages
from deals.operations.deals import EDITABLE
from deals.pipeline import CLOSED, DealStage
from partners.operations.changes import plain

Outcome = DealImportRow.Outcome
OWN = (DealExternalId, DealImportRow, DealStageChange)


def hindrances(*, batch: DealImport) -> list[str]:
    """Return what stands against undoing, in words."""
    rows = _rows(batch)
    found = [
        _("line %(line)d: %(name)s was changed since")
        % {"line": row.line, "name": _name_of(row)}
        for row in rows
        if row.deal is None or row.deal.version != row.version_after
    ]
    found += [
        _("line %(line)d: the end of %(name)s stands; reopen it by hand")
        % {"line": row.line, "name": row.deal}
        for row in rows
        if row.outcome == Outcome.UPDATE and row.changes["old"].get("stage") in CLOSED
    ]
    made = {row.deal_id: row for row in rows if row.outcome == Outcome.CREATE}
    for relation in Deal._meta.related_objects:
        model = relation.related_model
        if model in OWN:
            continue
        name = relation.field.attname
        users = model._default_manager.filter(**{f"{name}__in": list(made)})
        found += [
            _("line %(line)d: %(name)s is used by %(what)s")
            % {
                "line": made[pk].line,
                "name": made[pk].deal,
                "what": model._meta.verbose_name,
            }
            for pk in users.values_list(name, flat=True).distinct()[:20]
        ]
    return found


def _name_of(row: DealImportRow) -> str:
    return "–" if row.deal is None else str(row.deal)


def take_back(*, batch: DealImport, by: User, at: datetime) -> None:
    """Remove the deals that were made, and give the changed ones what they had."""
    rows = _rows(batch)
    _remove([row for row in rows if row.outcome == Outcome.CREATE], by=by, at=at)
    for row in rows:
        if row.outcome == Outcome.UPDATE and row.deal is not None:
            _restore(row.deal, row.changes["old"], by=by, at=at)


def _rows(batch: DealImport) -> list[DealImportRow]:
    return list(
        batch.rows.filter(outcome__in=[Outcome.CREATE, Outcome.UPDATE])
        .select_related("deal")
        .order_by("line")
    )


def _remove(rows: list[DealImportRow], *, by: User, at: datetime) -> None:
    gone = {row.deal.pk: row.deal for row in rows if row.deal is not None}
    journal.record_many(
        drafts=(
            Draft(
                kind="deal.removed",
                subject=deal,
                partner_id=deal.partner_id,
                old=plain({"code": deal.code, "title": deal.title, "key": deal.key}),
            )
            for deal in gone.values()
        ),
        by=by,
        at=at,
    )
    for row in rows:
        row.removed_id, row.deal = row.deal_id, None
    DealImportRow.objects.bulk_update(rows, ["removed_id", "deal"], batch_size=2_000)
    DealImportRow.objects.filter(deal__in=gone).update(deal=None)
    for model in (DealExternalId, DealStageChange):
        model._default_manager.filter(deal__in=gone).delete()
    Deal.objects.filter(pk__in=gone).delete()


def _restore(deal: Deal, old: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """Go back to the former stage first: a closed deal takes no changes."""
    reason = _("import undone")
    if not deal.is_open:
        deal = stages.reopen_deal(deal=deal, by=by, at=at, reason=reason)
    values = {
        name: _value(name, value) for name, value in old.items() if name in EDITABLE
    }
    stage = DealStage(old.get("stage", deal.stage))
    back = list(DealStage).index(stage) < list(DealStage).index(DealStage(deal.stage))
    if back:
        deal = stages.move_deal(deal=deal, to=stage, by=by, at=at, reason=reason)
    deal = deals.edit_deal(deal=deal, by=by, at=at, values=values)
    if deal.stage != stage:
        stages.move_deal(deal=deal, to=stage, by=by, at=at, reason=reason)


def _value(name: str, value: Any) -> Any:
    field = Deal._meta.get_field(name)
    if field.related_model is None or value is None:
        return field.to_python(value)  # type: ignore[union-attr]  # a plain field
    return field.related_model._default_manager.get(pk=value)
