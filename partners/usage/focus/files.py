"""Opening delivered files: what kind, whole or cut off, which dialect, which columns.

A compressed CSV is written out plain once, streaming, within limits; its hash is that
of the delivered bytes. Nothing is held in memory but one block.
"""

import csv
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from partners.usage.focus import columns
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.expressions import NULL_TEXTS

BLOCK = 1 << 20
SAMPLE = 1 << 20
BOMB_FROM = 64 << 20
BOMB_RATIO = 250
BOM = b"\xef\xbb\xbf"

MAGIC = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "csv.gz",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"%PDF": "PDF",
    b"{": "JSON",
}

Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a file is written, as far as it departs from the specification."""

    compression: str = ""
    has_bom: bool = False
    newline: str = "LF"
    null_texts: tuple[str, ...] = ()
    """Texts for null met in the first megabyte."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """One delivered file, ready for DuckDB."""

    name: str
    delivered: Path
    readable: Path
    """Parquet as delivered, or plain CSV."""
    kind: str
    size: int
    sha256: str
    header: columns.Header | None
    """None for Parquet, whose columns DuckDB tells."""
    dialect: Dialect


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_file(
    path: Path, *, work: Path, progress: Progress = lambda _count: None
) -> Opened:
    """Check one delivered file as far as its bytes go and make it readable.

    :param work: folder for a written-out copy of a compressed file.
    :param progress: called with the number of delivered bytes read since the last call.
    :raises FileRefusedError: empty, cut off, too large, not CSV or Parquet, or with a
        header that is not that of FOCUS Cost and Usage.
    """
    name = path.name
    if not path.is_file():
        raise missing(path)
    before = path.stat()
    kind = _kind(path, name=name, size=before.st_size)
    readable = path if kind != "csv.gz" else work / f"{name}.csv"
    if kind == "parquet":
        digest, header, dialect = sha256_of(path), None, Dialect()
        progress(before.st_size)
    else:
        digest = _stream(path, kind=kind, to=readable, progress=progress)
        header, dialect = _header(readable, name=name, kind=kind)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise FileRefusedError(
            _("The file changed while it was being read. Deliver it again."),
            file=name,
            code="usage.file-changed",
        )
    return Opened(
        name=name,
        delivered=path,
        readable=readable,
        kind=kind,
        size=before.st_size,
        sha256=digest,
        header=header,
        dialect=dialect,
    )


def missing(path: Path) -> FileRefusedError:
    """Return the refusal of a file that is not there."""
    return FileRefusedError(
        _("There is no such file."), file=str(path), code="usage.file-missing"
    )


def _kind(path: Path, *, name: str, size: int) -> str:
    if size == 0:
        raise FileRefusedError(
            _("The file is empty (0 bytes)."), file=name, code="usage.file-empty"
        )
    with path.open("rb") as file:
        start = file.read(4)
    for magic, kind in MAGIC.items():
        if start.startswith(magic):
            if kind in {"parquet", "csv.gz"}:
                return kind
            raise FileRefusedError(
                _("This is %(kind)s. Accepted are CSV in UTF-8, CSV.gz and Parquet.")
                % {"kind": kind},
                file=name,
                code="usage.file-kind",
            )
    return "csv"


class _Watch:
    """Follows the plain bytes of one file and refuses bombs and endless lines."""

    def __init__(self, *, name: str, is_compressed: bool) -> None:
        self.name = name
        self.is_compressed = is_compressed
        self.plain = 0
        self.lines = 1
        self.since_newline = 0

    def see(self, block: bytes, *, delivered: int) -> None:
        """Count one block of plain bytes.

        :param delivered: compressed bytes read so far.
        """
        self.plain += len(block)
        first, last = block.find(b"\n"), block.rfind(b"\n")
        longest = self.since_newline + (len(block) if first < 0 else first)
        if longest > settings.USAGE_LINE_LIMIT:
            raise FileRefusedError(
                _("A line is longer than %(limit)d bytes; this is not a billing CSV.")
                % {"limit": settings.USAGE_LINE_LIMIT},
                file=self.name,
                line=self.lines,
                code="usage.line-too-long",
            )
        self.since_newline = longest if first < 0 else len(block) - last - 1
        self.lines += block.count(b"\n")
        is_bomb = (
            self.is_compressed
            and self.plain > BOMB_FROM
            and self.plain > delivered * BOMB_RATIO
        )
        if is_bomb or self.plain > settings.USAGE_FILE_LIMIT:
            raise FileRefusedError(
                _(
                    "Unpacked, the file grows beyond all measure (%(plain)d bytes so far)."
                )
                % {"plain": self.plain},
                file=self.name,
                line=self.lines,
                code="usage.file-too-large",
            )


def _stream(path: Path, *, kind: str, to: Path, progress: Progress) -> str:
    """Hash the delivered bytes; write a compressed file out plain."""
    digest = hashlib.sha256()
    watch = _Watch(name=path.name, is_compressed=kind == "csv.gz")
    with path.open("rb") as source:
        if kind == "csv":
            for block in _blocks(source, digest=digest, progress=progress):
                watch.see(block, delivered=0)
        else:
            blocks = _blocks(source, digest=digest, progress=progress)
            with to.open("wb", buffering=0) as plain:
                for block, delivered in _unpacked(blocks, name=path.name):
                    watch.see(block, delivered=delivered)
                    plain.write(block)
    if watch.plain == 0:
        raise FileRefusedError(
            _("The compressed file holds nothing."),
            file=path.name,
            code="usage.file-empty",
        )
    return digest.hexdigest()


def _blocks(
    source: io.BufferedReader, *, digest: "hashlib._Hash", progress: Progress
) -> Iterator[bytes]:
    while block := source.read(BLOCK):
        digest.update(block)
        progress(len(block))
        yield block


def _unpacked(blocks: Iterator[bytes], *, name: str) -> Iterator[tuple[bytes, int]]:
    """Yield plain blocks, with the number of delivered bytes read so far."""
    unzip, delivered = zlib.decompressobj(31), 0
    try:
        for block in blocks:
            delivered += len(block)
            rest = block
            while rest:
                if unzip.eof:
                    if not rest.strip(b"\0"):
                        break
                    unzip = zlib.decompressobj(31)
                plain = unzip.decompress(rest, BLOCK)
                rest = unzip.unconsumed_tail or unzip.unused_data
                if plain:
                    yield plain, delivered
    except zlib.error as error:
        raise FileRefusedError(
            _("The compression is damaged after %(count)d bytes: %(error)s.")
            % {"count": delivered, "error": error},
            file=name,
            code="usage.gzip-damaged",
        ) from None
    if not unzip.eof:
        raise FileRefusedError(
            _("The compressed file is cut off after %(count)d bytes.")
            % {"count": delivered},
            file=name,
            code="usage.gzip-cut-off",
        )


def _header(path: Path, *, name: str, kind: str) -> tuple[columns.Header, Dialect]:
    """Read the first record of a plain CSV and judge it."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    try:
        text = sample.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = error.start >= len(sample) - 4
        if not cut:
            raise FileRefusedError(
                _("Not UTF-8: byte 0x%(byte)02x.") % {"byte": sample[error.start]},
                file=name,
                line=sample[: error.start].count(b"\n") + 1,
                code="usage.file-encoding",
            ) from None
        text = sample[: error.start].decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""))
    names = [column.strip() for column in next(rows, [])]
    header = columns.understand(names)
    judge_header(header, name=name)
    is_whole = len(sample) < SAMPLE
    if is_whole and next((row for row in rows if row), None) is None:
        raise no_rows(name)
    return header, _dialect(sample, text, kind=kind)


def no_rows(name: str) -> FileRefusedError:
    """Return the refusal of a file without rows."""
    return FileRefusedError(
        _("There is a header and no row."), file=name, line=1, code="usage.no-rows"
    )


def _dialect(sample: bytes, text: str, *, kind: str) -> Dialect:
    found = {value for value in NULL_TEXTS if value and f",{value}," in text}
    return Dialect(
        compression="gzip" if kind == "csv.gz" else "",
        has_bom=sample.startswith(BOM),
        newline="CRLF" if b"\r\n" in sample else "LF",
        null_texts=tuple(sorted(found)),
    )


def judge_header(header: columns.Header, *, name: str) -> None:
    """Let the header of Cost and Usage pass.

    :raises FileRefusedError: wrong delimiter, other dataset, double or missing columns.
    """
    _refuse_other_delimiter(header, name=name)
    if header.twice:
        raise FileRefusedError(
            _("The header names a column twice."),
            file=name,
            line=1,
            column=header.twice[0],
            code="usage.header-twice",
        )
    if header.dataset not in {"Cost and Usage", "unknown"}:
        raise FileRefusedError(
            _("This is the FOCUS dataset %(dataset)s, not Cost and Usage.")
            % {"dataset": header.dataset},
            file=name,
            line=1,
            code="usage.other-dataset",
        )
    if header.missing:
        raise FileRefusedError(
            _("Mandatory columns are missing: %(names)s.")
            % {"names": ", ".join(header.missing)},
            file=name,
            line=1,
            column=header.missing[0],
            code="usage.columns-missing",
        )


def _refuse_other_delimiter(header: columns.Header, *, name: str) -> None:
    if len(header.names) > 1 or not header.names:
        return
    for sign, word in ((";", _("semicolons")), ("\t", _("tabs")), ("|", "|")):
        if sign in header.names[0]:
            raise FileRefusedError(
                _("Columns are separated by %(sign)s; FOCUS demands commas.")
                % {"sign": word},
                file=name,
                line=1,
                code="usage.delimiter",
            )
