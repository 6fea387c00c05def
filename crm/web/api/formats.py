"""Lists as tables: CSV, XLSX and Parquet, streamed; harmless when opened in a spreadsheet."""

import csv
import io
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer

from crm.web.api import parquet
from crm.web.api.shapes import to_json

FORMULA_STARTS = frozenset("=+-@|%")
LINES_A_CHUNK = 500
LONGEST_CELL = 32_767
EXACT_DIGITS = 15
"""So many digits a spreadsheet keeps; longer numbers are written as text."""
Table = Iterable[Sequence[Any]]


class JSONRenderer(BaseRenderer):
    """Names JSON for content negotiation and renders what does not come ready made."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Any = None,
    ) -> bytes:
        """Return JSON."""
        return b"" if data is None else to_json(data)


class CSVRenderer(JSONRenderer):
    """Names CSV; lists answer by `csv_answer`, everything else stays JSON."""

    media_type = "text/csv"
    format = "csv"


class XLSXRenderer(JSONRenderer):
    """Names XLSX; lists answer by `xlsx_answer`."""

    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"


class ParquetRenderer(JSONRenderer):
    """Names Parquet; tables answer by `parquet_answer`."""

    media_type = "application/vnd.apache.parquet"
    format = "parquet"


def harmless(value: Any) -> Any:
    """Return the value as a cell that no spreadsheet takes for a formula.

    Text that begins with a formula sign (also behind blanks or control characters, also
    full-width) gets an apostrophe in front; numbers stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict | list):
        value = to_json(value).decode()
    if not isinstance(value, str):
        return value
    return f"'{value}" if _looks_like_a_formula(value) else value


def _looks_like_a_formula(text: str) -> bool:
    if text[:1] in {"\t", "\r", "\n"}:
        return True
    for sign in text:
        if sign.isspace() or unicodedata.category(sign) in {"Cc", "Cf"}:
            continue
        return unicodedata.normalize("NFKC", sign)[:1] in FORMULA_STARTS
    return False


class _Line(io.StringIO):
    """A file for one chunk of lines."""

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


def csv_lines(headings: Sequence[str], rows: Table) -> Iterator[str]:
    """Yield the file in chunks; it begins with a byte order mark, for Excel and Chinese."""
    chunk = _Line()
    chunk.write("\N{BYTE ORDER MARK}")
    writer = csv.writer(chunk)
    writer.writerow(headings)
    for count, row in enumerate(rows, start=1):
        writer.writerow([harmless(value) for value in row])
        if count % LINES_A_CHUNK == 0:
            yield chunk.take()
    yield chunk.take()


def csv_answer(name: str, headings: Sequence[str], rows: Table) -> HttpResponseBase:
    """Return the rows as they come; memory does not grow with them."""
    return StreamingHttpResponse(
        csv_lines(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers=_as_file(f"{name}.csv"),
    )


def xlsx_answer(name: str, headings: Sequence[str], rows: Table) -> HttpResponseBase:
    """Return a workbook written row by row to a temporary file."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = book.add_worksheet(name[:31])
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write_cell(sheet, line, column, value)
    book.close()
    file.seek(0)
    return FileResponse(
        file,
        content_type=XLSXRenderer.media_type,
        headers=_as_file(f"{name}.xlsx"),
    )


def parquet_answer(name: str, headings: Sequence[str], rows: Table) -> HttpResponseBase:
    """Return a Parquet file with typed columns; memory does not grow with the rows."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    parquet.write(file, headings, rows)
    file.seek(0)
    return FileResponse(
        file,
        content_type=ParquetRenderer.media_type,
        headers=_as_file(f"{name}.parquet"),
    )


def _write_cell(sheet: Any, line: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, int | float) and abs(value) < 10**EXACT_DIGITS:
        sheet.write_number(line, column, value)
    elif isinstance(value, Decimal) and len(value.as_tuple().digits) <= EXACT_DIGITS:
        sheet.write_number(line, column, float(value))
    elif value is not None:
        sheet.write_string(line, column, _text(value)[:LONGEST_CELL])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(harmless(value))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


TABLES: dict[str, Callable[[str, Sequence[str], Table], HttpResponseBase]] = {
    CSVRenderer.format: csv_answer,
    XLSXRenderer.format: xlsx_answer,
    ParquetRenderer.format: parquet_answer,
}
"""Format → what answers a table in it: name, headings, rows."""
