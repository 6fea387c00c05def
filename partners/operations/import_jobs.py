"""Imports of partners and contacts at once or by a worker; see `crm.imports.jobs`."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from crm.accounts.models import User
from crm.imports import jobs, working
from crm.imports.jobs import Jobs, Progress
from partners import sheets
from partners.mapping import Target
from partners.models import ImportBatch, ImportJob
from partners.operations import imports
from partners.operations.imports import ImportRefusedError

MOST_AT_ONCE = jobs.MOST_AT_ONCE


class _Steps:
    """What a worker does with a sheet of partners or contacts."""

    def fill(
        self,
        batch: ImportBatch,
        content: bytes,
        *,
        by: User,
        at: datetime,
        progress: Progress,
    ) -> ImportBatch:
        return imports.fill_preview(
            batch=batch, content=content, by=by, at=at, progress=progress
        )

    def refresh(
        self, batch: ImportBatch, *, by: User, at: datetime, progress: Progress
    ) -> ImportBatch:
        return imports.refresh_preview(batch=batch, by=by, progress=progress)

    def name_columns(
        self, batch: ImportBatch, fields: Mapping[int, str]
    ) -> ImportBatch:
        return imports.name_columns(batch=batch, fields=fields)

    def commit(
        self, batch: ImportBatch, *, by: User, at: datetime, progress: Progress
    ) -> ImportBatch:
        return imports.commit_import(batch=batch, by=by, at=at, progress=progress)

    def undo(self, batch: ImportBatch, *, by: User, at: datetime) -> ImportBatch:
        return imports.undo_import(batch=batch, by=by, at=at)


JOBS = Jobs(
    batches=ImportBatch,
    jobs=ImportJob,
    steps=_Steps(),
    task="partners.run_import",
    refused=ImportRefusedError,
)
commit = JOBS.commit
look_again = JOBS.look_again
map_columns = JOBS.map_columns
undo = JOBS.undo


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
    return JOBS.begin(batch, content, rows=len(sheet.rows), by=by, at=at)


def run_job(*, batch_id: int, owner: str, at: datetime) -> bool:
    """Take the step that waits for this import; False when none does any more.

    :param owner: name of this worker, unique among those running now.
    """
    return working.run(JOBS, batch_id=batch_id, owner=owner, at=at)


def give_back_jobs(*, at: datetime, grace: timedelta) -> list[int]:
    """Take steps back from dead workers; return the imports that wait for one.

    :param grace: how long a hint may be on its way before it counts as lost.
    """
    return working.give_back(JOBS, at=at, grace=grace)
