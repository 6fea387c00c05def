"""Reads files of exchange rates line by line; no database.

Two layouts, each plain or as the only CSV file in a zip: `date,base,quote,rate,source`,
and that of the European Central Bank: `Date`, then one column per currency, base EUR.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from crm.core.errors import DomainError

COLUMNS = ["date", "base", "quote", "rate"]
SOURCE = "source"
EURO = "EUR"
ECB = "ECB"
NONE = frozenset({"", "N/A", "n/a"})

CURRENCY = re.compile(r"[A-Z]{3}")
NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]+)?")
DECIMAL_PLACES = 18
SOURCE_LENGTH = 60
SHOWN = 40


class RatesFileRefusedError(DomainError):
    """A file of exchange rates cannot be read; names file, line and column."""

    code = "rates.bad-file"
    is_input = True


@dataclass(frozen=True, slots=True)
class RateLine:
    """One rate as it stands in a file."""

    line: int
    date: date
    base: str
    quote: str
    rate: Decimal
    source: str


def read(path: Path, *, source: str = "") -> Iterator[RateLine]:
    """Yield the rates of the file as they are read.

    :param source: who publishes the rates, where the file itself does not say.
    :raises RatesFileRefusedError: when the file or a line of it cannot be read.
    """
    with _text(path) as text:
        rows = csv.reader(text)
        try:
            heading = [cell.strip() for cell in next(rows, [])]
            reader = _reader(path, heading, source)
            for row in rows:
                if any(cell.strip() for cell in row):
                    yield from reader(rows.line_num, [cell.strip() for cell in row])
        except (csv.Error, UnicodeDecodeError, zipfile.BadZipFile, EOFError) as error:
            raise _refusal(path, rows.line_num + 1, "", str(error)) from None


def digest(path: Path) -> str:
    """Return the SHA-256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOBase]:
    try:
        if not zipfile.is_zipfile(path):
            with path.open(encoding="utf-8-sig", newline="") as text:
                yield text
            return
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if n.lower().endswith(".csv")]
            if len(names) != 1:
                raise _refusal(path, 0, "", _("the zip must hold exactly one CSV file"))
            with archive.open(names[0]) as binary:
                yield io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
    except (OSError, RuntimeError) as error:
        raise _refusal(path, 0, "", str(error)) from None


Reader = Callable[[int, list[str]], Iterator[RateLine]]


def _reader(path: Path, heading: list[str], source: str) -> Reader:
    names = [name.lower() for name in heading]
    if names in (COLUMNS, [*COLUMNS, SOURCE]):
        return _Long(path, names, source)
    while heading and not heading[-1]:
        heading.pop()
    codes = heading[1:]
    if names[:1] == ["date"] and codes and all(map(CURRENCY.fullmatch, codes)):
        return _Wide(path, heading, source or ECB)
    raise _refusal(
        path,
        1,
        "",
        _(
            "the first line must be date,base,quote,rate,source, or Date and then "
            "currency codes"
        ),
    )


@dataclass(frozen=True)
class _Long:
    """Reads one rate per line."""

    path: Path
    names: list[str]
    source: str

    def __call__(self, line: int, row: list[str]) -> Iterator[RateLine]:
        cells = _Cells(self.path, line)
        if len(row) != len(self.names):
            raise cells.fail(
                "",
                _("%(found)s columns instead of %(wanted)s")
                % {"found": len(row), "wanted": len(self.names)},
            )
        by_name = dict(zip(self.names, row, strict=True))
        base, quote = (cells.currency(n, by_name[n]) for n in ("base", "quote"))
        if base == quote:
            raise cells.fail("quote", _("the same currency as in base"))
        yield RateLine(
            line=line,
            date=cells.date("date", by_name["date"]),
            base=base,
            quote=quote,
            rate=cells.rate("rate", by_name["rate"]),
            source=cells.source(by_name.get(SOURCE) or self.source),
        )


@dataclass(frozen=True)
class _Wide:
    """Reads one day per line, with what one euro was worth in each currency."""

    path: Path
    heading: list[str]
    source: str

    def __call__(self, line: int, row: list[str]) -> Iterator[RateLine]:
        cells = _Cells(self.path, line)
        if len(row) < len(self.heading) or any(row[len(self.heading) :]):
            raise cells.fail(
                "",
                _("%(found)s columns instead of %(wanted)s")
                % {"found": len(row), "wanted": len(self.heading)},
            )
        day, source = cells.date("Date", row[0]), cells.source(self.source)
        for code, text in zip(self.heading[1:], row[1:], strict=False):
            if text not in NONE and code != EURO:
                yield RateLine(line, day, EURO, code, cells.rate(code, text), source)


@dataclass(frozen=True)
class _Cells:
    """Reads the cells of one line, and refuses them by name."""

    path: Path
    line: int

    def fail(self, column: str, why: str) -> RatesFileRefusedError:
        return _refusal(self.path, self.line, column, why)

    def date(self, column: str, text: str) -> date:
        for form in ("%Y-%m-%d", "%d %B %Y"):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day only
            except ValueError:
                continue
        raise self.fail(
            column, _("%(text)r is no day such as 2026-11-23") % {"text": text[:SHOWN]}
        )

    def currency(self, column: str, text: str) -> str:
        if not CURRENCY.fullmatch(text.upper()):
            raise self.fail(
                column, _("%(text)r is no currency code") % {"text": text[:SHOWN]}
            )
        return text.upper()

    def rate(self, column: str, text: str) -> Decimal:
        if not NUMBER.fullmatch(text):
            raise self.fail(column, _("%(text)r is no rate") % {"text": text[:SHOWN]})
        rate = Decimal(text)
        if rate == 0:
            raise self.fail(column, _("a rate must be greater than zero"))
        places = text.partition(".")[2].rstrip("0")
        if len(places) > DECIMAL_PLACES:
            raise self.fail(column, _("more than 18 digits after the point"))
        return rate

    def source(self, text: str) -> str:
        if not text:
            raise self.fail(SOURCE, _("no source; name it with --source"))
        if len(text) > SOURCE_LENGTH or not text.isprintable():
            raise self.fail(SOURCE, _("longer than 60 characters, or not readable"))
        return text


def _refusal(path: Path, line: int, column: str, why: str) -> RatesFileRefusedError:
    place = [path.name]
    if line:
        place.append(_("line %(line)s") % {"line": line})
    if column:
        place.append(_("column %(column)s") % {"column": column})
    return RatesFileRefusedError(f"{', '.join(place)}: {why}.")
