"""Days of commitments that somebody is reminded of: milestones, missed ones, the end."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from deals.commitments import CommitmentStatus
from deals.models import (
    Commitment,
    CommitmentMilestone,
    CommitmentReminder,
    DrawdownEntry,
    EntryKind,
)

DAYS = (60, 30)
"""Days before a milestone, or before the end, on which the owner is reminded."""

MISSED_FOR = timedelta(days=180)
"""A milestone that was missed longer ago is history when it comes into the ledger."""


@transaction.atomic
def note_reminders(*, at: datetime) -> int:
    """Write a row for each reminder that has fallen due, once for ever; return how many new.

    Of several that are due at once only the nearest is written.
    """
    today = at.date()
    rows = [*_ahead(today, at=at), *_missed(today, at=at)]
    known = set(
        CommitmentReminder.objects.filter(
            commitment__in={row.commitment_id for row in rows}
        ).values_list("commitment_id", "deadline_on", "kind")
    )
    fresh = [
        row
        for row in rows
        if (row.commitment_id, row.deadline_on, row.kind) not in known
    ]
    # two ticks at once: the database lets each (commitment, date, kind) in once
    CommitmentReminder.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _ahead(today: date, *, at: datetime) -> Iterator[CommitmentReminder]:
    days = (today + timedelta(days=1), today + timedelta(days=max(DAYS)))
    steps = CommitmentMilestone.objects.filter(
        commitment__status=CommitmentStatus.ACTIVE, due_on__range=days
    )
    for number, due_on in steps.values_list("commitment_id", "due_on"):
        yield _reminder(number, due_on, _kind("milestone", due_on, today), at=at)
    last = CommitmentMilestone.objects.filter(
        commitment=OuterRef("pk"), due_on=OuterRef("end_on")
    )
    ends = Commitment.objects.filter(
        ~Exists(last), status=CommitmentStatus.ACTIVE, end_on__range=days
    )
    for number, end_on in ends.values_list("pk", "end_on"):
        yield _reminder(number, end_on, _kind("end", end_on, today), at=at)


def _kind(what: str, day: date, today: date) -> str:
    return f"{what}_{min(each for each in DAYS if each >= (day - today).days)}"


def _missed(today: date, *, at: datetime) -> Iterator[CommitmentReminder]:
    entries = DrawdownEntry.objects.filter(
        kind=EntryKind.MILESTONE,
        shortfall__gt=0,
        reversed_by=None,
        period_on__gte=today - MISSED_FOR,
    ).exclude(commitment__status=CommitmentStatus.CANCELLED)
    for number, due_on in entries.values_list("commitment_id", "period_on"):
        if due_on is not None:  # for the types: a milestone has its day
            yield _reminder(number, due_on, CommitmentReminder.Kind.MISSED, at=at)


def _reminder(number: int, day: date, kind: str, *, at: datetime) -> CommitmentReminder:
    return CommitmentReminder(
        commitment_id=number, kind=kind, deadline_on=day, due_at=at
    )
