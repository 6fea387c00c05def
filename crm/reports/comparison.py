"""Subject: what is different between two payloads of one report, number by number."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm.figures.blocks import Block, Value
from crm.reports.payloads import Payload


@dataclass(frozen=True, slots=True)
class Difference:
    """One number, or one line of a table, that changed; None where it was not there."""

    section: str
    label: str
    old: Value | None
    new: Value | None


Key = tuple[str, str]


def differences(before: Payload, after: Payload) -> list[Difference]:
    """Return what changed, in the order of the later report; then what is gone."""
    old, new = dict(_values(before)), dict(_values(after))
    changed = [
        Difference(*key, old.get(key), value)
        for key, value in new.items()
        if not _same(old.get(key), value)
    ]
    gone = [
        Difference(*key, value, None) for key, value in old.items() if key not in new
    ]
    return changed + gone


def _same(old: Value | None, new: Value) -> bool:
    if old is None:
        return False
    return (old["kind"], old.get("value")) == (new["kind"], new.get("value"))


def _values(payload: Payload) -> Iterator[tuple[Key, Value]]:
    for part in payload["sections"]:
        for block in part["blocks"]:
            for label, value in (*_figures(block), *_cells(block)):
                yield (part["title"], label), value


def _figures(block: Block) -> Iterator[tuple[str, Value]]:
    for figure in block.get("figures", []):
        yield figure["label"], figure["value"]


def _cells(block: Block) -> Iterator[tuple[str, Value]]:
    """Return the numbers of a table, named by the words of their line and column."""
    columns = block.get("columns", [])
    for row in block.get("rows", []):
        said = [str(v.get("value", "")) for v in row if v["kind"] == "text"]
        name = " · ".join(word for word in said if word)
        for column, value in zip(columns, row, strict=True):
            if value["kind"] != "text":
                yield f"{name} · {column['label']}", value
