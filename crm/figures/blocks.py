"""Subject: what the body of a report is made of, as plain JSON.

A section is a list of blocks; a block is figures, a table, a chart, moves or a text.
Each number keeps its kind, so that mail, PDF, sheet and page write it in the reader's
way. Amounts are texts: floats are refused, because their digits depend on the machine.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict

Tone = Literal["good", "bad", "plain"]
Align = Literal["left", "right"]
ChartKind = Literal["lines", "bars", "stacked"]


class Value(TypedDict):
    """One thing that is shown.

    `kind` is text, count, large, number, ratio, points, money, date, days, new or
    unknown.
    `n` is the number of cases behind a rate; `rate_on` the day of an exchange rate;
    `days` how many days were compared, as 5/7.
    """

    kind: str
    value: NotRequired[str | int]
    currency: NotRequired[str]
    url: NotRequired[str]
    n: NotRequired[int]
    rate_on: NotRequired[str]
    days: NotRequired[str]


class Change(TypedDict):
    """How a figure moved: a ratio, points, a difference, or `new` where nothing was."""

    value: Value
    tone: Tone
    against: str


class Figure(TypedDict):
    """One headline number; `code` names it for machines, `url` leads to its list."""

    label: str
    value: Value
    code: NotRequired[str]
    change: NotRequired[Change]
    target: NotRequired[Value]
    note: NotRequired[str]
    url: NotRequired[str]


class Column(TypedDict):
    """One column of a table; `align` is left or right."""

    label: str
    align: Align


class Series(TypedDict):
    """One line, or the bars of one colour; None where nothing is known."""

    label: str
    values: list[str | None]


class Move(TypedDict):
    """One thing that happened, with what proves it."""

    title: str
    text: str
    tone: Tone
    url: NotRequired[str]
    evidence: NotRequired[list[str]]


class Block(TypedDict):
    """One block; which fields it has depends on `block`."""

    block: Literal["figures", "table", "chart", "moves", "text"]
    title: NotRequired[str]
    figures: NotRequired[list[Figure]]
    columns: NotRequired[list[Column]]
    rows: NotRequired[list[list[Value]]]
    total_count: NotRequired[int]
    chart: NotRequired[ChartKind]
    labels: NotRequired[list[str]]
    series: NotRequired[list[Series]]
    unit: NotRequired[str]
    sentence: NotRequired[str]
    moves: NotRequired[list[Move]]
    empty: NotRequired[str]
    text: NotRequired[str]


class Section(TypedDict):
    """One part of the report."""

    name: str
    title: str
    blocks: list[Block]


def text(value: str, *, url: str = "") -> Value:
    """Return words, with a link when there is one."""
    made = Value(kind="text", value=value)
    if url:
        made["url"] = url
    return made


def count(value: int) -> Value:
    """Return a whole number of things."""
    return Value(kind="count", value=value)


def large(value: Decimal) -> Value:
    """Return a number that is written short, as 12.8 bn; sheets have all its digits."""
    return Value(kind="large", value=f"{value.normalize():f}")


def number(value: Decimal) -> Value:
    """Return a decimal number without unit."""
    return Value(kind="number", value=str(value))


def number_of(value: int) -> Value:
    """Return a difference between two counts."""
    return Value(kind="number", value=value)


def ratio(value: Decimal | None, *, n: int | None = None) -> Value:
    """Return a share or a growth; 1 is 100 %.

    :param value: None when it cannot be known.
    :param n: how many cases are behind it.
    """
    made = unknown() if value is None else Value(kind="ratio", value=str(value))
    if n is not None:
        made["n"] = n
    return made


def exact_ratio(some: int, every: int) -> Decimal:
    """Return some of all with six digits."""
    return round(Decimal(some) / every, 6)


def points(value: Decimal) -> Value:
    """Return a difference between two shares; 0.01 is one percentage point."""
    return Value(kind="points", value=str(value))


def money(amount: Decimal, currency: str, *, rate_on: date | None = None) -> Value:
    """Return an amount; `rate_on` is the day of the rate it was converted with."""
    made = Value(kind="money", value=str(amount), currency=currency)
    if rate_on is not None:
        made["rate_on"] = rate_on.isoformat()
    return made


def day(value: date) -> Value:
    """Return a calendar day."""
    return Value(kind="date", value=value.isoformat())


def days(value: int) -> Value:
    """Return a number of days."""
    return Value(kind="days", value=value)


def unknown() -> Value:
    """Return what is shown where no number can be given."""
    return Value(kind="unknown")


def growth(now: Decimal, earlier: Decimal | None, *, currency: str = "") -> Value:
    """Return (now − earlier) ÷ earlier; growth over nothing is `new`, never 0 or ∞.

    What is new carries the absolute change, in the currency if there is one.
    """
    if earlier is None or earlier <= 0:
        if now <= 0:
            return unknown()
        difference = round(now - (earlier or 0), 2).normalize()
        made = Value(kind="new", value=f"{difference:f}")
        if currency:
            made["currency"] = currency
        return made
    return Value(kind="ratio", value=str(round((now - earlier) / earlier, 6)))


def change(value: Value, *, against: str, more_is_good: bool = True) -> Change:
    """Return a change with its tone.

    :param against: the words for what it is compared with, for example "last week".
    """
    amount = Decimal(str(value.get("value", 0)))
    tone: Tone = "plain"
    if value["kind"] != "new" and amount != 0:
        tone = "good" if (amount > 0) is more_is_good else "bad"
    return Change(value=value, tone=tone, against=against)


def figures(items: Sequence[Figure], *, title: str = "") -> Block:
    """Return headline numbers."""
    return Block(block="figures", title=title, figures=list(items))


def table(
    columns: Iterable[tuple[str, Align]],
    rows: Sequence[Sequence[Value]],
    *,
    title: str,
    total_count: int,
    empty: str,
) -> Block:
    """Return a table.

    :param total_count: how many rows there are in all; the block may hold fewer.
    :param empty: what to say when there are none.
    """
    return Block(
        block="table",
        title=title,
        columns=[Column(label=label, align=align) for label, align in columns],
        rows=[list(row) for row in rows],
        total_count=total_count,
        empty=empty,
    )


def chart(
    kind: ChartKind,
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[Decimal | int | None]]],
    unit: str,
    sentence: str,
) -> Block:
    """Return a chart.

    :param labels: one per point, at equal distances.
    :param unit: ratio, count or a currency code; how the axis is written.
    :param sentence: what the chart says, for those who do not see it.
    """
    return Block(
        block="chart",
        chart=kind,
        title=title,
        labels=list(labels),
        series=[
            Series(label=label, values=[_plain(value) for value in values])
            for label, values in series
        ],
        unit=unit,
        sentence=sentence,
    )


def moves(items: Sequence[Move], *, title: str, empty: str) -> Block:
    """Return what happened; `empty` is what to say when nothing did."""
    return Block(block="moves", title=title, moves=list(items), empty=empty)


def paragraph(words: str, *, title: str = "") -> Block:
    """Return a text."""
    return Block(block="text", title=title, text=words)


def _plain(value: Decimal | int | None) -> str | None:
    return None if value is None else str(value)
