"""Running a load: read its files, judge and swap each billing month, write it down."""

import logging
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, models
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.journal import operations as journal
from partners.usage import store, verdicts
from partners.usage.focus import engine, manifests, reading, rejects
from partners.usage.focus.errors import FileRefusedError
from partners.usage.models import (
    BillingSource,
    DeliveryMode,
    DeliveryStatus,
    LoadState,
    UsageDelivery,
    UsageLoad,
)
from partners.usage.operations import deliveries, rollups, staging
from partners.usage.operations.loads import LEASE, LoadRefusedError, forget_staged
from partners.usage.operations.staging import RowsRejectedError, StagedLoad

log = logging.getLogger(__name__)

BEAT_SECONDS = 10.0


class _CancelledError(Exception):
    """Somebody asked to cancel, or another worker took over."""


def run_load(*, load: UsageLoad, owner: str, at: datetime) -> UsageLoad:
    """Read the files of a load and settle each billing month of it.

    A refusal of the files is kept with the load and not raised.

    :param owner: name of this worker, unique among those running now.
    :raises LoadRefusedError: when another worker has it or it is already done.
    """
    claimed = _claim(load, owner=owner)
    began = time.monotonic()
    try:
        with store.workplace(claimed.pk) as work, _beating(claimed, owner):
            _read_and_settle(claimed, owner=owner, work=work, at=at)
    except RowsRejectedError as refusal:
        _keep_counts(claimed, refusal.summed)
        _refuse(claimed, refusal.as_json(), at=at)
    except FileRefusedError as refusal:
        _refuse(claimed, refusal.as_json(), at=at)
    except DomainError as refusal:
        _refuse(claimed, {"code": refusal.code, "reason": refusal.text}, at=at)
    except _CancelledError:
        claimed.state = LoadState.CANCELLED
    except Exception:
        log.exception("Load %s failed and waits for a further attempt", load.pk)
        UsageLoad.objects.filter(pk=load.pk, owner=owner).update(lease_until=Now())
        raise
    claimed.seconds = round(time.monotonic() - began, 3)
    claimed.finished_at = at
    claimed.owner, claimed.lease_until, claimed.step = "", None, ""
    claimed.save()
    return claimed


def rehearse_load(
    *, source: BillingSource, paths: Sequence[Path], at: datetime
) -> UsageLoad:
    """Read files and say what would become of them; nothing is kept, not even a load.

    :param source: need not be stored.
    :raises FileRefusedError: nothing there, or a manifest that cannot be followed.
    """
    handed = manifests.handed_in(paths)
    load = UsageLoad(source=source, scope=handed.scope or source.scope, is_dry_run=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=store.root()) as folder:
        try:
            _judge_only(load, _staged(load, handed, Path(folder)), at=at)
        except FileRefusedError as refusal:
            if isinstance(refusal, RowsRejectedError):
                _keep_counts(load, refusal.summed)
            load.state, load.error = LoadState.REFUSED, refusal.as_json()
    load.seconds = round(time.monotonic() - began, 3)
    return load


def _staged(load: UsageLoad, handed: manifests.Handed, work: Path) -> StagedLoad:
    """Read the files of a load that nobody waits for."""
    opened = staging.open_all(handed, work=work, progress=lambda _count: None)
    with engine.opened(spill=work / "spill") as duck:
        reading.prepare(duck)
        staged = staging.stage(
            duck, opened, handed=handed, work=work, between=lambda: None
        )
    _keep_outcome(load, staged)
    return staged


def _claim(load: UsageLoad, *, owner: str) -> UsageLoad:
    taken = (
        UsageLoad.objects.filter(pk=load.pk, state=LoadState.WAITING)
        .exclude(is_cancel_wanted=True)
        .update(
            state=LoadState.READING,
            owner=owner,
            lease_until=Now() + LEASE,
            attempts=models.F("attempts") + 1,
        )
    )
    if not taken:
        raise LoadRefusedError(_("The load is not waiting: another worker has it."))
    return UsageLoad.objects.select_related("source", "requested_by").get(pk=load.pk)


@contextmanager
def _beating(load: UsageLoad, owner: str) -> Iterator[None]:
    """Renew the lease from a thread of its own while DuckDB is busy."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(BEAT_SECONDS):
                UsageLoad.objects.filter(pk=load.pk, owner=owner).update(
                    lease_until=Now() + LEASE
                )
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"usage-load-{load.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _read_and_settle(load: UsageLoad, *, owner: str, work: Path, at: datetime) -> None:
    handed = manifests.handed_in([Path(path) for path in load.paths])
    opened = staging.open_all(handed, work=work, progress=_Counter(load, owner))
    load.digest = staging.digest_of(opened)
    same = _same_content(load)
    if same is not None:
        _copy_outcome(load, same)
        return
    _refuse_known_files(load, [one.sha256 for one in opened])
    _note_step(load, owner, "reading")
    with engine.opened(spill=work / "spill") as duck:
        reading.prepare(duck)
        staged = staging.stage(
            duck,
            opened,
            handed=handed,
            work=work,
            between=lambda: _note_step(load, owner, "reading"),
        )
    _keep_outcome(load, staged)
    if load.is_dry_run:
        _judge_only(load, staged, at=at)
        return
    _note_step(load, owner, "loading")
    # a worker that died may have settled some months of this load already
    done = {delivery.billing_month: delivery for delivery in load.deliveries.all()}
    with rollups.opened(work) as duck:
        settled = [
            done.get(month.month)
            or deliveries.settle(
                _delivery(load, month),
                is_each_row_even=month.facts.is_each_row_even,
                owner=owner,
                by=load.requested_by,
                at=at,
                duck=duck,
            )
            for month in staged.months
        ]
    _conclude(load, settled)


class _Counter:
    """Notes the bytes read, at most twice a second."""

    def __init__(self, load: UsageLoad, owner: str) -> None:
        self.load = load
        self.owner = owner
        self.noted = time.monotonic()

    def __call__(self, count: int) -> None:
        self.load.bytes_read += count
        if time.monotonic() - self.noted > 0.5:
            self.noted = time.monotonic()
            _note_step(self.load, self.owner, "opening")


def _note_step(load: UsageLoad, owner: str, step: str) -> None:
    """Write progress down and renew the lease; stop where somebody wants it."""
    mine = UsageLoad.objects.filter(
        pk=load.pk, owner=owner, is_cancel_wanted=False
    ).update(step=step, bytes_read=load.bytes_read, lease_until=Now() + LEASE)
    if not mine:
        raise _CancelledError


def _same_content(load: UsageLoad) -> UsageLoad | None:
    """Return a load of the same content whose deliveries all still count."""
    earlier = (
        UsageLoad.objects.filter(
            source_id=load.source_id,
            scope=load.scope,
            digest=load.digest,
            state=LoadState.LOADED,
            is_dry_run=False,
        )
        .exclude(pk=load.pk)
        .order_by("-pk")
    )
    for one in earlier:
        statuses = set(one.deliveries.values_list("status", flat=True))
        if statuses == {DeliveryStatus.CURRENT}:
            return one
    return None


def _copy_outcome(load: UsageLoad, same: UsageLoad) -> None:
    load.state = LoadState.NO_OP
    load.same_as = same
    for name in ("files", "focus_version", "totals", "rows_read", "rows_rejected"):
        setattr(load, name, getattr(same, name))
    load.notices = [
        _("The same content was loaded by load %(id)d; nothing was changed.")
        % {"id": same.pk}
    ]


def _refuse_known_files(load: UsageLoad, hashes: Sequence[str]) -> None:
    """Refuse a file that already counts, where deliveries add up."""
    if load.source.delivery_mode == DeliveryMode.OVERWRITE:
        return
    known = UsageLoad.objects.filter(
        source_id=load.source_id,
        scope=load.scope,
        state=LoadState.LOADED,
        deliveries__status=DeliveryStatus.CURRENT,
    ).distinct()
    for one in known:
        for file in one.files:
            if file["sha256"] in hashes:
                raise FileRefusedError(
                    _("The file is already loaded (load %(id)d); it would count twice.")
                    % {"id": one.pk},
                    file=file["name"],
                    code="usage.file-again",
                )


def _keep_outcome(load: UsageLoad, staged: StagedLoad) -> None:
    load.files = staged.files
    load.focus_version = staged.version
    _keep_counts(load, staged.summed)
    load.notices = list(staged.summed.notices)
    for month in staged.months:
        for cost, count in month.facts.rows_without_cost.items():
            load.notices.append(
                _("%(month)s: %(count)d rows have no %(cost)s cost; it stays empty.")
                % {
                    "month": f"{month.month:%Y-%m}",
                    "count": count,
                    "cost": verdicts.words()[cost],
                }
            )


def _keep_counts(load: UsageLoad, summed: staging.Summed) -> None:
    """Keep rows, totals and rejects; they are shown even where all is refused."""
    load.rows_read = summed.rows_read
    load.rows_rejected = len(summed.rejects)
    load.totals = staging.plain(summed.totals)
    load.rejected_totals = staging.plain(summed.rejected)
    load.rejects = [one.as_json() for one in summed.rejects[: staging.SHOWN_REJECTS]]
    if summed.rejects and load.pk is not None:
        rejects.write(store.rejects_file(load.pk), summed.rejects)


def _delivery(load: UsageLoad, month: staging.StagedMonth) -> UsageDelivery:
    """Note a staged month and move its line items to their place in the store."""
    delivery = _as_row(load, month)
    delivery.save()
    delivery.folder = store.folder_of(
        source_id=load.source_id, billing_month=month.month, delivery_id=delivery.pk
    )
    delivery.save(update_fields=["folder"])
    delivery.stored_bytes = store.keep(month.folder, folder=delivery.folder)
    delivery.save(update_fields=["stored_bytes"])
    return delivery


def _as_row(load: UsageLoad, month: staging.StagedMonth) -> UsageDelivery:
    return UsageDelivery(
        load=load,
        source=load.source,
        scope=load.scope,
        billing_month=month.month,
        rows=month.facts.rows,
        rows_without_cost=month.facts.rows_without_cost,
        totals=staging.plain(month.facts.totals),
        days=list(month.facts.days),
        fingerprint=month.facts.fingerprint,
    )


def _judge_only(load: UsageLoad, staged: StagedLoad, *, at: datetime) -> None:
    """Say what would happen, without changing anything."""
    verdicts = [
        deliveries.judged(
            _as_row(load, month),
            is_each_row_even=month.facts.is_each_row_even,
            at=at,
        )
        for month in staged.months
    ]
    for verdict in verdicts:
        load.notices += [str(reason.words) for reason in verdict.reasons]
    load.state = LoadState.LOADED
    if all(verdict.is_no_op for verdict in verdicts):
        load.state = LoadState.NO_OP
    elif not any(not v.is_held and not v.is_no_op for v in verdicts):
        load.state = LoadState.HELD


def _conclude(load: UsageLoad, settled: Sequence[UsageDelivery]) -> None:
    statuses = {delivery.status for delivery in settled}
    load.rows_loaded = sum(
        delivery.rows
        for delivery in settled
        if delivery.status == DeliveryStatus.CURRENT
    )
    load.state = LoadState.NO_OP
    if DeliveryStatus.CURRENT in statuses:
        load.state = LoadState.LOADED
    elif DeliveryStatus.HELD in statuses:
        load.state = LoadState.HELD
    for delivery in settled:
        for reason in delivery.reasons:
            load.notices.append(f"{delivery.billing_month:%Y-%m}: {reason['words']}")


def _refuse(load: UsageLoad, error: dict[str, object], *, at: datetime) -> None:
    forget_staged(load)
    load.state = LoadState.REFUSED
    load.error = error
    journal.record(
        kind="usage.load-refused",
        subject=load,
        by=load.requested_by,
        at=at,
        new={"source": load.source.name, "error": error},
    )
