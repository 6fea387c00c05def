"""Loads: asked for, run by one worker at a time, cleaned up after a crash."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.usage import store
from partners.usage.focus import manifests
from partners.usage.models import (
    BillingSource,
    DeliveryStatus,
    LoadState,
    UsageDelivery,
    UsageLoad,
)

OVER = (
    LoadState.LOADED,
    LoadState.NO_OP,
    LoadState.HELD,
    LoadState.REFUSED,
    LoadState.CANCELLED,
)
LEASE = timedelta(seconds=45)
ATTEMPTS = 3


class LoadRefusedError(DomainError):
    """What was asked does not fit the state of the load."""

    code = "usage.load-refused"


@transaction.atomic
def request_load(
    *,
    source: BillingSource,
    paths: Sequence[Path],
    by: User | None,
    at: datetime,
    is_dry_run: bool = False,
) -> UsageLoad:
    """Note that files were handed in; `run_load` reads them.

    :raises FileRefusedError: nothing there, or a manifest that cannot be followed.
    """
    handed = manifests.handed_in(paths)
    load = UsageLoad.objects.create(
        source=source,
        scope=(handed.scope or source.scope)[:200],
        paths=[str(path.resolve()) for path in paths],
        manifest=handed.manifest[:400],
        bytes_total=sum(f.stat().st_size for f in handed.files if f.is_file()),
        is_dry_run=is_dry_run,
        requested_by=by,
        requested_at=at,
    )
    journal.record(
        kind="usage.load-requested",
        subject=load,
        by=by,
        at=at,
        new={"source": source.name, "files": [path.name for path in paths]},
    )
    return load


def cancel_load(*, load: UsageLoad, by: User, at: datetime) -> UsageLoad:
    """Ask for a waiting or running load to stop; the worker stops at its next step.

    :raises LoadRefusedError: when it is already over.
    """
    open_states = [LoadState.WAITING, LoadState.READING]
    with transaction.atomic():
        locked = UsageLoad.objects.select_for_update().get(pk=load.pk)
        if locked.state not in open_states:
            raise LoadRefusedError(_("The load is already over."))
        locked.is_cancel_wanted = True
        if locked.state == LoadState.WAITING:
            locked.state = LoadState.CANCELLED
            locked.finished_at = at
        locked.save(update_fields=["is_cancel_wanted", "state", "finished_at"])
        journal.record(kind="usage.load-cancelled", subject=locked, by=by, at=at)
    return locked


def clean_up_loads(*, at: datetime) -> list[UsageLoad]:
    """Take loads back whose worker has died; return those that wait to be run again.

    What they had staged is removed; what they had swapped in stays, whole.
    """
    dead = UsageLoad.objects.filter(
        state=LoadState.READING, lease_until__lt=Now()
    ).order_by("pk")
    for load in dead:
        with transaction.atomic():
            taken = UsageLoad.objects.filter(
                pk=load.pk, state=LoadState.READING, lease_until__lt=Now()
            ).update(state=LoadState.WAITING, owner="", lease_until=None, step="")
            if not taken:
                continue
            forget_staged(load)
            load.refresh_from_db()
            if load.attempts >= ATTEMPTS:
                _give_up(load, at=at)
    interrupted = UsageLoad.objects.filter(state=LoadState.WAITING, attempts__gt=0)
    return list(interrupted.order_by("pk"))


def forget_staged(load: UsageLoad) -> None:
    """Remove what a load had staged and not swapped in."""
    staged = UsageDelivery.objects.filter(load=load, status=DeliveryStatus.STAGED)
    for delivery in staged:
        store.drop(delivery.folder)
    staged.delete()
    store.forget_work(load.pk)


def _give_up(load: UsageLoad, *, at: datetime) -> None:
    load.state = LoadState.REFUSED
    load.error = {
        "code": "usage.load-given-up",
        "reason": _("The worker died %(count)d times while reading.")
        % {"count": load.attempts},
    }
    load.finished_at = at
    load.save(update_fields=["state", "error", "finished_at"])
