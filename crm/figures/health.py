"""Facts of health: each running cooperation's score, its measures, and what moved it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm.figures.frame import DAY, Frame
from crm.watch.health import Colour
from crm.watch.queries.health import Reading, readings_over
from partners.models import Cooperation


@dataclass(frozen=True, kw_only=True)
class Fared:
    """One running cooperation with its health.

    :ivar before: the score when the period began; None when it was unknown.
    """

    cooperation: Cooperation
    reading: Reading
    before: int | None

    @property
    def change(self) -> int | None:
        """Points since the period began; None where either score is unknown."""
        if self.reading.overall is None or self.before is None:
            return None
        return self.reading.overall - self.before


@dataclass(frozen=True, kw_only=True)
class Healths:
    """The health of all running cooperations, the worst first, the unknown last."""

    rows: Sequence[Fared]

    def count(self, colour: Colour) -> int:
        return sum(row.reading.colour is colour for row in self.rows)


def healths(frame: Frame, cooperations: Iterable[Cooperation]) -> Healths:
    """Read health as it is, or for a past period as it was the day after; three queries.

    :param cooperations: the running ones, with partner.
    """
    listed = list(cooperations)
    last = frame.today if frame.is_past else frame.after + frame.length * DAY
    found = readings_over([each.pk for each in listed], first=frame.first, last=last)
    rows = [
        Fared(
            cooperation=each,
            reading=found[each.pk][0],
            before=found[each.pk][1],
        )
        for each in listed
    ]
    return Healths(rows=sorted(rows, key=_worst_first))


def _worst_first(row: Fared) -> tuple[bool, int, int]:
    overall = row.reading.overall
    return overall is None, overall or 0, row.cooperation.pk
