"""What an import's page says of columns and rows, and the dialog in which columns are mapped."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as now

from crm.accounts.models import Team, User
from crm.web.dialogs import DialogForm, dress
from partners import mapping
from partners.import_plan import RENAMED
from partners.mapping import Target
from partners.models import ContactRole, ImportBatch, ImportRow, Partner

PREFIX = "column_"
SIDES = "+-"
"""Before a name in the changes of a row: what is added; and "-" alone, what was before."""
STORED = {stored: name for name, stored in RENAMED.items()} | {"roles": "role"}
NAMED = {"owner_id": User, "team_id": Team}


class ColumnsForm(DialogForm):
    """One choice per column of the sheet, as it is mapped now."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        batch: Any = self.obj
        for position, heading in enumerate(batch.headings):
            field = forms.ChoiceField(
                label=heading or now("Column %(number)d") % {"number": position + 1},
                required=False,
                choices=choices(batch),
                initial=batch.columns.get(str(position), ""),
            )
            dress(field)
            self.fields[f"{PREFIX}{position}"] = field

    def columns(self) -> dict[int, str]:
        """Return the field of each column that becomes one."""
        return {
            int(name.removeprefix(PREFIX)): field
            for name, field in self.said.items()
            if name.startswith(PREFIX) and field
        }


def choices(batch: ImportBatch) -> list[tuple[str, str]]:
    """Return what a column of this sheet can become, in words."""
    known = mapping.FIELDS[Target(batch.target)]
    return [
        ("", now("leave out")),
        *((name, str(mapping.FIELD_NAMES[name])) for name in known),
    ]


def told(batch: ImportBatch) -> list[tuple[str, str]]:
    """Return each heading with what it becomes, in words; empty for what is left out."""
    return [
        (heading, str(mapping.FIELD_NAMES.get(batch.columns.get(str(at), ""), "")))
        for at, heading in enumerate(batch.headings)
    ]


def tell(shown: Sequence[ImportRow], seen: Mapping[int, Partner]) -> None:
    """Give each row `in_words`, the fields that it sets by name, and `whose`, its partner.

    :param seen: the partners among them that the person may see.
    """
    names = {
        field: model._default_manager.in_bulk(
            {row.changes[field] for row in shown if row.changes.get(field)}
        )
        for field, model in NAMED.items()
    }
    for row in shown:
        vars(row)["in_words"] = list(_in_words(row.changes, names))
        vars(row)["whose"] = seen.get(row.partner_id or 0)


def _in_words(
    changes: Mapping[str, Any], names: Mapping[str, Mapping[Any, Any]]
) -> Iterator[tuple[str, str]]:
    for field, value in changes.items():
        if field == "-":
            continue
        stored = field.lstrip(SIDES)
        label = mapping.FIELD_NAMES.get(STORED.get(stored, stored), stored)
        if stored in names:
            yield str(label), str(names[stored].get(value, "–"))
        else:
            yield str(label), _value(stored, value)


def _value(field: str, value: Any) -> str:
    if field == "roles":
        return ", ".join(str(ContactRole(role).label) for role in value)
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    known = dict(getattr(Partner, field).field.flatchoices) if _has(field) else {}
    return str(known.get(value, value)) or "–"


def _has(field: str) -> bool:
    return bool(getattr(getattr(Partner, field, None), "field", None))
