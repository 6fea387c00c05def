"""FOCUS Contract Commitment files (1.3: 13 columns, 1.4: 30).

The files are small: rows are read with their lines, so that a refusal can name one;
numbers and times follow the same rules as those of Cost and Usage. Values outside the
lists of the specification are kept as they are: its own examples hold some.
"""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from django.utils.translation import gettext as _

from partners.usage.focus import reading
from partners.usage.focus.engine import opened, text
from partners.usage.focus.errors import FileRefusedError
from partners.usage.focus.expressions import NULL_TEXTS

PREFIX = "ContractCommitment"
VERSION_1_3 = (
    "ContractId", "ContractPeriodStart", "ContractPeriodEnd", "ContractCommitmentId",
    "ContractCommitmentCategory", "ContractCommitmentType",
    "ContractCommitmentDescription", "ContractCommitmentPeriodStart",
    "ContractCommitmentPeriodEnd", "ContractCommitmentCost",
    "ContractCommitmentQuantity", "ContractCommitmentUnit", "BillingCurrency",
)  # fmt: skip
ADDED_IN_1_4 = (
    "ContractCommitmentBenefitCategory", "ContractCommitmentModel",
    "ContractCommitmentFulfillmentInterval", "ContractCommitmentLifecycleStatus",
    "ContractCommitmentOfferCategory", "ContractCommitmentPaymentModel",
    "ContractCommitmentPaymentInterval", "ContractCommitmentPaymentUpfrontPercentage",
    "ContractCommitmentDurationType", "ContractCommitmentDiscountPercentage",
    "ContractCommitmentApplicability", "ContractCommitmentCreated",
    "ContractCommitmentLastUpdated", "InvoiceIssuerName", "ServiceProviderName",
    "PricingCurrency", "PricingCurrencyContractCommitmentCost",
)  # fmt: skip
NUMBERS = (
    "ContractCommitmentCost", "ContractCommitmentQuantity",
    "ContractCommitmentPaymentUpfrontPercentage",
    "ContractCommitmentDiscountPercentage", "PricingCurrencyContractCommitmentCost",
)  # fmt: skip
TIMES = (
    "ContractPeriodStart", "ContractPeriodEnd", "ContractCommitmentPeriodStart",
    "ContractCommitmentPeriodEnd", "ContractCommitmentCreated",
    "ContractCommitmentLastUpdated",
)  # fmt: skip
FILLED = (
    "ContractId", "ContractCommitmentId", "ContractCommitmentCategory",
    "ContractCommitmentPeriodStart", "ContractCommitmentPeriodEnd", "BillingCurrency",
)  # fmt: skip
"""What a row cannot do without."""

MOST_BYTES = 64 << 20
MOST_ROWS = 100_000


@dataclass(frozen=True, kw_only=True)
class ContractRow:
    """One row: its line, its texts, and its numbers and times as such."""

    line: int
    texts: dict[str, str]
    numbers: dict[str, Decimal] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    def text(self, column: str) -> str:
        """Return a text, empty where there is none."""
        return self.texts.get(column, "")


@dataclass(frozen=True, kw_only=True)
class ContractFile:
    """One Contract Commitment file."""

    name: str
    sha256: str
    version: str
    rows: tuple[ContractRow, ...]
    unknown: tuple[str, ...]
    """Columns that FOCUS does not know; they are kept with the row."""


def read(path: Path, *, name: str = "") -> ContractFile:
    """Read a file: CSV, CSV.gz or Parquet.

    :raises FileRefusedError: naming file, line, column and value; nothing is kept then.
    """
    label = name or path.name
    content = path.read_bytes()
    if not content:
        raise FileRefusedError(_("The file is empty (0 bytes)."), file=label)
    if content.startswith(b"PAR1"):
        header, records = _parquet(path, label)
    else:
        header, records = _csv(content, label)
    _judge_header(header, label)
    if len(records) > MOST_ROWS:
        raise FileRefusedError(_("The file has too many rows."), file=label)
    if not records:
        raise FileRefusedError(
            _("There is a header and no row."), file=label, line=1, code="usage.no-rows"
        )
    rows = [
        (line, {n: v.strip() for n, v in zip(header, values, strict=True)
                if v.strip() not in NULL_TEXTS})
        for line, values in records
    ]  # fmt: skip
    return ContractFile(
        name=label,
        sha256=hashlib.sha256(content).hexdigest(),
        version="1.4" if set(header) & set(ADDED_IN_1_4) else "1.3",
        rows=tuple(_typed(rows, label)),
        unknown=tuple(n for n in header if n not in {*VERSION_1_3, *ADDED_IN_1_4}),
    )


Records = list[tuple[int, list[str]]]


def _csv(content: bytes, name: str) -> tuple[list[str], Records]:
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(content, name)
    try:
        plain = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefusedError(
            _("Not UTF-8: byte 0x%(byte)02x.") % {"byte": content[error.start]},
            file=name,
            line=content[: error.start].count(b"\n") + 1,
            code="usage.file-encoding",
        ) from None
    reader = csv.reader(io.StringIO(plain, newline=""), strict=True)
    records: Records = []
    try:
        header = [column.strip() for column in next(reader, [])]
        start = reader.line_num + 1
        for values in reader:
            if values and len(values) != len(header):
                raise FileRefusedError(
                    _("The row has %(count)d values, the header has %(wanted)d.")
                    % {"count": len(values), "wanted": len(header)},
                    file=name,
                    line=start,
                    code="usage.row-length",
                )
            if any(values):
                records.append((start, values))
            start = reader.line_num + 1
    except csv.Error as error:
        raise FileRefusedError(
            _("The file cannot be read: %(error)s") % {"error": error},
            file=name,
            line=reader.line_num,
            code="usage.unreadable",
        ) from None
    return header, records


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            plain = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise FileRefusedError(
            _("The compression is damaged: %(error)s.") % {"error": error},
            file=name,
            code="usage.gzip-damaged",
        ) from None
    if len(plain) > MOST_BYTES:
        raise FileRefusedError(
            _("Unpacked, the file grows beyond all measure."),
            file=name,
            code="usage.file-too-large",
        )
    return plain


def _parquet(path: Path, name: str) -> tuple[list[str], Records]:
    """Read Parquet as texts; the line is the row's number after a header."""
    with opened() as duck:
        try:
            found = duck.execute(
                "SELECT COLUMNS(*)::VARCHAR FROM "
                f"read_parquet({text(path)}, hive_partitioning = false) "
                f"LIMIT {MOST_ROWS + 1}"
            )
            header = [str(column[0]) for column in found.description or ()]
            rows = found.fetchall()
        except duckdb.Error as error:
            raise FileRefusedError(
                _("The file cannot be read: %(error)s")
                % {"error": str(error).splitlines()[0]},
                file=name,
                code="usage.unreadable",
            ) from error
    return header, [
        (at, ["" if value is None else str(value) for value in row])
        for at, row in enumerate(rows, start=2)
    ]


def _judge_header(header: Sequence[str], name: str) -> None:
    twice = sorted({column for column in header if header.count(column) > 1})
    missing = [column for column in VERSION_1_3 if column not in header]
    if twice:
        raise FileRefusedError(
            _("The header names a column twice."),
            file=name,
            line=1,
            column=twice[0],
            code="usage.header-twice",
        )
    if missing:
        raise FileRefusedError(
            _("This is no Contract Commitment file; missing are: %(names)s.")
            % {"names": ", ".join(missing)},
            file=name,
            line=1,
            column=missing[0],
            code="usage.columns-missing",
        )


Rows = Sequence[tuple[int, dict[str, str]]]


def _typed(rows: Rows, name: str) -> Iterable[ContractRow]:
    for line, values in rows:
        for column in FILLED:
            if column not in values:
                raise FileRefusedError(
                    _("The value is missing and must not be."),
                    file=name,
                    line=line,
                    column=column,
                    code="usage.value-missing",
                )
    with opened() as duck:
        reading.prepare(duck)
        numbers = _converted(duck, rows, NUMBERS, "number(t)", "fits(t)")
        times = _converted(duck, rows, TIMES, "moment(t)", "TRUE")
    for line, values in rows:
        row = ContractRow(
            line=line,
            texts=values,
            numbers=_read(values, NUMBERS, numbers, line=line, name=name),
            times={
                column: moment.replace(tzinfo=UTC)
                for column, moment in _read(
                    values, TIMES, times, line=line, name=name
                ).items()
            },
        )
        _judge(row, name)
        yield row


def _converted(
    duck: duckdb.DuckDBPyConnection,
    rows: Rows,
    columns: Sequence[str],
    expression: str,
    test: str,
) -> dict[str, Any]:
    """Return text → value; None where it cannot be understood."""
    wanted = sorted({v[c] for _line, v in rows for c in columns if c in v})
    if not wanted:
        return {}
    found = duck.execute(
        f"SELECT t, CASE WHEN {test} THEN {expression} END FROM (SELECT unnest(?) AS t)",
        [wanted],
    ).fetchall()
    return dict(found)


def _read(
    values: dict[str, str],
    columns: Sequence[str],
    converted: dict[str, Any],
    *,
    line: int,
    name: str,
) -> dict[str, Any]:
    found = {}
    for column in columns:
        if column not in values:
            continue
        value = converted.get(values[column])
        if value is None:
            raise FileRefusedError(
                _("The value cannot be used."),
                file=name,
                line=line,
                column=column,
                value=values[column],
                code="usage.value-unusable",
            )
        found[column] = value
    return found


def _judge(row: ContractRow, name: str) -> None:
    fault = ""
    if len(row.text("BillingCurrency")) != 3:
        fault = "BillingCurrency"
    elif row.times[f"{PREFIX}PeriodEnd"] <= row.times[f"{PREFIX}PeriodStart"]:
        fault = f"{PREFIX}PeriodEnd"
    elif not {f"{PREFIX}Cost", f"{PREFIX}Quantity"} & set(row.numbers):
        fault = f"{PREFIX}Cost"
    elif not _is_object(row.text(f"{PREFIX}Applicability")):
        fault = f"{PREFIX}Applicability"
    if fault:
        raise FileRefusedError(
            _("The value cannot be used."),
            file=name,
            line=row.line,
            column=fault,
            value=row.text(fault),
            code="usage.value-unusable",
        )


def _is_object(value: str) -> bool:
    try:
        return not value or isinstance(json.loads(value), dict)
    except ValueError:
        return False
