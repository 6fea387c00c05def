"""Imports at once or by a worker: short sheets are answered while one waits, long ones not.

A worker holds the step by a lease that a thread of its own renews. The step and its end
are one transaction: killed, it leaves nothing, and the tick lets another worker begin.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import queue
from crm.core.errors import DomainError
from partners import sheets
from partners.mapping import Target
from partners.models import ImportBatch, ImportJob
from partners.operations import imports
from partners.operations.imports import ImportRefusedError, Progress

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500
"""Rows that are worked on while whoever asked waits."""
LEASE = timedelta(seconds=60)
BEAT_SECONDS = 1.0
ATTEMPTS = 3
OPEN = (ImportJob.State.WAITING, ImportJob.State.RUNNING)
FITTING = {
    ImportJob.Step.PREVIEW: (
        ImportBatch.Status.RECEIVED,
        ImportBatch.Status.PREVIEWED,
    ),
    ImportJob.Step.COMMIT: (ImportBatch.Status.PREVIEWED,),
    ImportJob.Step.UNDO: (ImportBatch.Status.COMMITTED,),
}


class _LostError(Exception):
    """Another worker has taken the step over."""


@transaction.atomic
def start_import(
    *,
    file_name: str,
    content: bytes,
    by: User,
    at: datetime,
    target: Target | None = None,
    system: str = "",
) -> ImportBatch:
    """Take a sheet: preview it now when it is short, or let a worker do it.

    :raises SheetRefusedError: when the file is no readable table.
    :raises ImportRefusedError: when no column is mapped.
    """
    sheet = sheets.read(name=file_name, content=content)
    columns = imports.columns_of(sheet, target=target, fields=None)
    batch = imports.receive(
        sheet, columns=columns, content=content, system=system, by=by, at=at
    )
    if len(sheet.rows) <= MOST_AT_ONCE:
        return imports.fill_preview(batch=batch, content=content, by=by, at=at)
    _ask(batch, ImportJob.Step.PREVIEW, by=by, at=at, sheet=content)
    return batch


@transaction.atomic
def commit(*, batch: ImportBatch, by: User, at: datetime) -> ImportBatch:
    """Do what the preview shows, now or by a worker.

    :raises ImportRefusedError: when it is no preview, or a worker is at it.
    """
    if is_short(batch):
        return imports.commit_import(batch=batch, by=by, at=at)
    return _ask(batch, ImportJob.Step.COMMIT, by=by, at=at)


@transaction.atomic
def look_again(*, batch: ImportBatch, by: User, at: datetime) -> ImportBatch:
    """Work out anew what the rows would do, now or by a worker.

    :raises ImportRefusedError: when it is committed, or a worker is at it.
    """
    if is_short(batch):
        return imports.refresh_preview(batch=batch, by=by)
    return _ask(batch, ImportJob.Step.PREVIEW, by=by, at=at)


@transaction.atomic
def map_columns(
    *, batch: ImportBatch, fields: Mapping[int, str], by: User, at: datetime
) -> ImportBatch:
    """Say which column becomes which field; look anew, now or by a worker.

    :raises ImportRefusedError: for a strange column, or when a worker is at it.
    """
    if is_short(batch):
        return imports.map_columns(batch=batch, fields=fields, by=by)
    asked = _ask(batch, ImportJob.Step.PREVIEW, by=by, at=at)
    return imports.name_columns(batch=asked, fields=fields)


@transaction.atomic
def undo(*, batch: ImportBatch, by: User, at: datetime) -> ImportBatch:
    """Take a committed import back, now or by a worker.

    :raises ImportRefusedError: when it cannot be undone, or a worker is at it.
    """
    if is_short(batch):
        return imports.undo_import(batch=batch, by=by, at=at)
    return _ask(batch, ImportJob.Step.UNDO, by=by, at=at)


def is_short(batch: ImportBatch) -> bool:
    """Tell whether the rows are few enough to wait for."""
    is_read = batch.status != ImportBatch.Status.RECEIVED
    return is_read and sum(batch.counts.values()) <= MOST_AT_ONCE


def _ask(
    batch: ImportBatch,
    step: ImportJob.Step,
    *,
    by: User,
    at: datetime,
    sheet: bytes | None = None,
) -> ImportBatch:
    """Let a worker take a step; the job's row is the promise, the message only a hint."""
    job = ImportJob.objects.select_for_update().filter(batch=batch).first()
    if job is not None and job.is_open:
        raise ImportRefusedError(
            _("A worker is at this import already."), code="import.busy"
        )
    fresh = ImportBatch.objects.get(pk=batch.pk)
    if fresh.status not in FITTING[step]:
        raise ImportRefusedError(
            _("This import is %(status)s.") % {"status": fresh.get_status_display()}
        )
    values: dict[str, Any] = {
        "step": step,
        "state": ImportJob.State.WAITING,
        "phase": "",
        "percent": 0,
        "error": None,
        "asked_by": by,
        "asked_at": at,
        "token_id": by.acting_token_id,
        "attempts": 0,
        "finished_at": None,
    }
    if sheet is not None:
        values["sheet"] = sheet
    ImportJob.objects.update_or_create(batch=batch, defaults=values)
    queue.enqueue("partners.run_import", batch_id=batch.pk)
    return fresh


def run_job(*, batch_id: int, owner: str, at: datetime) -> bool:
    """Take the step that waits for this import; False when none does any more.

    What the step refuses is kept with it and not raised.

    :param owner: name of this worker, unique among those running now.
    """
    job = _claim(batch_id, owner)
    if job is None:
        return False
    progress = Progress()
    try:
        with (
            _beating(job, owner, progress),
            translation.override(job.asked_by.language),
        ):
            _take(job, owner, progress, at=at)
    except _LostError:
        return False
    except DomainError as refusal:
        return _refuse(job, owner, _as_json(refusal), at=at)
    except Exception:
        log.exception("import %s failed and waits for a further attempt", batch_id)
        _mine(job, owner).update(lease_until=Now())
        raise
    return True


def give_back_jobs(*, at: datetime, grace: timedelta) -> list[int]:
    """Take steps back from dead workers; return the imports that wait for one.

    :param grace: how long a hint may be on its way before it counts as lost.
    """
    dead = ImportJob.objects.filter(
        state=ImportJob.State.RUNNING, lease_until__lte=Now()
    ).order_by("pk")
    for job in dead:
        _give_back(job, at=at)
    waiting = ImportJob.objects.filter(
        state=ImportJob.State.WAITING, asked_at__lte=at - grace
    )
    return list(waiting.order_by("asked_at").values_list("pk", flat=True))


def _give_back(job: ImportJob, *, at: datetime) -> None:
    dead = ImportJob.objects.filter(
        pk=job.pk, state=ImportJob.State.RUNNING, lease_until__lte=Now()
    )
    free = {"owner": "", "lease_until": None, "phase": "", "percent": 0}
    if job.attempts < ATTEMPTS:
        dead.update(state=ImportJob.State.WAITING, **free)
        return
    with translation.override(job.asked_by.language):
        text = _("The worker died %(count)d times at it; nothing was changed.")
    error = {"code": "import.given-up", "text": text % {"count": job.attempts}}
    dead.update(
        state=ImportJob.State.REFUSED,
        finished_at=at,
        error=error | {"missing": []},
        **free,
    )


def _claim(batch_id: int, owner: str) -> ImportJob | None:
    taken = ImportJob.objects.filter(pk=batch_id, state=ImportJob.State.WAITING).update(
        state=ImportJob.State.RUNNING,
        owner=owner,
        lease_until=Now() + LEASE,
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    return ImportJob.objects.select_related("batch", "asked_by").get(pk=batch_id)


@transaction.atomic
def _take(job: ImportJob, owner: str, progress: Progress, *, at: datetime) -> None:
    """Do the step and note its end, both or neither."""
    by = job.asked_by
    if not by.is_active:
        raise ImportRefusedError(_("Whoever asked for it is not active any more."))
    by.acting_token_id = job.token_id
    if job.step == ImportJob.Step.COMMIT:
        imports.commit_import(batch=job.batch, by=by, at=at, progress=progress)
    elif job.step == ImportJob.Step.UNDO:
        imports.undo_import(batch=job.batch, by=by, at=at)
    elif job.sheet is not None:
        content = bytes(job.sheet)
        imports.fill_preview(
            batch=job.batch, content=content, by=by, at=at, progress=progress
        )
    else:
        imports.refresh_preview(batch=job.batch, by=by, progress=progress)
    is_mine = _mine(job, owner).update(
        state=ImportJob.State.DONE,
        finished_at=at,
        owner="",
        lease_until=None,
        percent=100,
        phase="",
        sheet=None,
    )
    if not is_mine:
        raise _LostError


def _mine(job: ImportJob, owner: str) -> Any:
    return ImportJob.objects.filter(
        pk=job.pk, state=ImportJob.State.RUNNING, owner=owner
    )


def _refuse(job: ImportJob, owner: str, error: dict[str, Any], *, at: datetime) -> bool:
    return bool(
        _mine(job, owner).update(
            state=ImportJob.State.REFUSED,
            error=error,
            finished_at=at,
            owner="",
            lease_until=None,
        )
    )


def _as_json(refusal: DomainError) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "text": str(refusal),
        "missing": [str(each) for each in refusal.missing],
    }


@contextmanager
def _beating(job: ImportJob, owner: str, progress: Progress) -> Iterator[None]:
    """Renew the lease and publish the progress on a connection of their own."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(BEAT_SECONDS):
                _mine(job, owner).update(
                    lease_until=Now() + LEASE,
                    phase=progress.phase,
                    percent=progress.percent,
                )
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name=f"import-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
