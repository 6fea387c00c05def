"""Facts of governance: four points per running cooperation, and promises kept late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm.figures.frame import Frame
from partners.governance import Governance, Promises
from partners.models import Cooperation
from partners.queries import steering

POINTS = 4


@dataclass(frozen=True, kw_only=True)
class Steered:
    """One running cooperation with its governance."""

    cooperation: Cooperation
    governance: Governance


@dataclass(frozen=True, kw_only=True)
class Steering:
    """The governance of all running cooperations, the worst first."""

    rows: Sequence[Steered]

    @property
    def score(self) -> int:
        """Points earned by all of them together."""
        return sum(row.governance.score for row in self.rows)

    @property
    def full(self) -> int:
        """Cooperations with all four points."""
        return sum(row.governance.score == POINTS for row in self.rows)

    @property
    def lacking(self) -> list[Steered]:
        return [row for row in self.rows if row.governance.score < POINTS]

    @property
    def late_meetings(self) -> int:
        return sum(row.governance.is_meeting_overdue for row in self.rows)


def steered(frame: Frame, cooperations: Iterable[Cooperation]) -> Steering:
    """Read the governance of a frame; five queries for any number of cooperations.

    :param cooperations: the running ones, with partner and owner.
    """
    running = Cooperation.objects.running().filter(partner_id__in=frame.partner_ids)
    judged = steering.governance(running, at=frame.cut_off)
    rows = [
        Steered(cooperation=each, governance=judged[each.pk])
        for each in cooperations
        if each.pk in judged
    ]
    return Steering(
        rows=sorted(rows, key=lambda row: (row.governance.score, row.cooperation.pk))
    )


def shown_late(promises: Promises) -> str:
    """Return late ÷ outstanding of one side as words: 2 / 9."""
    return f"{promises.overdue} / {promises.outstanding}"
