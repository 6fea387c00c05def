"""What an import of partners plans, does and takes back; called by `imports` only."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import bulk
from crm.journal import operations as journal
from crm.journal.operations import Draft
from partners import import_plan
from partners.cells import ReadRow
from partners.import_plan import PlannedRow
from partners.models import (
    ExternalId,
    ImportBatch,
    ImportJob,
    ImportRow,
    Partner,
    PartnerAlias,
    PartnerDomain,
    PartnerSearch,
    RegistrationId,
)
from partners.operations import parties, search, tombstones
from partners.queries import imports as queries

DONE = ("create", "update")
PARTS = (PartnerAlias, PartnerDomain, RegistrationId, ExternalId, PartnerSearch)
REMEMBERED = (*import_plan.PLAIN, *import_plan.RENAMED.values())
FIELDS = (*(name.removesuffix("_id") for name in REMEMBERED), "version")


def plan(*, rows: list[ReadRow], system: str, by: User) -> list[PlannedRow]:
    """Say what each row would do, and lock the partners that it meets."""
    known = queries.known_partners(rows=rows, system=system, by=by, for_update=True)
    planned = import_plan.plan(rows, known)
    parties.refuse_frozen_rows(planned)
    return planned


def plan_meetings(*, rows: list[ReadRow], system: str, by: User) -> list[PlannedRow]:
    """Say which partner each row is about; many rows may be about the same one."""
    known = queries.known_partners(rows=rows, system=system, by=by)
    return import_plan.meetings(rows, known)


def apply(
    *,
    system: str,
    planned: list[PlannedRow],
    rows: list[ImportRow],
    by: User,
    at: datetime,
) -> Iterator[tuple[ImportJob.Phase, int]]:
    """Create and change the partners, and remember in each row what it did.

    Yields what it is at and how many per cent of the import are done.
    """
    partners = _create([each for each in planned if each.outcome == "create"], by=by)
    changed, before = _update([each for each in planned if each.outcome == "update"])
    partners |= changed
    _add_parts(planned, system=system)
    _set_parents(planned, system=system)
    done = [each for each in planned if each.outcome in DONE]
    yield ImportJob.Phase.INDEXING, 50
    search.refresh_search(partner_ids=partners)
    yield ImportJob.Phase.NOTING, 75
    journal.record_many(drafts=_drafts(done, partners, before), by=by, at=at)
    for row, each in zip(rows, planned, strict=True):
        row.partner_id = each.partner_id
        if each.outcome in DONE:
            row.version_after = partners[each.partner_pk].version
            row.changes["-"] = before.get(each.partner_pk, {})
    bulk.update(ImportRow, rows, ["partner", "version_after", "changes"])


def _create(creations: list[PlannedRow], *, by: User) -> dict[int, Partner]:
    """Register the new partners and return them by id."""
    defaults = {"owner_id": by.pk, "team_id": by.team_id}
    made = bulk.insert(
        Partner, (Partner(**(defaults | each.changes)) for each in creations)
    )
    for each, partner in zip(creations, made, strict=True):
        each.partner_id = partner.pk
    return {partner.pk: partner for partner in made}


def _update(
    updates: list[PlannedRow],
) -> tuple[dict[int, Partner], dict[int, dict[str, Any]]]:
    """Change the partners; return them and their earlier values by id."""
    partners = Partner.objects.in_bulk([each.partner_pk for each in updates])
    before: dict[int, dict[str, Any]] = {}
    for each in updates:
        partner = partners[each.partner_pk]
        before[partner.pk] = {name: getattr(partner, name) for name in each.changes}
        for name, value in each.changes.items():
            setattr(partner, name, value)
        partner.version += 1
    bulk.update(Partner, partners.values(), FIELDS)
    return partners, before


def _add_parts(planned: list[PlannedRow], *, system: str) -> None:
    parts: dict[type[models.Model], list[models.Model]] = {}
    for each in planned:
        is_new = each.outcome == "create"
        for name, values in each.additions.items():
            for value in values:
                part = _part(name, value, each.partner_pk, system, is_new=is_new)
                parts.setdefault(type(part), []).append(part)
    for model, rows in parts.items():
        bulk.append(model, rows)


def _part(
    name: str, value: str, partner_id: int, system: str, *, is_new: bool
) -> models.Model:
    if name == "aliases":
        return PartnerAlias(partner_id=partner_id, name=value)
    if name == "domain":
        return PartnerDomain(partner_id=partner_id, domain=value, is_primary=is_new)
    if name == "external_id":
        return ExternalId(partner_id=partner_id, system=system, value=value)
    return RegistrationId(partner_id=partner_id, scheme=name, value=value)


def _set_parents(planned: list[PlannedRow], *, system: str) -> None:
    """Tie new partners to their parents, by external id or by core name in the sheet."""
    wanted = {
        each.row.values["parent_external_id"]
        for each in planned
        if "parent_external_id" in each.row.values
    }
    ids = dict(
        ExternalId.objects.filter(system=system, value__in=wanted).values_list(
            "value", "partner_id"
        )
    )
    children = [
        Partner(pk=each.partner_id, parent_id=ids[value])
        for each in planned
        if each.outcome == "create"
        and (value := each.row.values.get("parent_external_id")) in ids
    ]
    bulk.update(Partner, children, ["parent"])


def _drafts(
    done: list[PlannedRow],
    partners: dict[int, Partner],
    before: dict[int, dict[str, Any]],
) -> Iterable[Draft]:
    for each in done:
        partner = partners[each.partner_pk]
        yield Draft(
            kind="partner.registered" if each.outcome == "create" else "partner.edited",
            subject=partner,
            partner_id=partner.pk,
            old=before.get(partner.pk, {}),
            new=each.changes | each.additions,
        )


def undo(*, batch: ImportBatch, by: User, at: datetime) -> list[str]:
    """Take back what the rows did; return what stands against it, having done nothing."""
    rows = list(
        batch.rows.filter(outcome__in=["create", "update"]).select_related("partner")
    )
    hindrances = _hindrances(rows)
    if hindrances:
        return hindrances
    _restore([row for row in rows if row.outcome == "update"], system=batch.system)
    _delete([row for row in rows if row.outcome == "create"], by=by, at=at)
    return []


def _hindrances(rows: list[ImportRow]) -> list[str]:
    changed = [
        _("line %(line)d: %(name)s was changed since")
        % {"line": row.line, "name": row.partner}
        for row in rows
        if row.partner is None or row.partner.version != row.version_after
    ]
    created = {r.partner_id: r for r in rows if r.outcome == "create"}
    for relation in Partner._meta.related_objects:
        model = relation.related_model
        if model in {*PARTS, ImportRow} or isinstance(model, str):
            continue
        name = relation.field.attname
        users = model._default_manager.filter(**{f"{name}__in": created})
        if model is Partner:
            users = users.exclude(pk__in=created)
        for partner_id in users.values_list(name, flat=True).distinct()[:20]:
            row = created[partner_id]
            changed.append(
                _("line %(line)d: %(name)s is used by %(what)s")
                % {
                    "line": row.line,
                    "name": row.partner,
                    "what": model._meta.verbose_name,
                }
            )
    return changed


def _restore(rows: list[ImportRow], *, system: str) -> None:
    partners = []
    for row in rows:
        if row.partner is None:
            continue
        for name, value in row.changes.get("-", {}).items():
            setattr(row.partner, name, value)
        row.partner.version += 1
        partners.append(row.partner)
        _remove_parts(row, system=system)
    bulk.update(Partner, partners, FIELDS)
    search.refresh_search(partner_ids={partner.pk for partner in partners})


def _remove_parts(row: ImportRow, *, system: str) -> None:
    if row.partner is None:
        return
    for name in ("aliases", *import_plan.MARKS):
        for value in row.changes.get(f"+{name}", ()):
            part = _part(name, value, row.partner.pk, system, is_new=False)
            given = {"partner_id": row.partner.pk}
            given |= {
                f.attname: getattr(part, f.attname)
                for f in part._meta.concrete_fields
                if f.attname in {"name", "domain", "system", "scheme", "value"}
            }
            type(part)._default_manager.filter(**given).delete()


def _delete(rows: list[ImportRow], *, by: User, at: datetime) -> None:
    partners = {row.partner.pk: row.partner for row in rows if row.partner is not None}
    models.prefetch_related_objects(list(partners.values()), "named_people", "team")
    journal.record_many(
        drafts=(
            Draft(
                kind=tombstones.KIND,
                subject=p,
                partner_id=pk,
                old=tombstones.tombstone_of(p),
            )
            for pk, p in partners.items()
        ),
        by=by,
        at=at,
    )
    ImportRow.objects.filter(partner_id__in=partners).update(partner=None)
    for model in PARTS:
        model._default_manager.filter(partner_id__in=partners).delete()
    Partner.objects.filter(pk__in=partners).update(parent=None)
    Partner.objects.filter(pk__in=partners).delete()
