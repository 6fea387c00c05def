"""Imports at once or by a worker: short sheets are answered while one waits, long ones not.

What a worker does with a step stands in `working`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import queue
from crm.core.errors import DomainError
from crm.imports.models import Batch, Job

MOST_AT_ONCE = 500
"""Rows that are worked on while whoever asked waits."""
OPEN = (Job.State.WAITING, Job.State.RUNNING)
FITTING = {
    Job.Step.PREVIEW: (Batch.Status.RECEIVED, Batch.Status.PREVIEWED),
    Job.Step.COMMIT: (Batch.Status.PREVIEWED,),
    Job.Step.UNDO: (Batch.Status.COMMITTED,),
}


@dataclass
class Progress:
    """How far an import is; who waits for it reads it while the work goes on."""

    phase: str = ""
    percent: int = 0

    def reach(self, phase: Job.Phase, percent: int) -> None:
        """Note what begins now, and how much is done."""
        self.phase, self.percent = phase, percent


B = TypeVar("B", bound=Batch)


class Steps(Protocol[B]):
    """What the steps of one kind of imports do, each in one transaction."""

    def fill(
        self, batch: B, content: bytes, *, by: User, at: datetime, progress: Progress
    ) -> B:
        """Store what each row of a received sheet would do."""

    def refresh(self, batch: B, *, by: User, at: datetime, progress: Progress) -> B:
        """Work out anew what the rows of a preview would do."""

    def name_columns(self, batch: B, fields: Mapping[int, str]) -> B:
        """Say which column becomes which field; what its rows do is stale then."""

    def commit(self, batch: B, *, by: User, at: datetime, progress: Progress) -> B:
        """Do what the preview showed."""

    def undo(self, batch: B, *, by: User, at: datetime) -> B:
        """Take it back."""


@dataclass(frozen=True, kw_only=True)
class Jobs(Generic[B]):
    """One kind of imports, whose steps are taken at once or by a worker.

    :ivar task: the name of the task that calls `working.run`.
    :ivar refused: how its refusals are called.
    """

    batches: type[B]
    jobs: type[Job]
    steps: Steps[B]
    task: str
    refused: type[DomainError]

    @transaction.atomic
    def begin(
        self, batch: B, content: bytes, *, rows: int, by: User, at: datetime
    ) -> B:
        """Preview a received sheet now when it is short, or let a worker do it."""
        if rows <= MOST_AT_ONCE:
            return self.steps.fill(batch, content, by=by, at=at, progress=Progress())
        self._ask(batch, Job.Step.PREVIEW, by=by, at=at, sheet=content)
        return batch

    @transaction.atomic
    def commit(self, *, batch: B, by: User, at: datetime) -> B:
        """Do what the preview shows, now or by a worker.

        :raises DomainError: when it is no preview, or a worker is at it.
        """
        if is_short(batch):
            return self.steps.commit(batch, by=by, at=at, progress=Progress())
        return self._ask(batch, Job.Step.COMMIT, by=by, at=at)

    @transaction.atomic
    def look_again(self, *, batch: B, by: User, at: datetime) -> B:
        """Work out anew what the rows would do, now or by a worker.

        :raises DomainError: when it is committed, or a worker is at it.
        """
        if is_short(batch):
            return self.steps.refresh(batch, by=by, at=at, progress=Progress())
        return self._ask(batch, Job.Step.PREVIEW, by=by, at=at)

    @transaction.atomic
    def map_columns(
        self, *, batch: B, fields: Mapping[int, str], by: User, at: datetime
    ) -> B:
        """Say which column becomes which field; look anew, now or by a worker.

        :raises DomainError: for a strange column, or when a worker is at it.
        """
        if is_short(batch):
            named = self.steps.name_columns(batch, fields)
            return self.steps.refresh(named, by=by, at=at, progress=Progress())
        asked = self._ask(batch, Job.Step.PREVIEW, by=by, at=at)
        return self.steps.name_columns(asked, fields)

    @transaction.atomic
    def undo(self, *, batch: B, by: User, at: datetime) -> B:
        """Take a committed import back, now or by a worker.

        :raises DomainError: when it cannot be undone, or a worker is at it.
        """
        if is_short(batch):
            return self.steps.undo(batch, by=by, at=at)
        return self._ask(batch, Job.Step.UNDO, by=by, at=at)

    def job_of(self, batch: B) -> Job | None:
        """Return the step that a worker takes or took last, without its sheet."""
        found: Job | None = self.rows.defer("sheet").filter(pk=batch.pk).first()
        return found

    def is_waiting(self, batch: B) -> bool:
        """Tell whether a worker has a step of it or will take one."""
        return bool(self.rows.filter(pk=batch.pk, state__in=OPEN).exists())

    @property
    def rows(self) -> Any:
        """All steps of this kind of imports."""
        return self.jobs._default_manager.all()

    def _ask(
        self,
        batch: B,
        step: Job.Step,
        *,
        by: User,
        at: datetime,
        sheet: bytes | None = None,
    ) -> B:
        """Let a worker take a step; the job's row is the promise, the message only a hint."""
        job = self.rows.select_for_update().filter(pk=batch.pk).first()
        if job is not None and job.is_open:
            raise self.refused(
                _("A worker is at this import already."), code="import.busy"
            )
        fresh: B = self.batches._default_manager.get(pk=batch.pk)
        if fresh.status not in FITTING[step]:
            raise self.refused(
                _("This import is %(status)s.") % {"status": fresh.get_status_display()}
            )
        values: dict[str, Any] = {
            "step": step,
            "state": Job.State.WAITING,
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
        self.rows.update_or_create(batch=batch, defaults=values)
        queue.enqueue(self.task, batch_id=batch.pk)
        return fresh


def is_short(batch: Any) -> bool:
    """Tell whether the rows are few enough to wait for."""
    is_read = batch.status != Batch.Status.RECEIVED
    return bool(is_read and sum(batch.counts.values()) <= MOST_AT_ONCE)
