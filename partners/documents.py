"""What a file is, told from its content and never from its name; no database."""

import io
import unicodedata
import zipfile
from pathlib import PurePosixPath

MAX_BYTES = 20 * 1024 * 1024
"""The largest file that is taken, in bytes."""

MAX_NAME = 200
PLAIN = "text/plain"
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
ZIP = b"PK\x03\x04"
MACROS = "vbaProject.bin"
MARKUP = ("<!doctype", "<html", "<svg", "<script", "<?xml", "<body", "<head")


class DocumentTypeError(ValueError):
    """The content is of no type that is taken."""


def content_type_of(content: bytes) -> str:
    """Return the type of the content: PDF, PNG, JPEG, an Office document, or plain text.

    :raises DocumentTypeError: for everything else; programs, archives, web pages, drawings
        with scripts and Office documents with macros among them.
    """
    for signature, content_type in SIGNATURES:
        if content.startswith(signature):
            return content_type
    if content.startswith(ZIP):
        return _office_type(content)
    if _is_text(content):
        return PLAIN
    raise DocumentTypeError


def bare_name(name: str) -> str:
    """Return a file name without folders and control characters, at most 200 long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = "".join(c for c in last if c.isprintable() and c not in '"<>|:*?/').strip(
        ". "
    )
    return clean[-MAX_NAME:]


def _office_type(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise DocumentTypeError from error
    if "[Content_Types].xml" not in names or any(MACROS in name for name in names):
        raise DocumentTypeError
    for folder, content_type in OFFICE.items():
        if any(name.startswith(folder) for name in names):
            return content_type
    raise DocumentTypeError


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if any(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f" for c in text):
        return False
    start = text[:1024].lstrip().lower()
    return not any(mark in start for mark in MARKUP)
