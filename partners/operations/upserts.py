"""Register or change many partners that another system knows, by a few statements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.journal import operations as journal
from partners.models import ExternalId, Partner
from partners.operations import search
from partners.operations.marks import PartnerRefusedError, refusal_of
from partners.operations.partners import checked, completed, plain


@dataclass(slots=True)
class Upserted:
    """What became of one item: `created`, `updated`, `unchanged`, or `refused`."""

    result: str
    partner: Partner | None = None
    refusal: PartnerRefusedError | None = None
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def upsert_partners(
    *,
    system: str,
    items: Sequence[tuple[str, Mapping[str, Any]]],
    by: User,
    at: datetime,
) -> list[Upserted]:
    """Register or change the partners that another system knows by these ids.

    As `upsert_partner` for each, for items without names and numbers beside the fields;
    about a dozen statements for any number. What is refused leaves the others.

    :param items: external id (each once) and fields of `EDITABLE`.
    :raises PartnerRefusedError: when the database refuses one; then none is taken.
    """
    owners = _known(system, [external_id for external_id, _values in items])
    rows = _locked(owners.values(), by=by)
    outcomes = [
        _decided(values, owners.get(external_id), rows, by=by)
        for external_id, values in items
    ]
    _write(system, [name for name, _values in items], outcomes)
    _note(outcomes, by=by, at=at)
    return outcomes


def _known(system: str, external_ids: Sequence[str]) -> dict[str, int]:
    rows = ExternalId.objects.filter(system=system, value__in=external_ids)
    return dict(rows.values_list("value", "partner_id"))


def _locked(ids: Any, *, by: User) -> dict[int, Partner]:
    """Return the visible ones of the partners, locked in the order of their numbers."""
    seen = Partner.objects.visible_to(by).filter(pk__in=list(ids)).values("pk")
    rows = Partner.objects.select_for_update(of=("self",)).filter(pk__in=seen)
    return {row.pk: row for row in rows.order_by("pk")}


def _decided(
    values: Mapping[str, Any],
    known: int | None,
    rows: Mapping[int, Partner],
    *,
    by: User,
) -> Upserted:
    try:
        if known is None:
            fields = completed(values, by=by)
            return Upserted("created", Partner(**fields), new=plain(fields))
        return _changed(rows.get(known), checked(values))
    except PartnerRefusedError as refusal:
        return Upserted("refused", refusal=refusal)


def _changed(partner: Partner | None, fields: Mapping[str, Any]) -> Upserted:
    if partner is None:
        raise PartnerRefusedError(
            _("Another partner has this id of that system."),
            code="partner.external-id-taken",
        )
    if partner.archived_at is not None:
        raise PartnerRefusedError(
            _("%(name)s is archived; restore it first.") % {"name": partner},
            code="partner.archived",
        )
    before = {name: _stored(partner, name) for name in fields}
    wanted = plain(fields)
    changes = {name: value for name, value in wanted.items() if before[name] != value}
    if not changes:
        return Upserted("unchanged", partner)
    for name in changes:
        setattr(partner, name, fields[name])
    partner.version += 1
    old = {name: before[name] for name in changes}
    return Upserted("updated", partner, old=old, new=changes)


def _stored(partner: Partner, name: str) -> Any:
    """Return the value as the journal keeps it; a relation as its number, unfetched."""
    column: Any = Partner._meta.get_field(name)
    return getattr(partner, column.attname)


def _write(system: str, external_ids: Sequence[str], outcomes: list[Upserted]) -> None:
    made = list(_of(outcomes, "created"))
    edited = list(_of(outcomes, "updated"))
    names = sorted({name for each in outcomes if each.old for name in each.new})
    ids = [
        ExternalId(partner=each.partner, system=system, value=external_id)
        for external_id, each in zip(external_ids, outcomes, strict=True)
        if each.result == "created"
    ]
    try:
        with transaction.atomic():
            Partner.objects.bulk_create(made)
            ExternalId.objects.bulk_create(ids)
            if edited:
                Partner.objects.bulk_update(edited, [*names, "version"])
    except IntegrityError as error:
        raise refusal_of(error) from error
    search.refresh_search(partner_ids=[row.pk for row in (*made, *edited)])


def _of(outcomes: Sequence[Upserted], result: str) -> Iterator[Partner]:
    return (
        each.partner
        for each in outcomes
        if each.result == result and each.partner is not None
    )


def _note(outcomes: Sequence[Upserted], *, by: User, at: datetime) -> None:
    kinds = {"created": "partner.registered", "updated": "partner.edited"}
    drafts = [
        journal.Draft(
            kind=kinds[each.result],
            subject=each.partner,
            partner_id=each.partner.pk,
            old=each.old,
            new=each.new,
        )
        for each in outcomes
        if each.result in kinds and each.partner is not None
    ]
    journal.record_many(drafts=drafts, by=by, at=at)
