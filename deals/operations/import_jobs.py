"""Imports of deals at once or by a worker; see `crm.imports.jobs`."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from crm.accounts.models import User
from crm.imports.jobs import Jobs, Progress
from deals.models import DealImport, DealImportJob
from deals.operations import imports
from deals.operations.imports import DealImportRefusedError
from partners import sheets


class _Steps:
    """What a worker does with an export of opportunities."""

    def fill(
        self,
        batch: DealImport,
        content: bytes,
        *,
        by: User,
        at: datetime,
        progress: Progress,
    ) -> DealImport:
        return imports.fill_preview(
            batch=batch, content=content, by=by, at=at, progress=progress
        )

    def refresh(
        self, batch: DealImport, *, by: User, at: datetime, progress: Progress
    ) -> DealImport:
        return imports.refresh_preview(batch=batch, by=by, at=at, progress=progress)

    def name_columns(self, batch: DealImport, fields: Mapping[int, str]) -> DealImport:
        return imports.name_columns(batch=batch, fields=fields)

    def commit(
        self, batch: DealImport, *, by: User, at: datetime, progress: Progress
    ) -> DealImport:
        return imports.commit_import(batch=batch, by=by, at=at, progress=progress)

    def undo(self, batch: DealImport, *, by: User, at: datetime) -> DealImport:
        return imports.undo_import(batch=batch, by=by, at=at)


JOBS = Jobs(
    batches=DealImport,
    jobs=DealImportJob,
    steps=_Steps(),
    task="deals.run_import",
    refused=DealImportRefusedError,
)


@transaction.atomic
def start_import(
    *, file_name: str, content: bytes, by: User, at: datetime, system: str = ""
) -> DealImport:
    """Take an export: preview it now when it is short, or let a worker do it.

    :raises SheetRefusedError: when the file is no readable table.
    :raises DealImportInputError: when no column is mapped, or nothing tells whose it is.
    """
    sheet = sheets.read(name=file_name, content=content)
    columns = imports.columns_of(sheet, system=system, fields=None)
    batch = imports.receive(sheet, columns=columns, content=content, by=by, at=at)
    return JOBS.begin(batch, content, rows=len(sheet.rows), by=by, at=at)
