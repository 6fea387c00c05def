"""Exports found where they are dropped: looked at twice, fetched, handed in, put away."""

import logging
import shutil
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm.core import queue
from crm.core.errors import DomainError
from partners.usage import dropbox, store
from partners.usage.dropbox import Drop, DropUnreachableError, Found
from partners.usage.models import (
    ArrivalState,
    LoadState,
    UsageArrival,
    UsageLoad,
)
from partners.usage.operations import loads
from partners.usage.operations.sources import find_or_create_source

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=30)
GOOD = (LoadState.LOADED, LoadState.NO_OP, LoadState.HELD)
OPEN = (ArrivalState.SEEN, ArrivalState.FETCHING, ArrivalState.HANDED_IN)


def look_for_arrivals(*, drop: Drop, at: datetime) -> list[UsageArrival]:
    """Note what lies in the drop; return what has not changed since the look before.

    :raises DropUnreachableError: when the drop does not answer in time.
    """
    known = {
        arrival.address: arrival
        for arrival in UsageArrival.objects.filter(state__in=OPEN)
    }
    ready = []
    for found in drop.found():
        arrival = known.get(found.address)
        if arrival is None:
            _note(found, at=at)
        elif arrival.stamp != found.stamp:
            UsageArrival.objects.filter(pk=arrival.pk, state=ArrivalState.SEEN).update(
                stamp=found.stamp, bytes=found.bytes
            )
        elif arrival.state == ArrivalState.SEEN or _is_abandoned(arrival, at):
            ready.append(arrival)
    return ready


def _note(found: Found, *, at: datetime) -> None:
    with suppress(IntegrityError), transaction.atomic():
        UsageArrival.objects.create(
            address=found.address,
            source_name=found.source_name[:120],
            stamp=found.stamp,
            bytes=found.bytes,
            seen_at=at,
        )


def _is_abandoned(arrival: UsageArrival, at: datetime) -> bool:
    return (
        arrival.state == ArrivalState.FETCHING
        and arrival.lease_until is not None
        and arrival.lease_until < at
    )


def take_arrival(
    *, arrival: UsageArrival, drop: Drop, owner: str, at: datetime
) -> UsageLoad | None:
    """Fetch what was found and hand it in; None where another worker has it.

    :raises DropUnreachableError: when the drop does not answer; it is tried again.
    """
    free = Q(state=ArrivalState.SEEN) | Q(
        state=ArrivalState.FETCHING, lease_until__lt=Now()
    )
    taken = UsageArrival.objects.filter(free, pk=arrival.pk).update(
        state=ArrivalState.FETCHING, owner=owner, lease_until=Now() + LEASE
    )
    if not taken:
        return None
    folder = store.arrival_folder(arrival.pk)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        drop.fetch(_unchanged(arrival, drop), into=folder)
        return _hand_in(arrival, owner=owner, at=at)
    except DropUnreachableError:
        UsageArrival.objects.filter(pk=arrival.pk, owner=owner).update(
            state=ArrivalState.SEEN, owner="", lease_until=None
        )
        raise
    except DomainError as refusal:
        _refuse(arrival, drop, refusal, at=at)
        return None


def _unchanged(arrival: UsageArrival, drop: Drop) -> tuple[str, ...]:
    for found in drop.found():
        if (found.address, found.stamp) == (arrival.address, arrival.stamp):
            return found.files
    raise DropUnreachableError(f"{arrival.address} has changed or is gone")


def _hand_in(arrival: UsageArrival, *, owner: str, at: datetime) -> UsageLoad:
    folder = store.arrival_folder(arrival.pk)
    inside = sorted(folder.iterdir())
    with transaction.atomic():
        source, _is_new = find_or_create_source(
            name=arrival.source_name, by=None, at=at
        )
        load = loads.request_load(source=source, paths=inside, by=None, at=at)
        mine = UsageArrival.objects.filter(
            pk=arrival.pk, owner=owner, state=ArrivalState.FETCHING
        ).update(state=ArrivalState.HANDED_IN, load=load, owner="", lease_until=None)
        if not mine:
            raise loads.LoadRefusedError(_("Another worker has taken this file."))
        queue.enqueue("usage.run_load", load_id=load.pk)
    return load


def conclude_arrivals(*, drop: Drop, at: datetime) -> int:
    """Put away what is loaded or refused; return how many.

    :raises DropUnreachableError: when the drop does not answer in time.
    """
    over = UsageArrival.objects.filter(
        state=ArrivalState.HANDED_IN, load__state__in=loads.OVER
    ).select_related("load")
    count = 0
    for arrival in over.order_by("pk"):
        if arrival.load is None:
            continue
        is_good = arrival.load.state in GOOD
        error = arrival.load.error or {}
        drop.put_away(
            arrival.address,
            where=dropbox.DONE if is_good else dropbox.REFUSED,
            why={} if is_good else {"state": arrival.load.state, **error},
        )
        UsageArrival.objects.filter(pk=arrival.pk, state=ArrivalState.HANDED_IN).update(
            state=ArrivalState.DONE if is_good else ArrivalState.REFUSED,
            error=str(error.get("reason", ""))[:1000],
            finished_at=at,
        )
        shutil.rmtree(store.arrival_folder(arrival.pk), ignore_errors=True)
        count += 1
    return count


def _refuse(
    arrival: UsageArrival, drop: Drop, refusal: DomainError, *, at: datetime
) -> None:
    """Put away what could not even be handed in: no data, an unreadable manifest."""
    log.warning("arrival %s is refused: %s", arrival.address, refusal)
    drop.put_away(
        arrival.address,
        where=dropbox.REFUSED,
        why={"code": refusal.code, "reason": str(refusal)},
    )
    UsageArrival.objects.filter(pk=arrival.pk).update(
        state=ArrivalState.REFUSED,
        error=str(refusal)[:1000],
        owner="",
        lease_until=None,
        finished_at=at,
    )
    shutil.rmtree(store.arrival_folder(arrival.pk), ignore_errors=True)
