"""Subject: how fast cooperations climb, from the days on which they came to each stage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median


@dataclass(frozen=True, slots=True)
class Tempo:
    """A median number of days with how many cases are behind it; None without any."""

    days: float | None
    n: int


def tempo(lengths: Iterable[int]) -> Tempo:
    """Return the median of some lengths in days."""
    known = list(lengths)
    return Tempo(median(known) if known else None, len(known))


def between(
    climbs: Iterable[Mapping[str, date]], *, start: str, end: str, since: date
) -> Tempo:
    """Return the days from one stage to another, for those that reached it since a day.

    :param climbs: of each cooperation, the day it first came to each stage.
    """
    return tempo(
        (climb[end] - climb[start]).days
        for climb in climbs
        if start in climb and end in climb and climb[end] >= since
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """Some of all; the share is None over nothing."""

    some: int
    all: int

    @property
    def share(self) -> float | None:
        return self.some / self.all if self.all else None
