"""What happened with a partner or a cooperation: the journal and the activities, as one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from crm.journal import queries as journal
from crm.journal.models import Event
from partners import happenings
from partners.models import Activity, Cooperation, Partner

LARGEST = 2**63 - 1


class Place(NamedTuple):
    """Where a happening stands in a timeline; what happened at one instant has an order."""

    at: datetime
    rank: int
    number: int


@dataclass(frozen=True)
class Happening:
    """One line of a timeline: an entry of the journal, or an activity.

    :ivar at: when it happened, not when it was written down.
    """

    at: datetime
    event: Event | None = None
    activity: Activity | None = None

    @property
    def place(self) -> Place:
        """Give this as `before` to read on from here."""
        if self.event is not None:
            return Place(self.at, 1, self.event.pk)
        return Place(self.at, 0, self.activity.pk if self.activity else 0)

    @property
    def kind(self) -> str:
        """Dotted, as in the journal; activities are `activity.meeting` and so on."""
        if self.event is not None:
            return self.event.kind
        return f"activity.{self.activity.kind}" if self.activity else ""

    @property
    def title(self) -> str:
        """What people call it."""
        return happenings.title_of(self.kind)

    @property
    def words(self) -> str:
        """What it says beyond its title."""
        if self.event is not None:
            return happenings.details_of(self.event.old, self.event.new)
        return self.activity.summary if self.activity else ""

    @property
    def by(self) -> str:
        """Who did it; empty when the product did it by itself."""
        person = self.event.by if self.event is not None else None
        if self.activity is not None:
            person = self.activity.logged_by
        return str(person) if person is not None else ""


def partner_timeline(
    partner: Partner, *, limit: int = 50, before: Place | None = None
) -> list[Happening]:
    """Return what concerned a partner, the latest first.

    :param limit: how many at most.
    :param before: only what stands after this place; for turning the page.
    """
    return _merged(
        journal.partner_history(partner.pk),
        Activity.objects.filter(partner=partner),
        limit,
        before,
    )


def cooperation_timeline(
    cooperation: Cooperation, *, limit: int = 50, before: Place | None = None
) -> list[Happening]:
    """Return what concerned a cooperation, the latest first; the arguments as above."""
    entries = journal.partner_history(cooperation.partner_id).filter(
        Q(
            subject_type=Cooperation._meta.label_lower,
            subject_id=cooperation.pk,
        )
        | Q(new__cooperation=cooperation.pk)
    )
    activities = Activity.objects.filter(cooperation=cooperation)
    return _merged(entries, activities, limit, before)


def _merged(
    entries: QuerySet[Event],
    activities: QuerySet[Activity],
    limit: int,
    before: Place | None,
) -> list[Happening]:
    # an activity speaks for itself: the entry that it was logged would say it twice
    entries = entries.exclude(kind="activity.logged")
    if before is not None:
        entries = entries.filter(
            Q(at__lt=before.at)
            | Q(at=before.at, pk__lt=before.number if before.rank else 0)
        )
        activities = activities.filter(
            Q(happened_at__lt=before.at)
            | Q(happened_at=before.at, pk__lt=LARGEST if before.rank else before.number)
        )
    told = _latest(
        [
            Happening(at=event.at, event=event)
            for event in entries.order_by("-at", "-id")[:limit]
        ]
        + [
            Happening(at=activity.happened_at, activity=activity)
            for activity in activities.select_related("logged_by").order_by(
                "-happened_at", "-pk"
            )[:limit]
        ]
    )
    return told[:limit]


def _latest(found: Iterable[Happening]) -> list[Happening]:
    return sorted(found, key=lambda happening: happening.place, reverse=True)
