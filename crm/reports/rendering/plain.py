"""The text twin of a mail: reads well by itself, in a fixed-width font or not."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import Any

from crm.reports.rendering.document import Document

WIDTH = 76
WIDEST_COLUMN = 30


def text_of(document: Document) -> str:
    """Return the report as plain text."""
    lines = [document["name"], f"{document['title']} · {document['range']}", ""]
    if document["warning"]:
        lines += [f"! {document['warning']}", ""]
    for part in document["sections"]:
        lines += [part["title"], "=" * width_of(part["title"]), ""]
        for block in part["blocks"]:
            if block["title"]:
                lines += [block["title"], "-" * width_of(block["title"])]
            lines += [*WRITERS[block["block"]](block), ""]
    lines += ["-" * WIDTH, *document["footnotes"]]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def width_of(text: str) -> int:
    """Return how many places a text takes: Chinese signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _figures(block: dict[str, Any]) -> Iterator[str]:
    widest = max((width_of(each["label"]) for each in block["figures"]), default=0)
    for each in block["figures"]:
        beside = "  ".join(filter(None, (each["change"], each["target"], each["note"])))
        value = f"{_padded(each['label'], widest)}  {each['value']}"
        yield f"{value}  ({beside})" if beside else value


def _table(block: dict[str, Any]) -> Iterator[str]:
    if block["empty"]:
        yield block["empty"]
        return
    heads = [column["label"] for column in block["columns"]]
    rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    widths = [
        min(WIDEST_COLUMN, max(width_of(row[i]) for row in [heads, *rows]))
        for i in range(len(heads))
    ]
    aligns = [column["align"] for column in block["columns"]]
    yield _row(heads, widths, aligns)
    yield "  ".join("-" * width for width in widths)
    for row in rows:
        yield _row(row, widths, aligns)
    yield " · ".join(filter(None, (block["count"], block["more"])))


def _cell(cell: dict[str, str]) -> str:
    return f"{cell['text']} ({cell['note']})" if cell["note"] else cell["text"]


def _row(cells: Sequence[str], widths: Sequence[int], aligns: Sequence[str]) -> str:
    parts = zip(cells, widths, aligns, strict=True)
    return "  ".join(
        _padded(_cut(cell, width), width, to_right=align == "right")
        for cell, width, align in parts
    )


def _cut(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    while width_of(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _padded(text: str, width: int, *, to_right: bool = False) -> str:
    space = " " * max(0, width - width_of(text))
    return space + text if to_right else text + space


def _moves(block: dict[str, Any]) -> Iterator[str]:
    if block["empty"]:
        yield block["empty"]
    for move in block["moves"]:
        yield f"* {move['title']}"
        for line in filter(None, [move["text"], *move["evidence"], move["url"]]):
            yield from (f"  {part}" for part in wrap(line, WIDTH - 2))
    if block["more"]:
        yield block["more"]


def _sentence(block: dict[str, Any]) -> Iterator[str]:
    yield from wrap(block.get("sentence") or block.get("text") or "", WIDTH)


WRITERS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "figures": _figures,
    "table": _table,
    "moves": _moves,
    "chart": _sentence,
    "text": _sentence,
}
