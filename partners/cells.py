"""What a cell of an uploaded sheet means: one reader per field; no database.

A fault refuses the row; a note takes the row and says what was left out.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from partners import countries, mapping, names
from partners.mapping import ColumnMapping
from partners.names import normalise
from partners.sheets import Row, Sheet


@dataclass(frozen=True, kw_only=True)
class Lookups:
    """What names in a sheet may refer to: ids by normal form, and choices by name."""

    people: Mapping[str, int] = field(default_factory=dict)
    teams: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with one cell, and whether the row can be taken all the same."""

    column: int
    heading: str
    text: str
    is_fault: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "heading": self.heading,
            "text": self.text,
            "is_fault": self.is_fault,
        }


@dataclass(frozen=True, kw_only=True)
class ReadRow:
    """One row as values by field; empty cells are left out."""

    line: int
    values: Mapping[str, Any]
    problems: Sequence[Problem]

    @property
    def is_refused(self) -> bool:
        return any(problem.is_fault for problem in self.problems)


class CellFaultError(ValueError):
    """The cell's text cannot be what its column says."""


class CellNoteError(ValueError):
    """The cell is left out; the row can be taken."""


Reader = Callable[[str], Any]
Finder = Callable[[str, Lookups], Any]


def read_rows(
    *, sheet: Sheet, columns: ColumnMapping, lookups: Lookups
) -> list[ReadRow]:
    """Read every row of a sheet by its column mapping."""
    return [_read_row(row, sheet, columns, lookups) for row in sheet.rows]


def _read_row(
    row: Row, sheet: Sheet, columns: ColumnMapping, lookups: Lookups
) -> ReadRow:
    values: dict[str, Any] = {}
    problems = []
    for position, name in columns.fields.items():
        text = row.cells[position]
        if not text:
            continue
        try:
            values[name] = _value(name, text, lookups)
        except (CellFaultError, CellNoteError) as error:
            problems.append(
                Problem(
                    column=position + 1,
                    heading=sheet.headings[position],
                    text=str(error),
                    is_fault=isinstance(error, CellFaultError),
                )
            )
    return ReadRow(line=row.line, values=values, problems=problems)


def _text(text: str) -> str:
    if len(text) > 250:
        raise CellFaultError(_("longer than 250 characters"))
    return text


def _list(text: str) -> list[str]:
    parts = re.split(r"[;；、|\n]", text)
    return list(dict.fromkeys(_text(p.strip()) for p in parts if p.strip()))


def _domain(text: str) -> str:
    try:
        return names.domain(text)
    except names.DomainNameError:
        raise CellFaultError(
            _("“%(text)s” is no internet domain of one company") % {"text": text}
        ) from None


def _country(text: str) -> str:
    code = countries.code(text)
    if code is None:
        raise CellFaultError(_("no country is called “%(text)s”") % {"text": text})
    return code


def _industry(text: str) -> str:
    found = mapping.industry(text)
    if found is None:
        raise CellNoteError(
            _("the industry “%(text)s” is not one of the 28; left empty")
            % {"text": text}
        )
    return found.value


def _choice(name: str) -> Finder:
    def read(text: str, lookups: Lookups) -> str:
        found = lookups.choices.get(name, {}).get(normalise(text))
        if found is None:
            raise CellNoteError(
                _("“%(text)s” is not one of the choices; left out") % {"text": text}
            )
        return found

    return read


def _person(text: str, lookups: Lookups) -> int:
    found = lookups.people.get(normalise(text))
    if found is None:
        raise CellNoteError(
            _("nobody here is called “%(text)s”; left out") % {"text": text}
        )
    return found


def _team(text: str, lookups: Lookups) -> int:
    found = lookups.teams.get(normalise(text))
    if found is None:
        raise CellNoteError(
            _("no team is called “%(text)s”; left out") % {"text": text}
        )
    return found


def _pattern(pattern: str, what: str) -> Reader:
    def read(text: str) -> str:
        bare = re.sub(r"[\s.-]", "", text).upper()
        if not re.fullmatch(pattern, bare):
            raise CellFaultError(
                _("“%(text)s” is no %(what)s") % {"text": text, "what": what}
            )
        return bare

    return read


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise CellFaultError(
            _("“%(text)s” is no e-mail address") % {"text": text}
        ) from None
    return text


def _confidentiality(text: str, lookups: Lookups) -> str:
    """Refuse what is not understood: guessing here would open what was to stay closed."""
    found = lookups.choices.get("confidentiality", {}).get(normalise(text))
    if found is None:
        raise CellFaultError(
            _("“%(text)s” is no level of confidentiality") % {"text": text}
        )
    return found


READERS: Mapping[str, Reader] = {
    "aliases": _list,
    "domain": _domain,
    "partner_domain": _domain,
    "country": _country,
    "industry": _industry,
    "currency": _pattern("[A-Z]{3}", "ISO 4217 currency"),
    "duns": _pattern("[0-9]{9}", "D-U-N-S number"),
    "lei": _pattern("[A-Z0-9]{18}[0-9]{2}", "LEI"),
    "uscc": _pattern("[0-9A-HJ-NPQRTUWXY]{18}", "USCC"),
    "email": _email,
}
FINDERS: Mapping[str, Finder] = {
    "segment": _choice("segment"),
    "partner_type": _choice("partner_type"),
    "tier": _choice("tier"),
    "lifecycle": _choice("lifecycle"),
    "role": _choice("role"),
    "confidentiality": _confidentiality,
    "owner": _person,
    "team": _team,
}


def _value(name: str, text: str, lookups: Lookups) -> Any:
    if name in FINDERS:
        return FINDERS[name](text, lookups)
    return READERS.get(name, _text)(text)
