"""Reading rows out of CSV and XLSX files that people upload; no database.

Everything is text: a cell of XLSX comes out as a person reads it. Lines count from 1 as
in the file, the heading included. Limits guard against files made to exhaust memory.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from crm.core.errors import DomainError

MAX_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 400_000_000
MAX_ENTRIES = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
DELIMITERS = ",;\t|"

DANGEROUS = ("=", "+", "-", "@", "|", "%", "\t", "\r")

Cell = int | float | str | bool | time | date | datetime | timedelta


class SheetRefusedError(DomainError):
    """The file cannot be read as a table; the text names file, line and column."""

    code = "sheet.refused"
    is_input = True


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: its line in the file and its cells, as many as there are headings."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table with its headings; empty rows are left out."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read(*, name: str, content: bytes) -> Sheet:
    """Read the first table of a file.

    :param name: the file's name, for messages; its ending is not trusted.
    :raises SheetRefusedError: when it is no table, too large, or malformed.
    """
    if len(content) > MAX_BYTES:
        raise SheetRefusedError(
            _("%(name)s is larger than %(limit)d MB.")
            % {"name": name, "limit": MAX_BYTES // 1_000_000}
        )
    if not content.strip():
        raise SheetRefusedError(_("%(name)s is empty.") % {"name": name})
    lines = _xlsx(name, content) if content[:2] == b"PK" else _csv(name, content)
    return _table(name, lines)


def _table(name: str, lines: Iterator[tuple[int, Sequence[str]]]) -> Sheet:
    first = next(lines, None)
    if first is None:
        raise SheetRefusedError(_("%(name)s has no rows.") % {"name": name})
    headings = _headings(name, first)
    rows = []
    for line, cells in lines:
        _check_cells(name, line, cells, headings)
        if any(cell.strip() for cell in cells):
            padded = [cell.strip() for cell in cells[: len(headings)]]
            padded += [""] * (len(headings) - len(padded))
            rows.append(Row(line=line, cells=tuple(padded)))
        if len(rows) > MAX_ROWS:
            raise SheetRefusedError(
                _("%(name)s has more than %(limit)d rows; split it.")
                % {"name": name, "limit": MAX_ROWS}
            )
    return Sheet(name=name, headings=headings, rows=tuple(rows))


def _headings(name: str, first: tuple[int, Sequence[str]]) -> tuple[str, ...]:
    line, cells = first
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if not headings or len(headings) > MAX_COLUMNS:
        raise SheetRefusedError(
            _("%(name)s, line %(line)d: expected 1 to %(limit)d headings.")
            % {"name": name, "line": line, "limit": MAX_COLUMNS}
        )
    seen: dict[str, int] = {}
    for number, heading in enumerate(headings, start=1):
        if heading and heading.casefold() in seen:
            raise SheetRefusedError(
                _(
                    "%(name)s, line %(line)d: columns %(a)d and %(b)d are both “%(text)s”."
                )
                % {
                    "name": name,
                    "line": line,
                    "a": seen[heading.casefold()],
                    "b": number,
                    "text": heading,
                }
            )
        seen[heading.casefold()] = number
    return tuple(headings)


def _check_cells(
    name: str, line: int, cells: Sequence[str], headings: tuple[str, ...]
) -> None:
    if any(cell.strip() for cell in cells[len(headings) :]):
        raise SheetRefusedError(
            _("%(name)s, line %(line)d: has more cells than there are headings.")
            % {"name": name, "line": line}
        )
    for number, cell in enumerate(cells, start=1):
        if len(cell) > MAX_CELL or "\0" in cell:
            raise SheetRefusedError(
                _("%(name)s, line %(line)d, column %(column)d: not a usable text.")
                % {"name": name, "line": line, "column": number}
            )


def _csv(name: str, content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    text = _decode(name, content)
    head = text[:10_000].splitlines()[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise SheetRefusedError(
                _("%(name)s, line %(line)d: %(error)s.")
                % {"name": name, "line": reader.line_num, "error": error}
            ) from error
        if cells is None:
            return
        yield line, cells
        line = reader.line_num + 1


def _decode(name: str, content: bytes) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefusedError(
        _("%(name)s is not text in UTF-8, UTF-16 or GB 18030.") % {"name": name}
    )


def _xlsx(name: str, content: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    _check_archive(name, content)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(
            0
        )
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError) as error:
        raise SheetRefusedError(
            _("%(name)s cannot be read as XLSX: %(error)s.")
            % {"name": name, "error": error}
        ) from error
    for number, cells in enumerate(rows, start=1):
        yield number, [_text(cell) for cell in cells]


def _check_archive(name: str, content: bytes) -> None:
    """Unpack into nothing, so that sizes are those found and not those declared."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            left = MAX_UNPACKED_BYTES if len(entries) <= MAX_ENTRIES else 0
            for entry in entries:
                with archive.open(entry) as stream:
                    while left > 0 and (block := stream.read(1_000_000)):
                        left -= len(block)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise SheetRefusedError(
            _("%(name)s is damaged: %(error)s.") % {"name": name, "error": error}
        ) from error
    if left <= 0:
        raise SheetRefusedError(
            _("%(name)s unpacks to more than %(limit)d MB.")
            % {"name": name, "limit": MAX_UNPACKED_BYTES // 1_000_000}
        )


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def written(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV in which no spreadsheet takes a text for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(map(harmless, headings))
    writer.writerows([harmless(str(cell)) for cell in row] for row in rows)
    return text.getvalue()


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking the text for a formula."""
    return f"'{text}" if text.lstrip().startswith(DANGEROUS) else text
