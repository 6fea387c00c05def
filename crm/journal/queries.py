"""The history of one subject or partner, and the feed of all changes."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.journal.models import Event
from crm.journal.values import Json

LARGEST = 2**63 - 1
WRITTEN_POSITION = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")

# The lowest number of a transaction that may still commit entries unseen by the statement
# that follows. What has ended meanwhile is seen by it, unless one snapshot serves both;
# a lock proves that a transaction belongs to another database of the server.
HORIZON = """
SELECT least(
    pg_current_xact_id_if_assigned()::text::bigint,
    coalesce(
        (SELECT min(running::text::bigint)
         FROM pg_snapshot_xip(pg_current_snapshot()) AS running
         WHERE (pg_xact_status(running) = 'in progress'
                OR current_setting('transaction_isolation') <> 'read committed')
           AND NOT EXISTS (
             SELECT FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
             WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock'
               AND transactionid = running::xid
               AND activity.datid <> (SELECT oid FROM pg_database
                                      WHERE datname = current_database()))),
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
) + journal_shift()
"""
NEXT_NUMBER = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint + journal_shift()
"""


class PositionRefusedError(DomainError):
    """A position in the feed cannot be read."""

    code = "journal.bad-position"
    is_input = True


class Position(NamedTuple):
    """A place in the feed: everything up to it has been read."""

    transaction: int
    event_id: int

    def __str__(self) -> str:
        return f"{self.transaction}-{self.event_id}"


START = Position(0, 0)


@dataclass(frozen=True)
class Feed:
    """One page of the feed; `position` is where the next page goes on."""

    events: list[Event]
    position: Position
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field in one entry; the values of an erased personal field are unknown."""

    field: str
    old: Json
    new: Json
    is_personal: bool = False
    is_erased: bool = False


def read_position(text: str) -> Position:
    """Return the position that `str(position)` wrote.

    :raises PositionRefusedError: when it is none.
    """
    found = WRITTEN_POSITION.fullmatch(text)
    if (
        found is None
        or max(numbers := [int(part) for part in found.groups()]) > LARGEST
    ):
        raise PositionRefusedError(_("This is no position of the change feed."))
    return Position(*numbers)


def feed(*, after: Position = START, limit: int, where: Q | None = None) -> Feed:
    """Return the entries after that position, by order of their transactions.

    Only entries of transactions older than every running one are read, so a transaction
    that commits late is never skipped; a long writing transaction in this database delays
    the feed until it ends. Costs two queries.

    :param limit: how many at most.
    :param where: which entries the reader may see, for example
        `Q(partner_id__in=Partner.objects.visible_to(user).values("pk"))`.
    """
    horizon = _number(HORIZON)
    events = list(
        Event.objects.filter(
            where or Q(),
            TupleGreaterThan(Tuple("transaction", "id"), tuple(after)),
            transaction__lt=horizon,
        ).order_by("transaction", "id")[: limit + 1]
    )
    if len(events) > limit:
        latest = events[limit - 1]
        position = Position(latest.transaction, latest.pk)
        return Feed(events[:limit], position, has_more=True)
    read_up_to = Position(horizon - 1, LARGEST)
    return Feed(events, max(after, read_up_to), has_more=False)


def history(subject: models.Model) -> models.QuerySet[Event]:
    """Return what happened to the subject, newest first, with people and personal values."""
    return _readable().filter(
        subject_type=subject._meta.label_lower, subject_id=subject.pk
    )


def partner_history(partner_id: int) -> models.QuerySet[Event]:
    """Return what concerned the partner, newest first, with people and personal values."""
    return _readable().filter(partner_id=partner_id)


def changes(event: Event) -> list[Change]:
    """Return the entry field by field, by name; personal values where they still exist.

    Costs no query for entries that `history` or `partner_history` gave.
    """
    kept = {value.field: value for value in event.personal_values.all()}
    plain = [
        Change(field=name, old=event.old.get(name), new=event.new.get(name))
        for name in event.old.keys() | event.new.keys()
    ]
    personal = [
        Change(
            field=name,
            old=kept[name].old if name in kept else None,
            new=kept[name].new if name in kept else None,
            is_personal=True,
            is_erased=name not in kept,
        )
        for name in event.personal_fields
    ]
    return sorted(plain + personal, key=lambda change: change.field)


def is_ahead_of_server() -> bool:
    """Tell whether entries of another server were restored and not yet continued from.

    `operations.continue_after_restore` puts it right.
    """
    newest = Event.objects.aggregate(models.Max("transaction"))["transaction__max"]
    return newest is not None and newest >= _number(NEXT_NUMBER)


def _readable() -> models.QuerySet[Event]:
    return (
        Event.objects.select_related("by")
        .prefetch_related("personal_values")
        .order_by("-id")
    )


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
