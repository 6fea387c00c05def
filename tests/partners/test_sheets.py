"""Uploaded tables are read exactly or refused with the place."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
import xlsxwriter

from partners import sheets


def xlsx(*rows: tuple[object, ...]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


class TestReadCsv:
    @pytest.mark.parametrize(
        "content",
        [
            b"Name,Domain\nBMW,bmw.de\n",
            "\ufeffName;Domain\r\nBMW;bmw.de\r\n".encode(),
            "Name\tDomain\nBMW\tbmw.de".encode("utf-16"),
            b"Name|Domain\n\nBMW|bmw.de\n,\n"[:24],
        ],
    )
    def test_finds_encoding_and_delimiter(self, content: bytes) -> None:
        sheet = sheets.read(name="a.csv", content=content)

        assert sheet.headings == ("Name", "Domain")
        assert [row.cells for row in sheet.rows] == [("BMW", "bmw.de")]

    def test_reads_gb18030(self) -> None:
        sheet = sheets.read(name="a.csv", content="名称\n宝马\n".encode("gb18030"))

        assert sheet.rows[0].cells == ("宝马",)

    def test_counts_lines_as_in_the_file(self) -> None:
        sheet = sheets.read(name="a.csv", content=b'A,B\n"x\ny",1\n\nz,2\n')

        assert [row.line for row in sheet.rows] == [2, 5]

    def test_pads_short_rows(self) -> None:
        assert sheets.read(name="a.csv", content=b"A,B\nx\n").rows[0].cells == ("x", "")

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (b"", "empty"),
            (b"  \n ", "empty"),
            (b"A,a\n1,2\n", "columns 1 and 2"),
            (b"A,B\n1,2,3\n", "line 2"),
            (b'A,B\nx,"y\n', "line"),
            (b"A\nx\0y\n", "column 1"),
            (b"A\n" + b"x" * 10_001, "column 1"),
            (b",,\n", "headings"),
        ],
    )
    def test_refuses_and_names_the_place(self, content: bytes, text: str) -> None:
        with pytest.raises(sheets.SheetRefusedError, match=text):
            sheets.read(name="a.csv", content=content)


class TestReadXlsx:
    def test_gives_text_as_a_person_reads_it(self) -> None:
        day = datetime(2026, 1, 5, tzinfo=UTC).date()
        content = xlsx(
            ("Name", "Id", "Share"), ("宝马", 42, 1.5), (), (str(day), True, "")
        )

        sheet = sheets.read(name="a.xlsx", content=content)

        assert [(row.line, row.cells) for row in sheet.rows] == [
            (2, ("宝马", "42", "1.5")),
            (4, ("2026-01-05", "True", "")),
        ]

    def test_refuses_what_is_damaged(self) -> None:
        with pytest.raises(sheets.SheetRefusedError, match="damaged"):
            sheets.read(name="a.xlsx", content=xlsx(("A",), ("x",))[:-40])

    def test_refuses_a_zip_that_is_no_workbook(self) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("readme.txt", "hello")

        with pytest.raises(sheets.SheetRefusedError, match="XLSX"):
            sheets.read(name="a.xlsx", content=buffer.getvalue())

    def test_refuses_a_bomb(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 2_000_000)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)

        with pytest.raises(sheets.SheetRefusedError, match="unpacks to more than 2 MB"):
            sheets.read(name="a.xlsx", content=buffer.getvalue())


class TestLimits:
    def test_too_many_rows_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheets, "MAX_ROWS", 2)

        with pytest.raises(sheets.SheetRefusedError, match="more than 2 rows"):
            sheets.read(name="a.csv", content=b"A\n1\n2\n3\n")

    def test_too_large_a_file_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sheets, "MAX_BYTES", 3)

        with pytest.raises(sheets.SheetRefusedError, match="larger than"):
            sheets.read(name="a.csv", content=b"A\n12")
