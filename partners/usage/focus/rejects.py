"""Rows that cannot be loaded: where they stand in the file, and why."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from partners.usage.focus import columns

FATAL = frozenset({"UNQUOTED VALUE", "LINE SIZE OVER MAXIMUM", "INVALID ENCODING"})
"""Structural errors after which nothing that follows in the file can be trusted."""


@dataclass(frozen=True, kw_only=True)
class Reject:
    """One rejected row."""

    file: str
    line: int | None
    column: str
    value: str
    reason: str
    currency: str = ""
    costs: dict[str, Decimal | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the reject as plain values."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column or None,
            "value": self.value,
            "reason": self.reason,
            "currency": self.currency or None,
            "costs": {
                name: None if cost is None else f"{cost:f}"
                for name, cost in self.costs.items()
            },
        }


def reason_for(column: str, value: str | None) -> str:
    """Say in words why this value of this column makes the row worthless."""
    if value is None:
        return _("The value is missing and must not be.")
    if column in columns.DECIMALS:
        return _number_reason(value)
    if column in columns.TIMES:
        return _("Not a date and time between 2000 and 2100.")
    if column == "BillingCurrency":
        return _("Not a currency code of three letters.")
    return _("The value cannot be used.")


def _number_reason(value: str) -> str:
    try:
        number = Decimal(value.strip())
    except ArithmeticError:
        return _("Not a number.")
    if not number.is_finite():
        return _("Not a finite number.")
    if abs(number) >= Decimal(10) ** 20:
        return _("More than 20 digits before the point.")
    return _("More than 18 decimals; rounding would lose money.")


def physical_lines(
    path: Path, *, wanted: Iterable[int], skipped: frozenset[int], is_record: bool
) -> Iterator[tuple[int, int]]:
    """Yield (number, line) for the wanted rows of a CSV.

    A record may go over several lines when a value holds line breaks; records are told
    apart by the parity of quotation marks.

    :param wanted: ordinals of read rows from 1, or of records when `is_record`.
    :param skipped: records (header is 1) that the reader could not use.
    """
    left = set(wanted)
    record, row, line, is_open, start = 0, 0, 0, False, 1
    with path.open("rb") as file:
        for text in file:
            line += 1
            if not is_open:
                start = line
                record += 1
            if text.count(b'"') % 2:
                is_open = not is_open
            if is_open:
                continue
            is_row = record > 1 and record not in skipped and bool(text.strip())
            row += is_row
            number = record if is_record else row
            if number in left and (is_record or is_row):
                left.discard(number)
                yield number, start
            if not left:
                return
    if is_open and is_record and record in left:
        yield record, start


def write(path: Path, rejects: Iterable[Reject]) -> int:
    """Write the rejects as CSV for download; return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = ["file", "line", "column", "value", "reason", "currency", *columns.COSTS]
    count = 0
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for reject in rejects:
            costs = [reject.costs.get(name) for name in columns.COSTS]
            facts = [reject.file, reject.line, reject.column, reject.value]
            writer.writerow(
                [*facts, reject.reason, reject.currency]
                + ["" if cost is None else f"{cost:f}" for cost in costs]
            )
            count += 1
    return count
