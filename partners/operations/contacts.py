"""Register, change and erase the people on the partner's side."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.models import (
    Contact,
    ContactRole,
    Cooperation,
    CooperationContact,
    ImportRow,
    Partner,
)

EDITABLE = frozenset(
    [
        "name",
        "local_name",
        "title",
        "email",
        "phone",
        "locale",
        "roles",
        "consent",
        "left_on",
    ]
)
PERSONAL = frozenset(Contact.PERSONAL)


class ContactRefusedError(DomainError):
    """The contact cannot be registered or changed like this."""

    code = "contact.refused"


@transaction.atomic
def register_contact(
    *, partner: Partner, by: User, at: datetime, values: Mapping[str, Any]
) -> Contact:
    """Register one person who works for the partner.

    :param values: fields of `EDITABLE`; a name is needed.
    :raises ContactRefusedError: without a name, or when the e-mail address is known.
    """
    fields = _checked(values, at=at)
    if not fields.get("name"):
        raise ContactRefusedError(_("A contact needs a name."), code="contact.nameless")
    contact = Contact(partner=partner, **fields)
    try:
        with transaction.atomic():
            contact.save(force_insert=True)
    except IntegrityError as error:
        raise _refusal_of(error) from error
    _record("contact.registered", contact, {}, fields, by=by, at=at)
    return contact


@transaction.atomic
def edit_contact(
    *,
    contact: Contact,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    expected_version: int | None = None,
) -> Contact:
    """Change what is given and leave the rest; nothing that differs is a no-op.

    :raises StaleVersionError: when somebody else changed it since `expected_version`.
    :raises ContactRefusedError: when it was erased, or the e-mail address is known.
    """
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if locked.erased_at is not None:
        raise ContactRefusedError(
            _("This contact was erased and stays so."), code="contact.erased"
        )
    fields = _checked(values, at=at)
    changes = {k: v for k, v in fields.items() if getattr(locked, k) != v}
    if not changes:
        versions.check(locked, expected=expected_version)
        return locked
    old = {name: getattr(locked, name) for name in changes}
    try:
        with transaction.atomic():
            versions.advance(locked, expected=expected_version, **changes)
    except IntegrityError as error:
        raise _refusal_of(error) from error
    _record("contact.edited", locked, old, changes, by=by, at=at)
    return locked


def mark_left(
    *,
    contact: Contact,
    on: date,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> Contact:
    """Note that the person left the partner; history and roles stay."""
    return edit_contact(
        contact=contact,
        values={"left_on": on},
        by=by,
        at=at,
        expected_version=expected_version,
    )


@transaction.atomic
def erase_contact(
    *,
    contact: Contact,
    by: User,
    at: datetime,
    reason: str,
    expected_version: int | None = None,
) -> Contact:
    """Erase a person's data here, in the journal and in imports; the row stays.

    What the person did for a cooperation stays countable, without a name.

    :raises ContactRefusedError: without a reason.
    """
    if not reason.strip():
        raise ContactRefusedError(_("Say who asked for the erasure, and when."))
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if locked.erased_at is not None:
        return locked
    empty = dict.fromkeys(PERSONAL, "")
    versions.advance(
        locked,
        expected=expected_version,
        **empty,
        left_on=locked.left_on or at.date(),
        erased_at=at,
    )
    ImportRow.objects.filter(contact=locked).update(cells=[], changes={}, problems=[])
    journal.erase_personal(subject=locked, by=by, at=at, partner_id=locked.partner_id)
    journal.record(
        kind="contact.erased",
        subject=locked,
        by=by,
        at=at,
        partner_id=locked.partner_id,
        new={"reason": reason.strip()},
    )
    return locked


@transaction.atomic
def assign_contact(
    *, cooperation: Cooperation, contact: Contact, role: str, by: User, at: datetime
) -> CooperationContact:
    """Say what a contact does in a cooperation; said twice it is a no-op.

    :raises ContactRefusedError: for a contact of another partner.
    """
    if contact.partner_id != cooperation.partner_id:
        raise ContactRefusedError(
            _("This contact belongs to another partner."), code="contact.elsewhere"
        )
    if role not in ContactRole.values:
        raise ContactRefusedError(_("There is no role “%(role)s”.") % {"role": role})
    assigned, is_new = CooperationContact.objects.get_or_create(
        cooperation=cooperation, contact=contact, role=role
    )
    if is_new:
        journal.record(
            kind="cooperation.contact-assigned",
            subject=cooperation,
            by=by,
            at=at,
            partner_id=cooperation.partner_id,
            new={"contact": contact.pk, "role": role},
        )
    return assigned


@transaction.atomic
def release_contact(
    *, cooperation: Cooperation, contact: Contact, role: str, by: User, at: datetime
) -> None:
    """Take a role in a cooperation from a contact; without it, nothing happens."""
    count, _rows = CooperationContact.objects.filter(
        cooperation=cooperation, contact=contact, role=role
    ).delete()
    if count:
        journal.record(
            kind="cooperation.contact-released",
            subject=cooperation,
            by=by,
            at=at,
            partner_id=cooperation.partner_id,
            old={"contact": contact.pk, "role": role},
        )


def _checked(values: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    strange = sorted(set(values) - EDITABLE)
    if strange:
        raise ContactRefusedError(
            _("These fields cannot be set: %(names)s.") % {"names": ", ".join(strange)}
        )
    fields = dict(values)
    if "roles" in fields:
        fields["roles"] = sorted({str(role) for role in fields["roles"]})
        unknown = [role for role in fields["roles"] if role not in ContactRole.values]
        if unknown:
            raise ContactRefusedError(
                _("There is no role “%(role)s”.") % {"role": ", ".join(unknown)}
            )
    if fields.get("consent", Contact.Consent.UNKNOWN) != Contact.Consent.UNKNOWN:
        fields["consent_at"] = at
    return fields


def _record(
    kind: str,
    contact: Contact,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    by: User,
    at: datetime,
) -> None:
    journal.record(
        kind=kind,
        subject=contact,
        by=by,
        at=at,
        partner_id=contact.partner_id,
        old={name: value for name, value in old.items() if name not in PERSONAL},
        new={name: value for name, value in new.items() if name not in PERSONAL},
        personal={
            name: (old.get(name, ""), value)
            for name, value in new.items()
            if name in PERSONAL
        },
    )


def _refusal_of(error: IntegrityError) -> ContactRefusedError:
    if "contact_email_unique_per_partner" in str(error):
        return ContactRefusedError(
            _("This partner has a contact with this e-mail address already."),
            code="contact.email-taken",
        )
    if "contact_has_name_unless_erased" in str(error):
        return ContactRefusedError(
            _("A contact needs a name."), code="contact.nameless"
        )
    return ContactRefusedError(
        _("The database refused this change: %(text)s")
        % {"text": str(error).splitlines()[0]}
    )
