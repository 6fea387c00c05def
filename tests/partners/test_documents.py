"""What a file is, told from its content."""

import io
import zipfile

import pytest

from partners import documents


def office(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


class TestContentTypeOf:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"%PDF-1.7 ...", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n...", "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            ("会议纪要".encode(), "text/plain"),
            (b"a,b\n1,2", "text/plain"),
        ],
    )
    def test_reads(self, content: bytes, expected: str) -> None:
        assert documents.content_type_of(content) == expected

    def test_reads_office_documents(self) -> None:
        content = office("[Content_Types].xml", "xl/workbook.xml")

        assert documents.content_type_of(content).endswith("spreadsheetml.sheet")

    @pytest.mark.parametrize(
        "content",
        [
            b"MZ\x90\x00",
            b"\x7fELF",
            b"<html><script>alert(1)</script>",
            b'<?xml version="1.0"?><svg onload="x"/>',
            b"  \n<!DOCTYPE html>",
            b"GIF89a\x00",
            b"\xff\xfe\x00",
            office("a.txt"),
            office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            b"PK\x03\x04broken",
        ],
    )
    def test_refuses(self, content: bytes) -> None:
        with pytest.raises(documents.DocumentTypeError):
            documents.content_type_of(content)


class TestBareName:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("plan.pdf", "plan.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\files\\plan.pdf", "plan.pdf"),
            ("战略合作.pdf", "战略合作.pdf"),
            ('a"b\r\n.pdf', "ab.pdf"),
            ("...", ""),
        ],
    )
    def test_keeps_the_name_alone(self, name: str, expected: str) -> None:
        assert documents.bare_name(name) == expected
