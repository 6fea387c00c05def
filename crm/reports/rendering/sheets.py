"""The tables of a report as XLSX: numbers as numbers, words as words, never formulas."""

import re
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from crm.figures import words
from crm.figures.blocks import Block, Value
from crm.reports.payloads import Payload
from crm.reports.rendering import document

FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
FORMATS = {
    "ratio": "0.0%",
    "points": "0.0%",
    "money": "#,##0.00",
    "count": "#,##0",
    "large": "#,##0",
    "days": "#,##0",
    "number": "#,##0.0#",
    "date": "yyyy-mm-dd",
}


def xlsx_of(payload: Payload, *, at: datetime) -> bytes:
    """Return a workbook: one sheet per section, and one that says what this is.

    :param at: written as the creation date, so that the same run gives the same bytes.
    """
    file = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    book = xlsxwriter.Workbook(file, options)
    book.set_properties(
        {"title": document.subject(payload), "created": at.replace(tzinfo=None)}
    )
    sheets = Sheets(book, payload["language"])
    sheets.cover(payload)
    for part in payload["sections"]:
        sheets.section(part["title"], part["blocks"])
    book.close()
    return file.getvalue()


class Sheets:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, language: str) -> None:
        self.book = book
        self.language = language
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.kinds = {
            kind: book.add_format({"num_format": form})
            for kind, form in FORMATS.items()
        }
        self.names: set[str] = set()

    def cover(self, payload: Payload) -> None:
        """Write what the workbook is and how far its data go."""
        sheet = self._sheet(_("About"))
        said = document.of(payload)
        lines = [said["name"], said["title"], said["range"], said["warning"]]
        for row, line in enumerate(filter(None, [*lines, *said["footnotes"]])):
            sheet.write_string(row, 0, line, self.bold if row == 0 else None)
        sheet.set_column(0, 0, 90)

    def section(self, title: str, blocks: list[Block]) -> None:
        """Write figures, tables, moves and the numbers of charts one below the other."""
        sheet = self._sheet(title)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 12, 18)
        row = 0
        for block in blocks:
            if block.get("title"):
                sheet.write_string(row, 0, block.get("title", ""), self.bold)
                row += 1
            row = self._lines(sheet, row, block) + 1

    def _lines(self, sheet: Any, row: int, block: Block) -> int:
        heads, lines = _grid(block)
        for column, head in enumerate(heads):
            sheet.write_string(row, column, head, self.head)
        row += bool(heads)
        for line in lines:
            for column, value in enumerate(line):
                self._write(sheet, row, column, value)
            row += 1
        return row

    def _write(self, sheet: Any, row: int, column: int, value: Value) -> None:
        kind = value["kind"]
        form = self.kinds.get(kind)
        if form is None:
            sheet.write_string(row, column, words.shown(value, self.language))
        elif kind == "date":
            day = date.fromisoformat(str(value.get("value")))
            sheet.write_datetime(row, column, day, form)
        elif kind == "money":
            sheet.write_number(
                row, column, Decimal(str(value.get("value"))), self._money(value)
            )
        else:
            sheet.write_number(row, column, Decimal(str(value.get("value"))), form)

    def _money(self, value: Value) -> Any:
        currency = value.get("currency", "")
        key = f"money {currency}"
        if key not in self.kinds:
            self.kinds[key] = self.book.add_format(
                {"num_format": f'#,##0.00 "{currency}"'}
            )
        return self.kinds[key]

    def _sheet(self, title: str) -> Any:
        name = FORBIDDEN.sub(" ", title)[:28].strip() or "-"
        number, unique = 1, name
        while unique.lower() in self.names:
            number += 1
            unique = f"{name} {number}"
        self.names.add(unique.lower())
        return self.book.add_worksheet(unique)


def _grid(block: Block) -> tuple[list[str], list[list[Value]]]:
    """Return heads and rows of any block."""
    if block["block"] == "table":
        heads = [column["label"] for column in block.get("columns", [])]
        return heads, block.get("rows", [])
    if block["block"] == "figures":
        return ["", _("Value"), _("Change"), _("Target")], [
            [
                _words(each["label"]),
                each["value"],
                each["change"]["value"] if "change" in each else _words(""),
                each.get("target", _words("")),
            ]
            for each in block.get("figures", [])
        ]
    if block["block"] == "chart":
        series = block.get("series", [])
        return ["", *(each["label"] for each in series)], [
            [_words(label), *(_point(each["values"][index]) for each in series)]
            for index, label in enumerate(block.get("labels", []))
        ]
    if block["block"] == "moves":
        return [], [
            [
                _words(said)
                for said in (move["title"], move["text"], *move.get("evidence", []))
            ]
            for move in block.get("moves", [])
        ]
    return [], [[_words(block.get("text", ""))]]


def _words(text: str) -> Value:
    return Value(kind="text", value=text)


def _point(value: str | None) -> Value:
    return Value(kind="unknown") if value is None else Value(kind="number", value=value)
