"""Register, change, archive and delete partners."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.models import User
from crm.core import versions
from crm.journal import operations as journal
from partners import countries
from partners.models import (
    ExternalId,
    ImportRow,
    Partner,
    PartnerAlias,
    PartnerDomain,
    PartnerSearch,
    RegistrationId,
)
from partners.operations import parties, search, tombstones
from partners.operations.marks import (
    Marks,
    PartnerRefusedError,
    refusal_of,
    set_marks,
)
from partners.queries.search import likely_duplicates

__all__ = [
    "DuplicateSuspectedError",
    "Marks",
    "PartnerRefusedError",
    "archive_partner",
    "delete_partner",
    "edit_partner",
    "register_partner",
    "restore_partner",
    "upsert_partner",
]

EDITABLE = frozenset(
    [
        "legal_name",
        "display_name",
        "local_name",
        "industry",
        "country",
        "segment",
        "partner_type",
        "tier",
        "lifecycle",
        "parent",
        "owner",
        "team",
        "our_sponsor",
        "their_sponsor",
        "confidentiality",
        "reporting_currency",
        "time_zone",
        "is_test",
    ]
)
OWN_PARTS = (PartnerAlias, PartnerDomain, RegistrationId, ExternalId, PartnerSearch)


class DuplicateSuspectedError(PartnerRefusedError):
    """There is a partner of nearly this name; say that it is another one to go on."""

    code = "partner.duplicate-suspected"
    missing_as = gettext_lazy("Of nearly this name: %(what)s")


@transaction.atomic
def register_partner(
    *,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    marks: Marks | None = None,
    accept_duplicates: bool = False,
) -> Partner:
    """Register a partner; owner and team are those of the person unless given.

    :param values: fields of `EDITABLE`; one of the names is needed, the other follows it.
    :param accept_duplicates: the person looked at partners of nearly this name already.
    :raises DuplicateSuspectedError: `missing` lists the visible partners of that name.
    :raises PartnerRefusedError: when a field, domain or number cannot be taken.
    """
    fields = completed(values, by=by)
    if not accept_duplicates:
        _suspect_duplicates(fields, by=by)
    partner = Partner.objects.create(**fields)
    changed = set_marks(partner, marks or Marks(), by=by)
    search.refresh_search(partner_ids=[partner.pk])
    journal.record(
        kind="partner.registered",
        subject=partner,
        by=by,
        at=at,
        partner_id=partner.pk,
        new=plain(fields) | changed[1],
    )
    return partner


@transaction.atomic
def edit_partner(
    *,
    partner: Partner,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    marks: Marks | None = None,
    expected_version: int | None = None,
) -> Partner:
    """Change what is given and leave the rest; nothing given that differs is a no-op.

    :param expected_version: the version the person looked at.
    :raises StaleVersionError: when somebody else changed it since.
    :raises PartnerRefusedError: when a value cannot be taken, is settled, or it is archived.
    """
    locked = _lock_live(partner)
    fields = checked(values)
    changes = {k: v for k, v in fields.items() if getattr(locked, k) != v}
    parties.refuse_frozen(locked, changes)
    old_fields = {key: getattr(locked, key) for key in changes}
    old_marks, new_marks = set_marks(locked, marks or Marks(), by=by)
    if not changes and not new_marks:
        versions.check(locked, expected=expected_version)
        return locked
    try:
        with transaction.atomic():
            versions.advance(locked, expected=expected_version, **changes)
    except IntegrityError as error:
        raise refusal_of(error) from error
    search.refresh_search(partner_ids=[locked.pk])
    journal.record(
        kind="partner.edited",
        subject=locked,
        by=by,
        at=at,
        partner_id=locked.pk,
        old=plain(old_fields) | old_marks,
        new=plain(changes) | new_marks,
    )
    return locked


@transaction.atomic
def upsert_partner(
    *,
    system: str,
    external_id: str,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    marks: Marks | None = None,
) -> tuple[Partner, str]:
    """Register or change the partner that another system knows by this id.

    :returns: the partner, and `created`, `updated` or `unchanged`.
    :raises PartnerRefusedError: also when the id belongs to a partner out of sight.
    """
    known = ExternalId.objects.filter(system=system, value=external_id).first()
    if known is None:
        given = marks or Marks()
        ids = [*(given.external_ids or ()), (system, external_id)]
        made = register_partner(
            by=by,
            at=at,
            values=values,
            marks=replace(given, external_ids=ids),
            accept_duplicates=True,
        )
        return made, "created"
    partner = Partner.objects.visible_to(by).filter(pk=known.partner_id).first()
    if partner is None:
        raise PartnerRefusedError(
            _("Another partner has this id of that system."),
            code="partner.external-id-taken",
        )
    edited = edit_partner(partner=partner, by=by, at=at, values=values, marks=marks)
    return edited, "unchanged" if edited.version == partner.version else "updated"


@transaction.atomic
def archive_partner(
    *,
    partner: Partner,
    by: User,
    at: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Partner:
    """Take a partner out of every list; nothing is deleted and it can be restored.

    :raises PartnerRefusedError: while a cooperation runs, or when it is archived already.
    """
    locked = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    if locked.archived_at is not None:
        raise PartnerRefusedError(_("%(name)s is archived already.") % {"name": locked})
    running = locked.cooperations.filter(closed_at__isnull=True)
    titles = list(running.order_by("title").values_list("title", flat=True)[:10])
    if titles:
        raise PartnerRefusedError(
            _("Cooperations with %(name)s are running; end them first.")
            % {"name": locked},
            code="partner.in-use",
            missing=tuple(titles),
        )
    versions.advance(locked, expected=expected_version, archived_at=at)
    journal.record(
        kind="partner.archived",
        subject=locked,
        by=by,
        at=at,
        partner_id=locked.pk,
        new={"reason": reason},
    )
    return locked


@transaction.atomic
def restore_partner(
    *, partner: Partner, by: User, at: datetime, expected_version: int | None = None
) -> Partner:
    """Bring an archived partner back.

    :raises PartnerRefusedError: when it is not archived, or was merged into another.
    """
    locked = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    if locked.archived_at is None or locked.merged_into_id is not None:
        raise PartnerRefusedError(
            _("%(name)s is not archived, or was merged; split it instead.")
            % {"name": locked}
        )
    versions.advance(locked, expected=expected_version, archived_at=None)
    journal.record(
        kind="partner.restored", subject=locked, by=by, at=at, partner_id=locked.pk
    )
    return locked


@transaction.atomic
def delete_partner(
    *, partner: Partner, by: User, at: datetime, expected_version: int | None = None
) -> None:
    """Delete a partner that nothing refers to; the change feed keeps a tombstone.

    :raises PartnerRefusedError: listing what refers to it; archive it instead.
    """
    locked = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    versions.check(locked, expected=expected_version)
    users = tuple(_what_refers(locked))
    if users:
        raise PartnerRefusedError(
            _("%(name)s is in use; archive it instead.") % {"name": locked},
            code="partner.in-use",
            missing=users,
        )
    journal.record(
        kind=tombstones.KIND,
        subject=locked,
        by=by,
        at=at,
        partner_id=locked.pk,
        old=tombstones.tombstone_of(locked),
    )
    locked.delete()


def _lock_live(partner: Partner) -> Partner:
    locked = Partner.objects.select_for_update(of=("self",)).get(pk=partner.pk)
    if locked.archived_at is not None:
        raise PartnerRefusedError(
            _("%(name)s is archived; restore it first.") % {"name": locked},
            code="partner.archived",
        )
    return locked


def _what_refers(partner: Partner) -> list[str]:
    found = []
    for relation in Partner._meta.related_objects:
        model = relation.related_model
        if model in {*OWN_PARTS, ImportRow}:
            continue
        count = model._default_manager.filter(**{relation.field.name: partner}).count()
        if count:
            found.append(f"{model._meta.verbose_name_plural}: {count}")
    return found


def completed(values: Mapping[str, Any], *, by: User) -> dict[str, Any]:
    """Return the fields of a new partner: both names, owner and team.

    :raises PartnerRefusedError: when a field cannot be set, or there is no name.
    """
    fields = checked(values)
    name = fields.get("display_name") or fields.get("legal_name")
    if not name:
        raise PartnerRefusedError(_("A partner needs a name."), code="partner.nameless")
    return {
        "display_name": name,
        "legal_name": name,
        "owner": by,
        "team": by.team,
    } | {key: value for key, value in fields.items() if value not in {"", None}}


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields when all may be set.

    :raises PartnerRefusedError: otherwise.
    """
    strange = sorted(set(values) - EDITABLE)
    if strange:
        raise PartnerRefusedError(
            _("These fields cannot be set: %(names)s.") % {"names": ", ".join(strange)},
            code="partner.unknown-field",
        )
    country = values.get("country", "")
    if country and countries.code(country) != country:
        raise PartnerRefusedError(
            _("“%(code)s” is no country of ISO 3166.") % {"code": country},
            code="partner.country",
        )
    return dict(values)


def _suspect_duplicates(fields: Mapping[str, Any], *, by: User) -> None:
    given = [fields.get(n, "") for n in ("display_name", "legal_name", "local_name")]
    found = likely_duplicates(names_given=[name for name in given if name])
    seen = tuple(str(partner) for partner in found.visible_to(by)[:10])
    if seen:
        raise DuplicateSuspectedError(
            _("There is a partner of nearly this name. Is it another one?"),
            missing=seen,
        )


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as the journal keeps them: rows as numbers."""
    return {
        key: value.pk if isinstance(value, models.Model) else value
        for key, value in fields.items()
    }
