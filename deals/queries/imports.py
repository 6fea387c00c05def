"""What an import of deals needs to know of what there is, and its faults as a sheet."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from deals.models import (
    Deal,
    DealImport,
    DealImportRow,
    DealStageName,
)
from deals.pipeline import DealStage
from deals.sheet_cells import Meanings
from partners import sheets
from partners.names import normalise
from partners.queries.imports import lookups


def meanings_for(system: str) -> Meanings:
    """Return what stages and people are called: by that system, and here."""
    names = {
        normalise(text): stage.value
        for stage in DealStage
        for text in (stage.value, str(stage.label))
    }
    theirs = DealStageName.objects.filter(system=system).values_list("normal", "stage")
    return Meanings(stages=names | dict(theirs), people=lookups().people)


def refused_as_csv(batch: DealImport) -> str:
    """Return the refused rows as a sheet, with line and reasons in the last columns."""
    refused = batch.rows.filter(outcome=DealImportRow.Outcome.REFUSED).order_by("line")
    return sheets.written(
        [*batch.headings, _("line"), _("reason")],
        ([*row.cells, str(row.line), _reasons(row)] for row in refused.iterator()),
    )


def _reasons(row: DealImportRow) -> str:
    return "; ".join(
        f"{problem['heading']} {problem['text']}".strip() for problem in row.problems
    )


@dataclass(frozen=True, kw_only=True)
class ShownRow:
    """One row as a page shows it: what it is about, and each change in words."""

    row: DealImportRow
    title: str
    changes: list[tuple[str, str, str]]


def shown_rows(rows: Iterable[DealImportRow]) -> list[ShownRow]:
    """Return rows with their changes as (field, old, new), names instead of ids."""
    listed = list(rows)
    names = _names(listed)
    return [
        ShownRow(
            row=row,
            title=str(row.deal or row.changes.get("new", {}).get("title", "")),
            changes=[
                (
                    str(Deal._meta.get_field(name).verbose_name),  # type: ignore[union-attr]  # a plain field
                    _shown(name, row.changes.get("old", {}).get(name), names),
                    _shown(name, value, names),
                )
                for name, value in row.changes.get("new", {}).items()
                if name != "title"
            ],
        )
        for row in listed
    ]


def _names(rows: list[DealImportRow]) -> dict[tuple[str, int], str]:
    names: dict[tuple[str, int], str] = {}
    for name in ("owner", "team", "agreement", "cooperation", "renews"):
        model = Deal._meta.get_field(name).related_model
        ids = {
            value
            for row in rows
            for side in ("old", "new")
            if isinstance(value := row.changes.get(side, {}).get(name), int)
        }
        if ids and model is not None and not isinstance(model, str):
            found = model._default_manager.in_bulk(ids)
            names |= {(name, pk): str(one) for pk, one in found.items()}
    return names


def _shown(name: str, value: Any, names: dict[tuple[str, int], str]) -> str:
    if value in {None, ""}:
        return ""
    if isinstance(value, int) and (name, value) in names:
        return names[name, value]
    choices = dict(getattr(Deal._meta.get_field(name), "flatchoices", ()) or ())
    return str(choices.get(value, value))
