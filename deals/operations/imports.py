"""Bring deals in from exports of other systems: preview, commit in one transaction, undo.

A preview judges each row by the rules of the operations on one deal, and so does the
commit before it writes. Rows are refused one by one, with line and column.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import bulk
from crm.core.errors import IN_THE_WAY, DomainError
from crm.imports.jobs import Progress
from crm.journal import operations as journal
from deals import sheet_cells, sheet_columns
from deals.models import DealImport, DealImportJob, DealImportRow
from deals.operations import import_rows, import_undoing
from deals.operations.import_rows import Done, Plan
from deals.queries import imports as queries
from deals.sheet_columns import FIELDS, Columns
from partners import sheets

MAX_ROWS = 50_000


class DealImportRefusedError(DomainError):
    """The import cannot be done, or not be undone; the text says why."""

    code = "deal-import.refused"
    missing_as = IN_THE_WAY


class DealImportInputError(DealImportRefusedError):
    """The sheet or its columns cannot be taken."""

    code = "deal-import.bad-sheet"
    is_input = True


Phase = DealImportJob.Phase


@transaction.atomic
def preview_import(
    *,
    file_name: str,
    content: bytes,
    by: User,
    at: datetime,
    system: str = "",
    fields: Mapping[int, str] | None = None,
) -> DealImport:
    """Read an export and store what each of its rows would do; no deal changes.

    :param system: whose ids and stage names the sheet holds; guessed from the headings.
    :param fields: the field of each column by position; guessed when None.
    :raises SheetRefusedError: when the file is no readable table.
    :raises DealImportInputError: when no column is mapped, when nothing tells whose
        export it is, or when it has too many rows.
    """
    sheet = sheets.read(name=file_name, content=content)
    columns = columns_of(sheet, system=system, fields=fields)
    batch = receive(sheet, columns=columns, content=content, by=by, at=at)
    return fill_preview(batch=batch, content=content, by=by, at=at)


def receive(
    sheet: sheets.Sheet, *, columns: Columns, content: bytes, by: User, at: datetime
) -> DealImport:
    """Note that an export has come; `fill_preview` looks what its rows would do."""
    return DealImport.objects.create(
        status=DealImport.Status.RECEIVED,
        system=columns.system,
        file_name=sheet.name[:250],
        digest=hashlib.sha256(content).hexdigest(),
        headings=list(sheet.headings),
        columns={str(at): name for at, name in columns.fields.items()},
        created_by=by,
        created_at=at,
    )


@transaction.atomic
def fill_preview(
    *,
    batch: DealImport,
    content: bytes,
    by: User,
    at: datetime,
    progress: Progress | None = None,
) -> DealImport:
    """Store what each row of a received export would do.

    :raises DealImportRefusedError: when the rows are stored already.
    """
    progress = progress or Progress()
    locked = _lock(batch, status=DealImport.Status.RECEIVED)
    progress.reach(Phase.READING, 5)
    sheet = sheets.read(name=locked.file_name, content=content)
    _look(locked, sheet, by=by, at=at, progress=progress)
    locked.status = DealImport.Status.PREVIEWED
    locked.save(update_fields=["status"])
    journal.record(
        kind="deal-import.previewed",
        subject=locked,
        by=by,
        at=at,
        new={"file": locked.file_name, "counts": locked.counts},
    )
    return locked


@transaction.atomic
def map_columns(
    *, batch: DealImport, fields: Mapping[int, str], by: User, at: datetime
) -> DealImport:
    """Say which column of a preview becomes which field, and look anew.

    :raises DealImportRefusedError: when it is no preview any more.
    :raises DealImportInputError: for a column or a field that there is not.
    """
    named = name_columns(batch=batch, fields=fields)
    return refresh_preview(batch=named, by=by, at=at)


@transaction.atomic
def name_columns(*, batch: DealImport, fields: Mapping[int, str]) -> DealImport:
    """Say which column of a preview becomes which field; what its rows do is stale then.

    :raises DealImportRefusedError: like `map_columns`.
    """
    locked = _lock(batch, status=DealImport.Status.PREVIEWED)
    chosen = _checked(fields, len(locked.headings))
    locked.columns = {str(position): name for position, name in chosen.items()}
    locked.save(update_fields=["columns"])
    return locked


@transaction.atomic
def refresh_preview(
    *, batch: DealImport, by: User, at: datetime, progress: Progress | None = None
) -> DealImport:
    """Work out anew what the rows of a preview would do."""
    locked = _lock(batch, status=DealImport.Status.PREVIEWED)
    sheet = _sheet(locked, list(locked.rows.order_by("line")))
    _look(locked, sheet, by=by, at=at, progress=progress or Progress())
    return locked


@transaction.atomic
def commit_import(
    *, batch: DealImport, by: User, at: datetime, progress: Progress | None = None
) -> DealImport:
    """Do what the preview showed, in one transaction; refused rows are left out.

    :raises DealImportRefusedError: when it is not a preview any more, or when the rows
        would do something else now; `refresh_preview` shows what.
    """
    progress = progress or Progress()
    locked = _lock(batch, status=DealImport.Status.PREVIEWED)
    progress.reach(Phase.COMPARING, 5)
    rows = list(locked.rows.order_by("line"))
    plan = _plan(locked, _sheet(locked, rows), by=by, at=at, for_update=True)
    if [each.outcome for each in plan.done] != [row.outcome for row in rows]:
        raise DealImportRefusedError(
            _("The data changed since the preview. Look at the new preview first."),
            code="deal-import.outdated",
        )
    progress.reach(Phase.WRITING, 40)
    _write(plan)
    progress.reach(Phase.NOTING, 80)
    _remember(rows, plan.done)
    locked.status = DealImport.Status.COMMITTED
    locked.committed_at = at
    locked.save(update_fields=["status", "committed_at"])
    journal.record(
        kind="deal-import.committed", subject=locked, by=by, at=at, new=locked.counts
    )
    return locked


def _write(plan: Plan) -> None:
    try:
        with transaction.atomic():
            plan.haul.write()
            with connection.cursor() as cursor:  # what is deferred is judged here, too
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as error:
        raise DealImportRefusedError(
            _("The database refused the import; nothing was changed: %(error)s")
            % {"error": str(error).splitlines()[0]}
        ) from error


def _remember(rows: list[DealImportRow], done: list[Done]) -> None:
    for row, each in zip(rows, done, strict=True):
        row.deal = each.deal
        row.version_after = each.deal.version if each.deal else None
        row.changes = {"old": each.old, "new": each.new}
        row.problems = each.problems
    bulk.update(DealImportRow, rows, ["deal", "version_after", "changes", "problems"])


@transaction.atomic
def undo_import(*, batch: DealImport, by: User, at: datetime) -> DealImport:
    """Take a committed import back, as long as nothing depends on what it brought.

    Deals it had made go; those it had changed get their former values and stage.

    :raises DealImportRefusedError: naming what was changed or is referred to since.
    """
    locked = _lock(batch, status=DealImport.Status.COMMITTED)
    hindrances = import_undoing.hindrances(batch=locked)
    if hindrances:
        raise DealImportRefusedError(
            _("The import cannot be undone any more."),
            code="deal-import.depended-on",
            missing=tuple(hindrances[:20]),
        )
    locked.status = DealImport.Status.UNDONE
    locked.undone_at = at
    locked.save(update_fields=["status", "undone_at"])
    import_undoing.take_back(batch=locked, by=by, at=at)
    journal.record(
        kind="deal-import.undone", subject=locked, by=by, at=at, old=locked.counts
    )
    return locked


def columns_of(
    sheet: sheets.Sheet, *, system: str, fields: Mapping[int, str] | None
) -> Columns:
    """Return whose export it is and which column becomes which field, guessed or told.

    :raises DealImportInputError: when it cannot be told, or for too many rows.
    """
    if len(sheet.rows) > MAX_ROWS:
        raise DealImportInputError(
            _("%(name)s has more than %(limit)d rows; split it.")
            % {"name": sheet.name, "limit": MAX_ROWS}
        )
    guessed = sheet_columns.propose(sheet.headings)
    whose = system.strip().lower() or guessed.system
    if not whose:
        raise DealImportInputError(
            _("The headings do not tell whose export it is; name the system."),
            code="deal-import.whose",
        )
    chosen = guessed.fields if fields is None else _checked(fields, len(sheet.headings))
    if not chosen:
        raise DealImportInputError(
            _("No heading was understood: %(headings)s. Say which column is which.")
            % {"headings": ", ".join(sheet.headings)}
        )
    return Columns(system=whose, fields=chosen)


def _checked(fields: Mapping[int, str], headings: int) -> dict[int, str]:
    strange = sorted(set(fields.values()) - set(FIELDS))
    strange += [str(n) for n in fields if not 0 <= n < headings]
    if strange:
        raise DealImportInputError(
            _("No such column or field: %(names)s") % {"names": ", ".join(strange)}
        )
    if len(set(fields.values())) < len(fields):
        raise DealImportInputError(_("Two columns cannot be the same field."))
    return dict(fields)


def _lock(batch: DealImport, *, status: DealImport.Status) -> DealImport:
    locked: DealImport = DealImport.objects.select_for_update().get(pk=batch.pk)
    if locked.status != status:
        raise DealImportRefusedError(
            _("This import is %(status)s.") % {"status": locked.get_status_display()}
        )
    return locked


def _sheet(batch: DealImport, rows: list[DealImportRow]) -> sheets.Sheet:
    return sheets.Sheet(
        name=batch.file_name,
        headings=tuple(batch.headings),
        rows=tuple(sheets.Row(line=r.line, cells=tuple(r.cells)) for r in rows),
    )


def _plan(
    batch: DealImport,
    sheet: sheets.Sheet,
    *,
    by: User,
    at: datetime,
    for_update: bool = False,
) -> Plan:
    columns = Columns(
        system=batch.system,
        fields={int(position): name for position, name in batch.columns.items()},
    )
    read = sheet_cells.read_rows(
        sheet=sheet, columns=columns, meanings=queries.meanings_for(batch.system)
    )
    return import_rows.plan_rows(
        rows=read, system=batch.system, by=by, at=at, for_update=for_update
    )


def _look(
    batch: DealImport,
    sheet: sheets.Sheet,
    *,
    by: User,
    at: datetime,
    progress: Progress,
) -> None:
    """Keep what each row would do."""
    progress.reach(Phase.COMPARING, 20)
    done = _plan(batch, sheet, by=by, at=at).done
    progress.reach(Phase.WRITING, 70)
    batch.rows.all().delete()
    bulk.append(
        DealImportRow,
        (
            DealImportRow(
                batch=batch,
                line=row.line,
                cells=list(row.cells),
                outcome=each.outcome,
                problems=each.problems,
                changes={"old": each.old, "new": each.new},
                deal_id=each.deal.pk if each.deal and each.old else None,
            )
            for row, each in zip(sheet.rows, done, strict=True)
        ),
    )
    counts = Counter(str(each.outcome) for each in done)
    batch.counts = {str(o): counts[o] for o in DealImportRow.Outcome.values}
    batch.save(update_fields=["counts"])
