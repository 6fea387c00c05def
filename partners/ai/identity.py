"""What usage calls a model, and which name of the catalogue it resembles. No database."""

import re
from collections.abc import Iterable, Mapping

SNAPSHOT = re.compile(r"-(?:20\d{2}-?[01]\d-?[0-3]\d|latest|preview|beta|chat)$")
ENDINGS = re.compile(
    r"-(?:input|output|cache|cached|token|tokens|read|write|batch|thinking)$"
)
PARTS = re.compile(r"[a-z]+|\d+(?:\.\d+)*")
LONGEST = 300
BEST = 3
FLOOR = 0.5


def plain(text: str) -> str:
    """Return a text of usage as the alias map stores it: one spelling, no letter case."""
    return " ".join(text.split()).lower()[:LONGEST]


def core(text: str) -> str:
    """Return the name without who sells it, snapshot, and what is counted of it."""
    name = plain(text).rsplit("/", 1)[-1].replace("_", "-").replace(" ", "-")
    while True:
        shorter = ENDINGS.sub("", SNAPSHOT.sub("", name))
        if shorter == name:
            return name
        name = shorter


def likeness(text: str, name: str) -> float:
    """Return how much two names have in common, from 0 to 1; 1 is the same core."""
    mine, theirs = core(text), core(name)
    if not mine or not theirs:
        return 0.0
    if mine == theirs:
        return 1.0
    one, other = _parts(mine), _parts(theirs)
    if not one or not other or one[0] != other[0]:
        return 0.0
    shared = sum(1 for part in one if part in other)
    return 0.99 * 2 * shared / (len(one) + len(other))


def suggested(text: str, names: Mapping[int, Iterable[str]]) -> tuple[int, ...]:
    """Return the keys of up to three names that resemble the text, the best first.

    :param names: key → all names of one model: its own and its aliases.
    """
    found = [
        (max((likeness(text, name) for name in all_names), default=0.0), key)
        for key, all_names in names.items()
    ]
    best = sorted(
        (pair for pair in found if pair[0] >= FLOOR),
        key=lambda pair: (-pair[0], pair[1]),
    )
    return tuple(key for _likeness, key in best[:BEST])


def _parts(name: str) -> list[str]:
    return PARTS.findall(name)
