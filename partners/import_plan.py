"""What an uploaded sheet would do to the partners there are; no database.

Rows meet partners by external id, then by registration number, then by domain, then by
their core name within a country. A row whose marks lead to different partners, or to one
that the person may not see, is refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from partners import names
from partners.cells import ReadRow

MARKS = ("external_id", "duns", "lei", "uscc", "domain")
PLAIN = (
    "display_name",
    "legal_name",
    "local_name",
    "industry",
    "country",
    "segment",
    "partner_type",
    "tier",
    "lifecycle",
    "confidentiality",
    "time_zone",
)
RENAMED = {"currency": "reporting_currency", "owner": "owner_id", "team": "team_id"}
LISTED = ("aliases",)


@dataclass(frozen=True, kw_only=True)
class KnownPartner:
    """What a plan needs to know of one stored partner."""

    pk: int
    fields: Mapping[str, Any]
    marks: Mapping[str, frozenset[str]]
    aliases: frozenset[str]
    cores: frozenset[str]
    is_visible: bool


@dataclass(kw_only=True)
class PlannedRow:
    """One row, and what it does: `changes` are the fields to set, `additions` the rest."""

    row: ReadRow
    outcome: str = "refused"
    partner_id: int | None = None
    contact_id: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    additions: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def partner_pk(self) -> int:
        """The partner, once the row has one."""
        if self.partner_id is None:
            raise ValueError("This row has no partner.")
        return self.partner_id

    @property
    def contact_pk(self) -> int:
        """The contact, once the row has one."""
        if self.contact_id is None:
            raise ValueError("This row has no contact.")
        return self.contact_id


class Index:
    """Finds stored partners by the marks of a row."""

    def __init__(self, known: Iterable[KnownPartner]) -> None:
        self.by_mark: dict[tuple[str, str], KnownPartner] = {}
        self.by_core: defaultdict[str, list[KnownPartner]] = defaultdict(list)
        for partner in known:
            for mark, values in partner.marks.items():
                for value in values:
                    self.by_mark[mark, value] = partner
            for core in partner.cores if partner.is_visible else ():
                self.by_core[core].append(partner)

    def by_marks(self, values: Mapping[str, Any]) -> dict[int, KnownPartner]:
        marks = [(mark, values[mark]) for mark in MARKS if mark in values]
        found = [self.by_mark[mark] for mark in marks if mark in self.by_mark]
        return {partner.pk: partner for partner in found}

    def by_name(self, values: Mapping[str, Any]) -> dict[int, KnownPartner]:
        country = values.get("country", "")
        return {
            partner.pk: partner
            for core in _cores(values)
            for partner in self.by_core.get(core, ())
            if not country or partner.fields["country"] in {"", country}
        }


def _cores(values: Mapping[str, Any]) -> list[str]:
    given = (values.get("display_name", ""), values.get("legal_name", ""))
    return [names.core(name) for name in given if name]


def plan(rows: Sequence[ReadRow], known: Iterable[KnownPartner]) -> list[PlannedRow]:
    """Say for each row what it would do; see the module for how rows meet partners."""
    index = Index(known)
    lines: dict[tuple[str, str], int] = {}
    met: dict[int, int] = {}
    planned = []
    for row in rows:
        each = PlannedRow(row=row)
        planned.append(each)
        if row.is_refused or _repeats(each, lines):
            continue
        partner = _find(each, index)
        if partner is not None and met.setdefault(partner.pk, row.line) != row.line:
            each.faults.append(
                _("line %(line)d is about the same partner") % {"line": met[partner.pk]}
            )
        if each.faults:
            continue
        if partner is None:
            _plan_creation(each)
        else:
            _plan_update(each, partner)
        _claim(each, lines)
    return planned


def meetings(
    rows: Sequence[ReadRow], known: Iterable[KnownPartner]
) -> list[PlannedRow]:
    """Say which partner each row is about, and nothing else."""
    index, met = Index(known), []
    for row in rows:
        each = PlannedRow(row=row)
        partner = _find(each, index)
        each.partner_id = None if partner is None or each.faults else partner.pk
        met.append(each)
    return met


def _repeats(each: PlannedRow, lines: Mapping[tuple[str, str], int]) -> bool:
    for mark in (*MARKS, "display_name"):
        value = each.row.values.get(mark)
        if value is not None and (mark, value) in lines:
            each.faults.append(
                _("“%(value)s” stands in line %(line)d, too")
                % {"value": value, "line": lines[mark, value]}
            )
            return True
    return False


def _claim(each: PlannedRow, lines: dict[tuple[str, str], int]) -> None:
    values = each.row.values
    marks = [mark for mark in MARKS if mark in values] or ["display_name"]
    for mark in marks:
        lines[mark, values.get(mark, "")] = each.row.line


def _find(each: PlannedRow, index: Index) -> KnownPartner | None:
    found = index.by_marks(each.row.values)
    if not found:
        found = index.by_name(each.row.values)
    if len(found) > 1:
        seen = [str(p.fields["display_name"]) for p in found.values() if p.is_visible]
        each.faults.append(
            _("several partners fit: %(names)s; give an id or a domain of one")
            % {"names": ", ".join(sorted(seen))}
        )
    partner = next(iter(found.values()), None)
    if partner is not None and not partner.is_visible:
        each.faults.append(
            _("its id or domain belongs to a record that you may not change")
        )
    return partner


def _plan_creation(each: PlannedRow) -> None:
    values = each.row.values
    name = values.get("display_name") or values.get("legal_name")
    if not name:
        each.faults.append(_("a new partner needs a name"))
        return
    each.outcome = "create"
    each.changes = {
        "display_name": name,
        "legal_name": values.get("legal_name", name),
        **_fields(values),
    }
    each.additions = {mark: [values[mark]] for mark in MARKS if mark in values}
    each.additions |= {name: list(values[name]) for name in LISTED if name in values}


def _plan_update(each: PlannedRow, partner: KnownPartner) -> None:
    values = each.row.values
    each.partner_id = partner.pk
    each.changes = {
        name: value
        for name, value in _fields(values).items()
        if partner.fields[name] != value
    }
    each.additions = {
        mark: [values[mark]]
        for mark in MARKS
        if mark in values and values[mark] not in partner.marks.get(mark, ())
    }
    aliases = [a for a in values.get("aliases", ()) if a not in partner.aliases]
    if aliases:
        each.additions["aliases"] = aliases
    each.outcome = "update" if each.changes or each.additions else "unchanged"


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: values[name] for name in PLAIN if name in values}
    renamed = {RENAMED[name]: values[name] for name in RENAMED if name in values}
    return plain | renamed
