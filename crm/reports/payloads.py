"""Subject: the payload of a run, its hash, and what a reader may see."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from crm.figures.blocks import Block, Figure, Section, Value

FORMAT = 1
"""Number of the payload's form; renderers of later releases read older ones."""


class Freshness(TypedDict):
    """How far the data of one source go: the latest day, and whether that is enough."""

    source: str
    latest_on: str | None
    is_complete: bool
    note: NotRequired[str]


class Restatement(TypedDict):
    """A number of the previous report that later data changed."""

    label: str
    old: Value
    new: Value


class Payload(TypedDict):
    """Everything that one report says; nothing else is looked up while it is drawn."""

    format: int
    name: str
    period: str
    first: str
    last: str
    time_zone: str
    currency: str
    language: str
    cut_off: str
    revision: int
    is_provisional: bool
    is_empty: bool
    freshness: list[Freshness]
    notes: NotRequired[list[str]]
    restatements: list[Restatement]
    sections: list[Section]
    url: NotRequired[str]


@dataclass(frozen=True, slots=True)
class VisibleSet:
    """What a reader may see of a scope: partners by number, and rights by name."""

    partner_ids: tuple[int, ...]
    rights: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as stored with a run."""
        return {"partners": list(self.partner_ids), "rights": list(self.rights)}

    @property
    def hash(self) -> str:
        """Return what two readers who see the same have in common."""
        return digest(self.as_json())

    def covers(self, stored: Mapping[str, Any]) -> bool:
        """Tell whether all that a stored run shows may still be seen."""
        return set(stored["partners"]) <= set(self.partner_ids) and set(
            stored["rights"]
        ) <= set(self.rights)


def headline_of(payload: Payload) -> dict[str, Figure]:
    """Return the numbers of a payload that have a code, by code."""
    found: list[Block] = [
        block for part in payload["sections"] for block in part["blocks"]
    ]
    return {
        figure["code"]: figure
        for block in found
        for figure in block.get("figures", [])
        if "code" in figure
    }


def restated(
    said: Mapping[str, Figure], known: Mapping[str, Figure]
) -> list[Restatement]:
    """Return the numbers that were said and are known otherwise by now."""
    return [
        Restatement(label=figure["label"], old=said[code]["value"], new=figure["value"])
        for code, figure in known.items()
        if code in said and _differs(said[code]["value"], figure["value"])
    ]


def _differs(old: Value, new: Value) -> bool:
    return (old["kind"], old.get("value")) != (new["kind"], new.get("value"))


def canonical(value: object) -> bytes:
    """Return the one way in which this value is written.

    :raises TypeError: for floats and everything else that JSON writes in several ways.
    """
    _refuse_floats(value)
    text = json.dumps(
        value,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    return text.encode()


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("A payload holds no floats: write numbers as text.")
    if isinstance(value, Mapping):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_floats(part)
