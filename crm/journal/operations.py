"""Write down what happened, and erase what was personal in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import structlog
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models, transaction

from crm.core import bulk
from crm.journal.models import Event, PersonalValue
from crm.journal.values import to_json

Values = Mapping[str, Any]
PersonalChanges = Mapping[str, tuple[Any, Any]]

BATCH = 1000

# Takes effect with the commit; entries written afterwards sort behind all older ones.
SHIFT = "CREATE OR REPLACE FUNCTION journal_shift() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT {shift}::bigint'"
NEEDED_SHIFT = """
SELECT COALESCE(max(transaction), 0) + 1 - pg_current_xact_id()::text::bigint,
       journal_shift()
FROM journal_event
"""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One entry that is not written yet; the arguments are those of `record`."""

    kind: str
    subject: models.Model
    partner_id: int | None = None
    old: Values = field(default_factory=dict)
    new: Values = field(default_factory=dict)
    personal: PersonalChanges = field(default_factory=dict)


def record(
    *,
    kind: str,
    subject: models.Model,
    by: AbstractBaseUser | None,
    at: datetime,
    partner_id: int | None = None,
    old: Values | None = None,
    new: Values | None = None,
    personal: PersonalChanges | None = None,
) -> Event:
    """Write one entry in the running transaction.

    :param kind: dotted, for example `partner.stage-moved`.
    :param subject: the row it happened to; it must be stored.
    :param by: the person; None when the product acted by itself.
    :param at: when it happened, aware.
    :param partner_id: the partner concerned, for timelines and visibility of the feed.
    :param old: values before; new: values after. Decimals, dates, datetimes and Money
        are stored as exact text (`crm.journal.values`).
    :param personal: values about a person by field, as (old, new); the entry names the
        fields only, the values can be erased.
    """
    draft = Draft(
        kind=kind,
        subject=subject,
        partner_id=partner_id,
        old=old or {},
        new=new or {},
        personal=personal or {},
    )
    event = _event(draft, by=by, at=at, request_id=_request_id())
    event.save(force_insert=True)
    if draft.personal:
        PersonalValue.objects.bulk_create(_personal_values(event, draft))
    return event


@transaction.atomic
def record_many(
    *, drafts: Iterable[Draft], by: AbstractBaseUser | None, at: datetime
) -> int:
    """Write many entries with few statements; return how many.

    :param drafts: read once, a thousand at a time.
    """
    rest, count, request_id = iter(drafts), 0, _request_id()
    while batch := list(islice(rest, BATCH)):
        events = bulk.insert(
            Event,
            (_event(draft, by=by, at=at, request_id=request_id) for draft in batch),
        )
        bulk.append(
            PersonalValue,
            (
                value
                for event, draft in zip(events, batch, strict=True)
                for value in _personal_values(event, draft)
            ),
        )
        count += len(batch)
    return count


@transaction.atomic
def erase_personal(
    *,
    subject: models.Model,
    by: AbstractBaseUser | None,
    at: datetime,
    partner_id: int | None = None,
) -> int:
    """Delete all personal values that the journal holds about the subject.

    The entries stay and go on naming the fields. The erasure itself is an entry, also
    when there was nothing left to erase. Returns how many values were deleted.
    """
    values = PersonalValue.objects.filter(
        event__subject_type=subject._meta.label_lower, event__subject_id=subject.pk
    )
    fields = sorted(set(values.values_list("field", flat=True)))
    count = values.delete()[0]
    record(
        kind="journal.personal-erased",
        subject=subject,
        by=by,
        at=at,
        partner_id=partner_id,
        new={"fields": fields, "values": count},
    )
    return count


@transaction.atomic
def continue_after_restore() -> int:
    """Let new entries sort behind all restored ones; return the shift now in force.

    A dump restored into another server brings entries with transaction numbers that
    this server has not reached. Without a shift, the change feed would hold them back
    and sort new entries before them. Harmless when nothing was restored.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE journal_event IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(NEEDED_SHIFT)
        needed, shift = cursor.fetchone()
        if needed > shift:
            cursor.execute(SHIFT.format(shift=int(needed)))
        return max(int(needed), int(shift))


def _event(
    draft: Draft, *, by: AbstractBaseUser | None, at: datetime, request_id: str
) -> Event:
    return Event(
        kind=draft.kind,
        subject_type=draft.subject._meta.label_lower,
        subject_id=draft.subject.pk,
        partner_id=draft.partner_id,
        by_id=None if by is None else by.pk,
        token_id=getattr(by, "acting_token_id", None),
        at=at,
        old=to_json(draft.old),
        new=to_json(draft.new),
        personal_fields=sorted(draft.personal),
        request_id=request_id,
    )


def _personal_values(event: Event, draft: Draft) -> Iterator[PersonalValue]:
    for name, (old, new) in draft.personal.items():
        yield PersonalValue(event=event, field=name, old=to_json(old), new=to_json(new))


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
