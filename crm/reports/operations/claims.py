"""Who works on which delivery, until when: every change names owner and state.

Leases are judged by the clock of the database, the only one that all workers share.
"""

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from crm.reports.models.reasons import Reason

WAITS = """
state IN ('due', 'ready') AND next_attempt_at <= clock_timestamp()
AND (lease_until IS NULL OR lease_until < clock_timestamp())
"""

FIRST = "ORDER BY next_attempt_at, id FOR UPDATE OF d SKIP LOCKED LIMIT 1"

TAKE = f"""
UPDATE reports_reportdelivery SET
    state = CASE state WHEN 'due' THEN 'rendering' ELSE state END,
    owner = %(owner)s,
    lease_until = clock_timestamp() + %(lease)s,
    attempts = attempts + 1
WHERE id = COALESCE(
    (SELECT id FROM reports_reportdelivery d
     WHERE {WAITS} AND bundle = %(bundle)s AND bundle <> 0 {FIRST}),
    (SELECT id FROM reports_reportdelivery d WHERE {WAITS} AND NOT EXISTS (
        SELECT FROM reports_reportdelivery o WHERE o.state = 'rendering'
        AND o.bundle = d.bundle AND o.bundle <> 0) {FIRST}),
    (SELECT id FROM reports_reportdelivery d WHERE {WAITS} {FIRST}))
RETURNING id, attempts, bundle
"""  # noqa: S608  # made of constants of this module

MARK = """
UPDATE reports_reportdelivery SET
    state = 'sending', handed_over = handed_over + 1, reason = '',
    lease_until = clock_timestamp() + %(lease)s
WHERE id = %(id)s AND owner = %(owner)s AND state = 'ready'
  AND lease_until > clock_timestamp()
  AND EXISTS (SELECT FROM accounts_user u WHERE u.id = recipient_id AND u.is_active)
"""

RELEASE = """
UPDATE reports_reportdelivery SET
    state = CASE state WHEN 'rendering' THEN 'due' ELSE state END,
    owner = '', lease_until = NULL, attempts = GREATEST(attempts - 1, 0)
WHERE owner = %(owner)s AND state IN ('rendering', 'ready')
"""

SWEEP_RENDERING = """
UPDATE reports_reportdelivery SET state = 'due', owner = '', lease_until = NULL
WHERE state = 'rendering' AND lease_until < clock_timestamp()
"""

SWEEP_SENDING = """
UPDATE reports_reportdelivery SET state = 'uncertain', reason = %(reason)s
WHERE state = 'sending' AND lease_until < clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take.

    :param lease: from the claim to the end of the message, everything included.
    :param reply: wait for the answer to the end of the message.
    """

    lease: timedelta = timedelta(minutes=5)
    reply: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery that this worker has, and the number of the attempt.

    :ivar bundle: what deliveries have in common that most likely show the same run.
    """

    delivery_id: int
    owner: str
    attempt: int
    timing: Timing
    bundle: int = 0


@lru_cache(maxsize=4)
def _owner_of(process: int) -> str:
    return f"{socket.gethostname()[:40]}:{process}:{secrets.token_hex(8)}"


def this_worker() -> str:
    """Return the name of this process start; a forked child has its own."""
    return _owner_of(os.getpid())


def take(*, owner: str, timing: Timing, bundle: int = 0) -> Claim | None:
    """Claim the row that has waited longest; None when nothing waits.

    Rows of the bundle come first, because what this worker has drawn for one it has
    for the others; then rows of a bundle that nobody else is drawing just now.
    """
    arguments = _values(owner=owner, lease=timing.lease, bundle=bundle)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, arguments)
        row = cursor.fetchone()
    if row is None:
        return None
    delivery_id, attempt, found = row
    return Claim(delivery_id, owner, attempt, timing, found)


def mark_sending(claim: Claim) -> bool:
    """Take the last step before the end of the message; tell whether we still may.

    Refused when the lease has run out, somebody else has the row, or the reader left.
    """
    timing = claim.timing
    return _change(MARK, claim, lease=timing.reply + timing.lease)


def release(*, owner: str) -> int:
    """Give back what this worker has claimed and not yet handed over."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RELEASE, {"owner": owner})
        return int(cursor.rowcount)


def sweep() -> int:
    """Take rows from dead workers; return how many became uncertain.

    What was still being made is made again. What was being handed over may have
    arrived: it is never sent again by itself.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SWEEP_RENDERING)
        cursor.execute(SWEEP_SENDING, {"reason": Reason.LEASE_ENDED.value})
        return int(cursor.rowcount)


def _change(statement: str, claim: Claim, **values: object) -> bool:
    arguments = _values(id=claim.delivery_id, owner=claim.owner, **values)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return bool(cursor.rowcount == 1)


def _values(**values: object) -> Any:
    """Return values for a statement; psycopg takes intervals, Django's types do not say so."""
    return values
