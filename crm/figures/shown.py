"""Blocks in words: numbers, days and changes formatted once, for mail, PDF and pages."""

from typing import Any, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import charts, words
from crm.figures.blocks import Block, Column, Figure, Value

MOST_ROWS = 15
"""Rows of a table in mail, PDF and page; the sheet has all that the payload holds."""


class Cell(TypedDict):
    """One cell of a table, in words."""

    text: str
    url: str
    note: str
    align: str
    label: str


def block_in_words(
    block: Block, language: str, *, code: str, most: int = MOST_ROWS
) -> dict[str, Any]:
    """Return a block as templates show it; its language must be active.

    :param code: names the block in its document, for pictures.
    :param most: how many rows of a table or moves are shown.
    """
    made: dict[str, Any] = {
        "block": block["block"],
        "title": block.get("title", ""),
        "code": code,
    }
    makers = {
        "figures": _figures,
        "table": _table,
        "chart": _chart,
        "moves": _moves,
        "text": _text,
    }
    made.update(makers[block["block"]](block, language, most))
    return made


def _figures(block: Block, language: str, _most: int) -> dict[str, Any]:
    made = [_figure(each, language) for each in block.get("figures", [])]
    padded: list[dict[str, str] | None] = [*made, None]
    pairs = [padded[first : first + 2] for first in range(0, len(made), 2)]
    return {"figures": made, "pairs": pairs}


def _figure(figure: Figure, language: str) -> dict[str, str]:
    change, target = figure.get("change"), figure.get("target")
    notes = [words.note(figure["value"], language), figure.get("note", "")]
    return {
        "code": figure.get("code", ""),
        "label": figure["label"],
        "value": words.shown(figure["value"], language),
        "change": words.moved(change, language) if change else "",
        "tone": change["tone"] if change else "plain",
        "target": _("target %(target)s") % {"target": words.shown(target, language)}
        if target
        else "",
        "note": words.remarks(notes),
        "url": figure.get("url", ""),
    }


def _table(block: Block, language: str, most: int) -> dict[str, Any]:
    rows, columns = block.get("rows", []), block.get("columns", [])
    total = block.get("total_count", len(rows))
    shown = rows[:most]
    more = ""
    if total > len(shown):
        more = _("%(shown)d of %(total)d rows") % {"shown": len(shown), "total": total}
    return {
        "columns": columns,
        "rows": [
            [
                _cell(value, column, language)
                for value, column in zip(row, columns, strict=True)
            ]
            for row in shown
        ],
        "count": _("n = %(count)d") % {"count": total},
        "more": more,
        "empty": block.get("empty", "") if not rows else "",
    }


def _cell(value: Value, column: Column, language: str) -> Cell:
    return Cell(
        text=words.shown(value, language),
        url=value.get("url", ""),
        note=words.note(value, language),
        align=column["align"],
        label=column["label"],
    )


def _chart(block: Block, language: str, _most: int) -> dict[str, Any]:
    svg = charts.draw(block, language=language)
    return {"svg": svg, "sentence": block.get("sentence", "")}


def _moves(block: Block, _language: str, most: int) -> dict[str, Any]:
    found = block.get("moves", [])
    return {
        "moves": [
            {
                "title": move["title"],
                "text": move["text"],
                "tone": move["tone"],
                "url": move.get("url", ""),
                "evidence": move.get("evidence", []),
            }
            for move in found[:most]
        ],
        "more": ngettext("and %(count)d more", "and %(count)d more", len(found))
        % {"count": len(found) - most}
        if len(found) > most
        else "",
        "empty": block.get("empty", "") if not found else "",
    }


def _text(block: Block, _language: str, _most: int) -> dict[str, Any]:
    return {"text": block.get("text", "")}
