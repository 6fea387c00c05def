"""What a worker does with the step of an import: claim it, hold it, take it, end it.

It holds the step by a lease that a thread of its own renews. The step and its end are
one transaction: killed, it leaves nothing, and the tick lets another worker begin.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.imports.jobs import Jobs, Progress
from crm.imports.models import Job

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BEAT_SECONDS = 1.0
ATTEMPTS = 3


class _LostError(Exception):
    """Another worker has taken the step over."""


def run(kit: Jobs[Any], *, batch_id: int, owner: str, at: datetime) -> bool:
    """Take the step that waits for this import; False when none does any more.

    What the step refuses is kept with it and not raised.

    :param owner: name of this worker, unique among those running now.
    """
    job = _claim(kit, batch_id, owner)
    if job is None:
        return False
    progress = Progress()
    try:
        with (
            beating(_mine(kit, job, owner), progress),
            translation.override(job.asked_by.language),
        ):
            _take(kit, job, owner, progress, at=at)
    except _LostError:
        return False
    except DomainError as refusal:
        return _refuse(kit, job, owner, _as_json(refusal), at=at)
    except Exception:
        log.exception("import %s failed and waits for a further attempt", batch_id)
        _mine(kit, job, owner).update(lease_until=Now())
        raise
    return True


def give_back(kit: Jobs[Any], *, at: datetime, grace: timedelta) -> list[int]:
    """Take steps back from dead workers; return the imports that wait for one.

    :param grace: how long a hint may be on its way before it counts as lost.
    """
    dead = kit.rows.filter(state=Job.State.RUNNING, lease_until__lte=Now()).order_by(
        "pk"
    )
    for job in dead:
        _give_back(kit, job, at=at)
    waiting = kit.rows.filter(state=Job.State.WAITING, asked_at__lte=at - grace)
    return list(waiting.order_by("asked_at").values_list("pk", flat=True))


def _give_back(kit: Jobs[Any], job: Any, *, at: datetime) -> None:
    dead = kit.rows.filter(pk=job.pk, state=Job.State.RUNNING, lease_until__lte=Now())
    free = {"owner": "", "lease_until": None, "phase": "", "percent": 0}
    if job.attempts < ATTEMPTS:
        dead.update(state=Job.State.WAITING, **free)
        return
    with translation.override(job.asked_by.language):
        text = _("The worker died %(count)d times at it; nothing was changed.")
    error = {"code": "import.given-up", "text": text % {"count": job.attempts}}
    dead.update(
        state=Job.State.REFUSED,
        finished_at=at,
        error=error | {"missing": []},
        **free,
    )


def _claim(kit: Jobs[Any], batch_id: int, owner: str) -> Any:
    taken = kit.rows.filter(pk=batch_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING,
        owner=owner,
        lease_until=Now() + LEASE,
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    return kit.rows.select_related("batch", "asked_by").get(pk=batch_id)


@transaction.atomic
def _take(
    kit: Jobs[Any], job: Any, owner: str, progress: Progress, *, at: datetime
) -> None:
    """Do the step and note its end, both or neither."""
    by = job.asked_by
    if not by.is_active:
        raise kit.refused(_("Whoever asked for it is not active any more."))
    by.acting_token_id = job.token_id
    if job.step == Job.Step.COMMIT:
        kit.steps.commit(job.batch, by=by, at=at, progress=progress)
    elif job.step == Job.Step.UNDO:
        kit.steps.undo(job.batch, by=by, at=at)
    elif job.sheet is not None:
        content = bytes(job.sheet)
        kit.steps.fill(job.batch, content, by=by, at=at, progress=progress)
    else:
        kit.steps.refresh(job.batch, by=by, at=at, progress=progress)
    is_mine = _mine(kit, job, owner).update(
        state=Job.State.DONE,
        finished_at=at,
        owner="",
        lease_until=None,
        percent=100,
        phase="",
        sheet=None,
    )
    if not is_mine:
        raise _LostError


def _mine(kit: Jobs[Any], job: Any, owner: str) -> Any:
    return kit.rows.filter(pk=job.pk, state=Job.State.RUNNING, owner=owner)


def _refuse(
    kit: Jobs[Any], job: Any, owner: str, error: dict[str, Any], *, at: datetime
) -> bool:
    return bool(
        _mine(kit, job, owner).update(
            state=Job.State.REFUSED,
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
def beating(mine: Any, progress: Progress) -> Iterator[None]:
    """Renew the lease and publish the progress on a connection of their own."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(BEAT_SECONDS):
                mine.update(
                    lease_until=Now() + LEASE,
                    phase=progress.phase,
                    percent=progress.percent,
                )
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="import", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
