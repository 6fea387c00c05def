"""Bring partners in from a sheet: preview, commit in one transaction, undo."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import bulk
from crm.core.errors import IN_THE_WAY, DomainError
from crm.imports.jobs import Progress
from crm.journal import operations as journal
from partners import cells, mapping, sheets
from partners.import_plan import PlannedRow
from partners.mapping import ColumnMapping, Origin, Target
from partners.models import ImportBatch, ImportJob, ImportRow
from partners.operations import import_contacts, import_partners
from partners.queries import imports as queries

PLANS = {
    Target.PARTNERS: import_partners.plan,
    Target.CONTACTS: import_contacts.plan,
}
UNDOES = {
    Target.PARTNERS: import_partners.undo,
    Target.CONTACTS: import_contacts.undo,
}


class ImportRefusedError(DomainError):
    """The import cannot be done, or not be undone; the text says why."""

    code = "import.refused"
    missing_as = IN_THE_WAY


@transaction.atomic
def preview_import(
    *,
    file_name: str,
    content: bytes,
    by: User,
    at: datetime,
    target: Target | None = None,
    fields: Mapping[int, str] | None = None,
    system: str = "",
) -> ImportBatch:
    """Read a sheet and store what each of its rows would do; nothing else changes.

    :param target: what the rows become; guessed from the headings when None.
    :param fields: the field of each column by position; guessed when None.
    :param system: whose ids the sheet holds; guessed (salesforce, hubspot, file).
    :raises SheetRefusedError: when the file is no readable table.
    :raises ImportRefusedError: when no column is mapped.
    """
    sheet = sheets.read(name=file_name, content=content)
    batch = receive(
        sheet,
        columns=columns_of(sheet, target=target, fields=fields),
        content=content,
        system=system,
        by=by,
        at=at,
    )
    return fill_preview(batch=batch, content=content, by=by, at=at)


def receive(
    sheet: sheets.Sheet,
    *,
    columns: ColumnMapping,
    content: bytes,
    system: str,
    by: User,
    at: datetime,
) -> ImportBatch:
    """Note that a sheet has come; `fill_preview` looks what its rows would do."""
    return ImportBatch.objects.create(
        status=ImportBatch.Status.RECEIVED,
        target=columns.target,
        system=system or ("file" if columns.origin == Origin.OTHER else columns.origin),
        file_name=sheet.name[:250],
        digest=hashlib.sha256(content).hexdigest(),
        headings=list(sheet.headings),
        columns={str(position): name for position, name in columns.fields.items()},
        created_by=by,
        created_at=at,
    )


@transaction.atomic
def fill_preview(
    *,
    batch: ImportBatch,
    content: bytes,
    by: User,
    at: datetime,
    progress: Progress | None = None,
) -> ImportBatch:
    """Store what each row of a received sheet would do.

    :raises ImportRefusedError: when the rows are stored already.
    """
    progress = progress or Progress()
    locked = _lock(batch, status=ImportBatch.Status.RECEIVED)
    progress.reach(ImportJob.Phase.READING, 5)
    sheet = sheets.read(name=locked.file_name, content=content)
    progress.reach(ImportJob.Phase.COMPARING, 20)
    planned = _plan(locked, sheet, by=by)
    progress.reach(ImportJob.Phase.WRITING, 70)
    _store(locked, sheet, planned)
    locked.status = ImportBatch.Status.PREVIEWED
    locked.save(update_fields=["status"])
    journal.record(
        kind="import.previewed",
        subject=locked,
        by=by,
        at=at,
        new={"file": locked.file_name, "counts": locked.counts},
    )
    return locked


@transaction.atomic
def commit_import(
    *, batch: ImportBatch, by: User, at: datetime, progress: Progress | None = None
) -> ImportBatch:
    """Do what the preview showed, in one transaction; refused rows are left out.

    :raises ImportRefusedError: when it is not a preview any more, or when what the rows
        would do has changed since; `refresh_preview` shows the new state then.
    """
    progress = progress or Progress()
    locked = _lock(batch, status=ImportBatch.Status.PREVIEWED)
    progress.reach(ImportJob.Phase.COMPARING, 5)
    rows = list(locked.rows.order_by("line"))
    planned = _plan(locked, _sheet(locked, rows), by=by)
    if [each.outcome for each in planned] != [row.outcome for row in rows]:
        raise ImportRefusedError(
            _("The data changed since the preview. Look at the new preview first."),
            code="import.outdated",
        )
    progress.reach(ImportJob.Phase.WRITING, 30)
    try:
        with transaction.atomic():
            for phase, percent in _apply(locked, planned, rows, by=by, at=at):
                progress.reach(phase, percent)
    except DatabaseError as error:
        raise ImportRefusedError(
            _("The database refused the import; nothing was changed: %(error)s")
            % {"error": str(error).splitlines()[0]}
        ) from error
    locked.status = ImportBatch.Status.COMMITTED
    locked.committed_at = at
    locked.save(update_fields=["status", "committed_at"])
    journal.record(
        kind="import.committed", subject=locked, by=by, at=at, new=locked.counts
    )
    return locked


def _apply(
    batch: ImportBatch,
    planned: list[PlannedRow],
    rows: list[ImportRow],
    *,
    by: User,
    at: datetime,
) -> Iterator[tuple[ImportJob.Phase, int]]:
    if batch.target == Target.PARTNERS:
        return import_partners.apply(
            planned=planned, rows=rows, system=batch.system, by=by, at=at
        )
    return import_contacts.apply(planned=planned, rows=rows, by=by, at=at)


@transaction.atomic
def refresh_preview(
    *, batch: ImportBatch, by: User, progress: Progress | None = None
) -> ImportBatch:
    """Work out anew what the rows of a preview would do."""
    progress = progress or Progress()
    locked = _lock(batch, status=ImportBatch.Status.PREVIEWED)
    rows = list(locked.rows.order_by("line"))
    sheet = _sheet(locked, rows)
    progress.reach(ImportJob.Phase.COMPARING, 20)
    planned = _plan(locked, sheet, by=by)
    progress.reach(ImportJob.Phase.WRITING, 70)
    locked.rows.all().delete()
    _store(locked, sheet, planned)
    return locked


@transaction.atomic
def map_columns(
    *, batch: ImportBatch, fields: Mapping[int, str], by: User
) -> ImportBatch:
    """Say which column of a preview becomes which field, and look anew.

    :raises ImportRefusedError: when it is no preview, or names a column or field that
        there is not.
    """
    return refresh_preview(batch=name_columns(batch=batch, fields=fields), by=by)


@transaction.atomic
def name_columns(*, batch: ImportBatch, fields: Mapping[int, str]) -> ImportBatch:
    """Say which column of a preview becomes which field; what its rows do is stale then.

    :raises ImportRefusedError: like `map_columns`.
    """
    locked = _lock(batch, status=ImportBatch.Status.PREVIEWED)
    bare = sheets.Sheet(name=locked.file_name, headings=tuple(locked.headings), rows=())
    columns = columns_of(bare, target=Target(locked.target), fields=fields)
    locked.columns = {str(at): name for at, name in columns.fields.items()}
    locked.save(update_fields=["columns"])
    return locked


@transaction.atomic
def undo_import(*, batch: ImportBatch, by: User, at: datetime) -> ImportBatch:
    """Take a committed import back, as long as nothing depends on what it brought.

    :raises ImportRefusedError: naming what was changed or is referred to since.
    """
    locked = _lock(batch, status=ImportBatch.Status.COMMITTED)
    hindrances = UNDOES[Target(locked.target)](batch=locked, by=by, at=at)
    if hindrances:
        raise ImportRefusedError(
            _("The import cannot be undone any more."),
            code="import.depended-on",
            missing=tuple(hindrances[:20]),
        )
    locked.status = ImportBatch.Status.UNDONE
    locked.undone_at = at
    locked.save(update_fields=["status", "undone_at"])
    journal.record(
        kind="import.undone", subject=locked, by=by, at=at, old=locked.counts
    )
    return locked


def columns_of(
    sheet: sheets.Sheet, *, target: Target | None, fields: Mapping[int, str] | None
) -> ColumnMapping:
    """Return which column becomes which field, told or guessed; a guess may find none.

    :raises ImportRefusedError: when it is told and there is no such column or field, or
        two columns become the same one.
    """
    columns = mapping.propose(sheet.headings, target=target)
    if fields is not None:
        known = mapping.FIELDS[columns.target]
        strange = sorted(set(fields.values()) - set(known))
        if strange or any(not 0 <= n < len(sheet.headings) for n in fields):
            raise ImportRefusedError(
                _("No such column or field: %(names)s") % {"names": ", ".join(strange)}
            )
        twice = sorted(name for name, n in Counter(fields.values()).items() if n > 1)
        if twice:
            names = ", ".join(str(mapping.FIELD_NAMES[name]) for name in twice)
            raise ImportRefusedError(
                _("Only one column can become: %(names)s.") % {"names": names}
            )
        columns = ColumnMapping(
            target=columns.target, origin=columns.origin, fields=dict(fields)
        )
        if not fields:
            raise ImportRefusedError(_("No column becomes a field."))
    return columns


def _lock(batch: ImportBatch, *, status: ImportBatch.Status) -> ImportBatch:
    locked: ImportBatch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.status != status:
        raise ImportRefusedError(
            _("This import is %(status)s.") % {"status": locked.get_status_display()}
        )
    return locked


def _sheet(batch: ImportBatch, rows: list[ImportRow]) -> sheets.Sheet:
    return sheets.Sheet(
        name=batch.file_name,
        headings=tuple(batch.headings),
        rows=tuple(sheets.Row(line=r.line, cells=tuple(r.cells)) for r in rows),
    )


def _plan(batch: ImportBatch, sheet: sheets.Sheet, *, by: User) -> list[PlannedRow]:
    columns = ColumnMapping(
        target=Target(batch.target),
        origin=Origin.OTHER,
        fields={int(position): name for position, name in batch.columns.items()},
    )
    read = cells.read_rows(sheet=sheet, columns=columns, lookups=queries.lookups())
    return PLANS[columns.target](rows=read, system=batch.system, by=by)


def _store(batch: ImportBatch, sheet: sheets.Sheet, planned: list[PlannedRow]) -> None:
    bulk.append(
        ImportRow,
        (
            ImportRow(
                batch=batch,
                line=row.line,
                cells=list(row.cells),
                outcome=each.outcome,
                problems=_problems(each),
                changes=each.changes | {f"+{k}": v for k, v in each.additions.items()},
                partner_id=each.partner_id,
            )
            for row, each in zip(sheet.rows, planned, strict=True)
        ),
    )
    counts: Counter[str] = Counter(each.outcome for each in planned)
    batch.counts = {str(o): counts[o] for o in ImportRow.Outcome.values}
    batch.save(update_fields=["counts"])


def _problems(each: PlannedRow) -> list[dict[str, Any]]:
    found = [problem.as_json() for problem in each.row.problems]
    found += [
        {"column": None, "heading": "", "text": text, "is_fault": True}
        for text in each.faults
    ]
    return found
