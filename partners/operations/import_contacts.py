"""What an import of contacts plans, does and takes back; called by `imports` only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import bulk
from crm.journal import operations as journal
from crm.journal.operations import Draft
from partners.cells import ReadRow
from partners.import_plan import PlannedRow
from partners.models import Contact, ImportBatch, ImportJob, ImportRow
from partners.operations import import_partners

DONE = ("create", "update")
PLAIN = ("title", "email", "phone", "locale")
PERSONAL = frozenset(Contact.PERSONAL)
REFERENCES = {
    "partner": "display_name",
    "partner_domain": "domain",
    "partner_external_id": "external_id",
}
ContactKey = tuple[int | None, str]


def plan(*, rows: list[ReadRow], system: str, by: User) -> list[PlannedRow]:
    """Say what each row would do: find its partner, then the contact by e-mail."""
    references = [_reference(row) for row in rows]
    partners = import_partners.plan_meetings(rows=references, system=system, by=by)
    known = _known_contacts(
        {each.partner_pk for each in partners if each.partner_id is not None}
    )
    lines: dict[ContactKey, int] = {}
    planned = []
    for row, meeting in zip(rows, partners, strict=True):
        each = PlannedRow(row=row, partner_id=meeting.partner_id)
        planned.append(each)
        if row.is_refused:
            continue
        each.faults += _faults(meeting, _values(row), lines, row.line)
        if not each.faults:
            _plan_one(each, known)
    return planned


def _reference(row: ReadRow) -> ReadRow:
    values = {
        field: row.values[name]
        for name, field in REFERENCES.items()
        if name in row.values
    }
    return ReadRow(line=row.line, values=values, problems=())


def _values(row: ReadRow) -> dict[str, Any]:
    """Return the contact's own fields; first and last name become one."""
    values = {name: row.values[name] for name in PLAIN if name in row.values}
    parts = (row.values.get("first_name", ""), row.values.get("last_name", ""))
    name = row.values.get("name") or " ".join(part for part in parts if part)
    if name:
        values["name"] = name[:120]
    if "role" in row.values:
        values["roles"] = [row.values["role"]]
    return values


def _faults(
    meeting: PlannedRow,
    values: Mapping[str, Any],
    lines: dict[ContactKey, int],
    line: int,
) -> list[str]:
    if meeting.faults:
        return meeting.faults
    if meeting.partner_id is None:
        return [_("no partner fits; import the partners first")]
    if "name" not in values:
        return [_("a contact needs a name")]
    key = _key(meeting.partner_id, values)
    if lines.setdefault(key, line) != line:
        return [
            _("“%(value)s” stands in line %(line)d, too")
            % {"value": key[1], "line": lines[key]}
        ]
    return []


def _key(partner_id: int | None, values: Mapping[str, Any]) -> ContactKey:
    return partner_id, (values.get("email") or values.get("name") or "").lower()


def _known_contacts(partner_ids: set[int]) -> dict[ContactKey, Contact]:
    contacts = (
        Contact.objects.present()
        .filter(partner_id__in=partner_ids)
        .select_for_update()
        .order_by("pk")
    )
    found: dict[ContactKey, Contact] = {}
    for contact in contacts:
        found[contact.partner_id, contact.name.lower()] = contact
        if contact.email:
            found[contact.partner_id, contact.email.lower()] = contact
    return found


def _plan_one(each: PlannedRow, known: Mapping[ContactKey, Contact]) -> None:
    values = _values(each.row)
    contact = known.get(_key(each.partner_id, values))
    if contact is None:
        each.outcome, each.changes = "create", values
        return
    each.contact_id = contact.pk
    roles = sorted({*contact.roles, *values.pop("roles", [])})
    values |= {"roles": roles}
    each.changes = {
        name: value for name, value in values.items() if getattr(contact, name) != value
    }
    each.outcome = "update" if each.changes else "unchanged"


def apply(
    *,
    planned: list[PlannedRow],
    rows: list[ImportRow],
    by: User,
    at: datetime,
) -> Iterator[tuple[ImportJob.Phase, int]]:
    """Create and change the contacts, and remember in each row what it did.

    Yields what it is at and how many per cent of the import are done.
    """
    creations = [each for each in planned if each.outcome == "create"]
    made = bulk.insert(
        Contact,
        (Contact(partner_id=each.partner_pk, **each.changes) for each in creations),
    )
    for each, contact in zip(creations, made, strict=True):
        each.contact_id = contact.pk
    before = _update([each for each in planned if each.outcome == "update"])
    done = [each for each in planned if each.outcome in DONE]
    contacts = Contact.objects.in_bulk([each.contact_pk for each in done])
    yield ImportJob.Phase.NOTING, 60
    journal.record_many(drafts=_drafts(done, contacts, before), by=by, at=at)
    for row, each in zip(rows, planned, strict=True):
        row.partner_id, row.contact_id = each.partner_id, each.contact_id
        if each.outcome in DONE:
            row.version_after = contacts[each.contact_pk].version
            row.changes["-"] = before.get(each.contact_pk, {})
    bulk.update(ImportRow, rows, ["partner", "contact", "version_after", "changes"])


def _update(updates: list[PlannedRow]) -> dict[int, dict[str, Any]]:
    contacts = Contact.objects.in_bulk([each.contact_pk for each in updates])
    before: dict[int, dict[str, Any]] = defaultdict(dict)
    for each in updates:
        contact = contacts[each.contact_pk]
        for name, value in each.changes.items():
            before[contact.pk][name] = getattr(contact, name)
            setattr(contact, name, value)
        contact.version += 1
    bulk.update(Contact, contacts.values(), ["name", "roles", *PLAIN, "version"])
    return dict(before)


def _drafts(
    done: list[PlannedRow],
    contacts: dict[int, Contact],
    before: dict[int, dict[str, Any]],
) -> Iterable[Draft]:
    for each in done:
        contact = contacts[each.contact_pk]
        old = before.get(contact.pk, {})
        personal = {
            name: (old.get(name), value)
            for name, value in each.changes.items()
            if name in PERSONAL
        }
        yield Draft(
            kind="contact.registered" if each.outcome == "create" else "contact.edited",
            subject=contact,
            partner_id=contact.partner_id,
            old={name: value for name, value in old.items() if name not in PERSONAL},
            new={n: v for n, v in each.changes.items() if n not in PERSONAL},
            personal=personal,
        )


def undo(*, batch: ImportBatch, by: User, at: datetime) -> list[str]:
    """Take back what the rows did; return what stands against it, having done nothing."""
    rows = list(
        batch.rows.filter(outcome__in=["create", "update"]).select_related("contact")
    )
    hindrances = _hindrances(rows)
    if hindrances:
        return hindrances
    for row in rows:
        _take_back(row, by=by, at=at)
    return []


def _hindrances(rows: list[ImportRow]) -> list[str]:
    found = [
        _("line %(line)d: %(name)s was changed since")
        % {"line": row.line, "name": row.contact}
        for row in rows
        if row.contact is None or row.contact.version != row.version_after
    ]
    created = {r.contact_id: r for r in rows if r.outcome == "create"}
    for relation in Contact._meta.related_objects:
        model = relation.related_model
        if model is ImportRow or isinstance(model, str):
            continue
        name = relation.field.attname
        users = model._default_manager.filter(**{f"{name}__in": created})
        found += [
            _("line %(line)d: %(name)s is used by %(what)s")
            % {
                "line": created[contact_id].line,
                "name": created[contact_id].contact,
                "what": model._meta.verbose_name,
            }
            for contact_id in users.values_list(name, flat=True).distinct()[:20]
        ]
    return found


def _take_back(row: ImportRow, *, by: User, at: datetime) -> None:
    contact = row.contact
    if contact is None:
        return
    if row.outcome == "create":
        journal.record(
            kind="contact.deleted",
            subject=contact,
            by=by,
            at=at,
            partner_id=contact.partner_id,
        )
        ImportRow.objects.filter(contact=contact).update(contact=None)
        contact.delete()
        return
    for name, value in row.changes.get("-", {}).items():
        setattr(contact, name, value)
    contact.version += 1
    contact.save(update_fields=["name", "roles", *PLAIN, "version"])
