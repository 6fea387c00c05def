"""Paper partnerships, and how long it takes from an announcement to the first token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from crm.watch.queries.promises import EVER_SIGNED, signed_on
from partners.models import Cooperation
from partners.usage.queries.cooperations import cooperation_figures

OPEN_DAYS = 90
"""An announcement without AI usage is listed after so many days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """From the earlier of signature and announcement to the first AI usage.

    :ivar days: to the first day with AI usage; so far, where there is none.
    """

    cooperation: Cooperation
    began_on: date
    first_ai_on: date | None
    days: int

    @property
    def is_open(self) -> bool:
        return self.first_ai_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """All lags of some cooperations.

    :ivar median_days: of those that have reached their first token; None without any.
    """

    reached: Sequence[Lag]
    waiting: Sequence[Lag]
    median_days: float | None


def lags(cooperation_ids: Sequence[int], *, today: date) -> Lags:
    """Return how long the way to the first token was, and who is still on it.

    Usage before the announcement counts as no lag. Whose usage cannot be told is left out.

    :param cooperation_ids: those the reader may see.
    """
    signed = signed_on(cooperation_ids, statuses=EVER_SIGNED)
    used = cooperation_figures(cooperation_ids, until=today)
    rows = Cooperation.objects.filter(pk__in=cooperation_ids).select_related(
        "partner", "owner", "stage"
    )
    found = []
    for cooperation in rows.order_by("pk"):
        starts = [signed.get(cooperation.pk), cooperation.announced_on]
        began_on = min((day for day in starts if day is not None), default=None)
        figures = used.get(cooperation.pk)
        if began_on is None or figures is None or figures.whose.reason:
            continue
        first = figures.first_ai_day
        days = max(0, ((first or today) - began_on).days)
        found.append(
            Lag(
                cooperation=cooperation, began_on=began_on, first_ai_on=first, days=days
            )
        )
    reached = [lag for lag in found if not lag.is_open]
    waiting = [lag for lag in found if lag.is_open and lag.days > OPEN_DAYS]
    return Lags(
        reached=sorted(reached, key=lambda lag: (lag.days, lag.cooperation.pk)),
        waiting=sorted(waiting, key=lambda lag: (-lag.days, lag.cooperation.pk)),
        median_days=median([lag.days for lag in reached]) if reached else None,
    )
