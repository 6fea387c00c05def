"""Subject: how fast cooperations climb, from the days on which they came to each stage."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

LONG_WAIT_DAYS = 90
"""An announced or signed cooperation without AI usage for longer is listed."""


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


@dataclass(frozen=True, slots=True)
class Wait:
    """One cooperation from its announcement or signature to its first AI usage."""

    cooperation_id: int
    since: date
    first_use: date | None

    def days(self, today: date) -> int:
        """Return how long it took, or has been waiting until today."""
        return ((self.first_use or today) - self.since).days


def waits(rows: Sequence[Wait], *, today: date) -> tuple[Tempo, list[Wait]]:
    """Return the median of those that ended, and the open ones beyond 90 days.

    Usage before the announcement counts as a wait of no days.
    """
    ended = tempo(max(row.days(today), 0) for row in rows if row.first_use is not None)
    late = [
        row
        for row in rows
        if row.first_use is None and row.days(today) > LONG_WAIT_DAYS
    ]
    return ended, sorted(late, key=lambda row: (row.since, row.cooperation_id))
