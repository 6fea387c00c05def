"""Show signs of life, and let a scheduled tick do its work once per slot."""

from datetime import datetime, timedelta

from django.db import connection

from crm.core.models import Heartbeat

PING = "ping:"
PINGS_KEPT_FOR = timedelta(days=1)

# An older sign of life never replaces a newer one: tasks may run late or twice.
SHOW_LIFE = """
INSERT INTO core_heartbeat (name, at) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET at = GREATEST(core_heartbeat.at, EXCLUDED.at)
"""

CLAIM_TICK = """
INSERT INTO core_tickclaim (name, slot, at) VALUES (%s, %s, %s)
ON CONFLICT (name, slot) DO NOTHING
"""


def show_life(*, name: str, at: datetime) -> None:
    """Store that the named part was alive at that time.

    :param name: for example `beat`; one row per name.
    :param at: aware; a time before the stored one changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(SHOW_LIFE, [name, at])


def forget_pings(*, at: datetime) -> int:
    """Delete answers to pings older than a day; return how many."""
    old = Heartbeat.objects.filter(name__startswith=PING, at__lt=at - PINGS_KEPT_FOR)
    return old.delete()[0]


def claim_tick(*, name: str, slot: str, at: datetime) -> bool:
    """Take one slot of a scheduled tick; tell whether it was still free.

    Call it in the transaction of the tick's work: a rollback frees the slot, and a
    second claimer waits for the first one's commit and then gets no.

    :param name: the tick, for example `reports.plan`.
    :param slot: a label of the slot, never a timestamp, for example `2026-W47`.
    """
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_TICK, [name, slot, at])
        return bool(cursor.rowcount)
