"""What the cells of an export of opportunities mean; no database.

Numbers and dates of other countries are read where only one reading is possible, and
refused where two are: a guess would move an amount by a thousand, or a quarter.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from deals.pipeline import DealType, LostReason, WonReason
from deals.sheet_columns import DATES, DAY_FIRST, MONTH_FIRST, Columns
from partners import names
from partners.cells import CellFaultError, CellNoteError, Problem, ReadRow
from partners.names import normalise
from partners.sheets import Row, Sheet

Reader = Callable[[str], Any]

TYPES: Mapping[str, DealType] = {
    "new business": DealType.NET_NEW,
    "newbusiness": DealType.NET_NEW,
    "new customer": DealType.NET_NEW,
    "net new": DealType.NET_NEW,
    "existing business": DealType.EXPANSION,
    "existingbusiness": DealType.EXPANSION,
    "existing customer upgrade": DealType.EXPANSION,
    "upsell": DealType.EXPANSION,
    "existing customer replacement": DealType.RENEWAL,
    "existing customer downgrade": DealType.RENEWAL,
    "renewal": DealType.RENEWAL,
}
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[ ,T].*)?")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T].*)?")
YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?")
MOST_MONEY = Decimal(10) ** 18


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """What names in a sheet refer to here: stages, and ids of people."""

    stages: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)


def read_rows(*, sheet: Sheet, columns: Columns, meanings: Meanings) -> list[ReadRow]:
    """Read every row by its column mapping; what cannot be read is named with its column."""
    readers: dict[str, Reader] = {
        **READERS,
        "stage": partial(_stage, meanings.stages),
        "owner": partial(_person, meanings.people),
    }
    for position, name in columns.fields.items():
        if name in DATES:
            cells = [row.cells[position] for row in sheet.rows]
            readers[name] = partial(_date, _order(name, cells))
    return [_read_row(row, sheet, columns, readers) for row in sheet.rows]


def _read_row(
    row: Row, sheet: Sheet, columns: Columns, readers: Mapping[str, Reader]
) -> ReadRow:
    values: dict[str, Any] = {}
    problems = []
    for position, name in columns.fields.items():
        text = row.cells[position].strip()
        if not text:
            continue
        key = "close_date" if name in DATES else name
        try:
            values[key] = readers.get(name, _text)(text)
        except (CellFaultError, CellNoteError) as error:
            problems.append(
                Problem(
                    column=position + 1,
                    heading=sheet.headings[position],
                    text=str(error),
                    is_fault=isinstance(error, CellFaultError),
                )
            )
    return ReadRow(line=row.line, values=values, problems=problems)


def salesforce_id(text: str) -> str:
    """Return the id in its form of 18 characters, in which case does not matter.

    Reports give 15 characters, in which it does; the rest is a checksum of the capitals.
    """
    if not re.fullmatch(r"[A-Za-z0-9]{15}", text):
        return text
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    ends = ""
    for start in (0, 5, 10):
        block = text[start : start + 5]
        ends += letters[sum(1 << at for at, c in enumerate(block) if "A" <= c <= "Z")]
    return text + ends


def _text(text: str, *, most: int = 250) -> str:
    if len(text) > most:
        raise CellFaultError(_("longer than %(most)d characters") % {"most": most})
    return text


def _stage(stages: Mapping[str, str], text: str) -> str:
    found = stages.get(normalise(text))
    if found is None:
        raise CellFaultError(
            _("“%(text)s” means none of the seven stages; say so in “Stage names”")
            % {"text": text}
        )
    return found


def _person(people: Mapping[str, int], text: str) -> int:
    found = people.get(normalise(text))
    if found is None:
        raise CellNoteError(
            _("nobody here is called “%(text)s”; left out") % {"text": text}
        )
    return found


def _domain(text: str) -> str:
    try:
        return names.domain(text)
    except names.DomainNameError:
        raise CellNoteError(
            _("“%(text)s” is no internet domain of one company; left out")
            % {"text": text}
        ) from None


def _first(text: str) -> str:
    return _text(re.split(r"[;,|\s]", text)[0], most=120)


def _type(text: str) -> str:
    normal = normalise(text)
    for choice in DealType:
        if normal in {normalise(choice.value), normalise(str(choice.label))}:
            return choice.value
    if normal not in TYPES:
        raise CellNoteError(
            _("“%(text)s” is not one of the choices; left out") % {"text": text}
        )
    return TYPES[normal].value


def _reason(reasons: type[WonReason | LostReason], text: str) -> dict[str, str]:
    """Return our reason, and the text itself where it says more than that."""
    normal = normalise(text)
    for choice in reasons:
        if normal in {normalise(choice.value), normalise(str(choice.label))}:
            return {"reason": choice.value, "note": ""}
    return {"reason": "other", "note": text}


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", text):
        raise CellFaultError(_("“%(text)s” is no currency code") % {"text": text})
    return text.upper()


def _months(text: str) -> int:
    found = re.fullmatch(r"(\d{1,3})(\.0+)?( months?| 个?月)?", text.lower())
    if found is None or not 1 <= int(found[1]) <= 144:
        raise CellFaultError(_("a contract lasts 1 to 144 months"))
    return int(found[1])


def money(text: str) -> Decimal:
    """Return an amount written in any usual way.

    :raises CellFaultError: when it is none, or when its one sign may part thousands as
        well as decimals.
    """
    bare = re.sub(r"^[A-Za-z]{3}\s*|\s*[A-Za-z]{3}$|[\s\u00a0\u202f'’$€£¥￥]", "", text)
    if not re.fullmatch(r"\d[\d.,]*", bare):
        raise CellFaultError(_("“%(text)s” is no amount") % {"text": text})
    try:
        number = Decimal(_with_point(bare, text))
    except InvalidOperation:
        raise CellFaultError(_("“%(text)s” is no amount") % {"text": text}) from None
    if number >= MOST_MONEY:
        raise CellFaultError(_("“%(text)s” is too much") % {"text": text})
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _with_point(bare: str, text: str) -> str:
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        last = max(".,", key=bare.rfind)
        other = "," if last == "." else "."
        if bare.count(last) > 1:
            raise CellFaultError(_("“%(text)s” is no amount") % {"text": text})
        return bare.replace(other, "").replace(last, ".")
    sign = "." if points else ","
    if points + commas != 1:
        return bare.replace(sign, "")
    before, _sign, after = bare.partition(sign)
    if len(after) == 3 and 1 <= len(before) <= 3 and before != "0":
        raise CellFaultError(
            _("“%(text)s” can be read in two ways; write it without thousands signs")
            % {"text": text}
        )
    return f"{before}.{after}"


def _order(name: str, cells: Iterable[str]) -> str:
    """Tell what stands first in the slashed dates of a column, as far as one can."""
    if name != "close_date":
        return name
    found = [m for cell in cells if (m := SLASHED.fullmatch(cell.strip()))]
    is_day = any(int(m[1]) > 12 for m in found)
    is_month = any(int(m[2]) > 12 for m in found)
    if is_day == is_month:
        return ""
    return DAY_FIRST if is_day else MONTH_FIRST


def _date(order: str, text: str) -> date:
    try:
        if found := YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := DOTTED.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := SLASHED.fullmatch(text):
            return _slashed(order, int(found[1]), int(found[2]), int(found[3]), text)
    except ValueError as error:
        if isinstance(error, CellFaultError):
            raise
    raise CellFaultError(_("“%(text)s” is no date") % {"text": text})


def _slashed(order: str, first: int, second: int, year: int, text: str) -> date:
    if order == MONTH_FIRST or first == second:
        return date(year, first, second)
    if order == DAY_FIRST:
        return date(year, second, first)
    raise CellFaultError(
        _(
            "“%(text)s”: day and month can be exchanged; say for the column which is first"
        )
        % {"text": text}
    )


READERS: Mapping[str, Reader] = {
    "external_id": partial(_text, most=120),
    "title": partial(_text, most=200),
    "amount": money,
    "monthly_spend": money,
    "currency": _currency,
    "contract_months": _months,
    "deal_type": _type,
    "partner_domain": _domain,
    "partner_external_id": _first,
    "use_case": partial(_text, most=10_000),
    "won_reason": partial(_reason, WonReason),
    "lost_reason": partial(_reason, LostReason),
    "competitor": partial(_text, most=120),
}
