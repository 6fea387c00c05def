"""The coverage map: industries × kinds of scenarios, with what is live, planned or empty."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from crm.accounts.models import User
from partners.ai.lifecycles import ScenarioStatus
from partners.ai.models import Scenario, ScenarioKind
from partners.industries import Industry
from partners.models import Partner


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One training ground: how many scenarios of one kind in one industry."""

    industry: str
    kind_id: int
    live: int = 0
    planned: int = 0
    ended: int = 0

    @property
    def state(self) -> str:
        """Return `live`, `planned`, `ended` or `empty`: the best there is."""
        if self.live:
            return ScenarioStatus.LIVE
        if self.planned:
            return ScenarioStatus.PLANNED
        return ScenarioStatus.ENDED if self.ended else "empty"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One industry with a cell for every kind."""

    industry: str
    label: str
    partners: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The whole map."""

    kinds: tuple[ScenarioKind, ...]
    rows: tuple[Row, ...]

    def count(self, state: str) -> int:
        """Return how many cells are in this state."""
        return sum(cell.state == state for cell in self.cells())

    def cells(self) -> Iterator[Cell]:
        """Yield every cell, row by row."""
        for row in self.rows:
            yield from row.cells


def coverage(*, user: User, all_industries: bool = False) -> Coverage:
    """Return the map over what this person may see; three queries.

    :param all_industries: also those in which there is no partner and no scenario.
    """
    found = _cells(user)
    used = {kind_id for _industry, kind_id in found}
    kinds = tuple(
        kind
        for kind in ScenarioKind.objects.order_by("order", "pk")
        if kind.is_active or kind.pk in used
    )
    partners = _partners_by_industry(user)
    shown = {industry for industry, _kind in found} | set(partners)
    return Coverage(
        kinds=kinds,
        rows=tuple(
            Row(
                industry=industry.value,
                label=str(industry.label),
                partners=partners.get(industry.value, 0),
                cells=tuple(
                    found.get((industry.value, kind.pk))
                    or Cell(industry=industry.value, kind_id=kind.pk)
                    for kind in kinds
                ),
            )
            for industry in Industry
            if all_industries or industry.value in shown
        ),
    )


def _cells(user: User) -> dict[tuple[str, int], Cell]:
    rows = Scenario.objects.visible_to(user).order_by().values("industry", "kind_id")
    counted = rows.annotate(
        live=Count("pk", filter=Q(status=ScenarioStatus.LIVE)),
        planned=Count("pk", filter=Q(status=ScenarioStatus.PLANNED)),
        ended=Count("pk", filter=Q(status=ScenarioStatus.ENDED)),
    )
    return {(row["industry"], row["kind_id"]): Cell(**row) for row in counted}


def _partners_by_industry(user: User) -> dict[str, int]:
    rows = Partner.objects.visible_to(user).filter(archived_at__isnull=True)
    return dict(
        rows.exclude(industry="")
        .order_by()
        .values_list("industry")
        .annotate(count=Count("pk"))
    )
