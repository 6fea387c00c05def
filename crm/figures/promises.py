"""Facts of commitments: each one's standing, and the portfolio's attainment against plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from crm.core.money import Money
from crm.figures.book import Book
from crm.figures.frame import Frame
from crm.rates.queries import RateMissingError
from deals.commitments import CommitmentStatus
from deals.drawdowns import months_later
from deals.queries.commitments import CommitmentStanding, standings

ZERO = Decimal(0)
SUMS = (
    "amount",
    "drawn",
    "drawn_before",
    "planned",
    "elapsed",
    "due_soon",
    "shortfall",
)


@dataclass(frozen=True, kw_only=True)
class Promises:
    """How the active commitments of some partners stand at T, by pace.

    :ivar rows: those furthest behind their plan first; without a plan last.
    :ivar drawn: of those in money, converted at T; `drawn_before` until the period began;
        `planned` what the plan has by now; `elapsed` the amounts times the part of their
        terms that is over.
    :ivar due_soon: not drawn yet of those that end within twelve months of T.
    :ivar missing: why there is no total in one currency: a rate is missing.
    """

    rows: Sequence[CommitmentStanding]
    amount: Decimal
    drawn: Decimal
    drawn_before: Decimal
    planned: Decimal
    elapsed: Decimal
    due_soon: Decimal
    shortfall: Decimal
    money_count: int
    rate_on: date | None
    missing: str

    @property
    def attainment(self) -> Decimal | None:
        """Drawn ÷ committed, of commitments in money."""
        return self._share(self.drawn)

    @property
    def attainment_before(self) -> Decimal | None:
        """The same when the period began, of the same commitments at the same rates."""
        return self._share(self.drawn_before)

    @property
    def planned_share(self) -> Decimal | None:
        """What the plan has by now ÷ committed."""
        return self._share(self.planned)

    @property
    def elapsed_share(self) -> Decimal | None:
        """Time elapsed of all of them, weighted by their amounts."""
        return self._share(self.elapsed)

    @property
    def backlog(self) -> Decimal:
        """Committed and not drawn yet."""
        return max(self.amount - self.drawn, ZERO)

    def _share(self, part: Decimal) -> Decimal | None:
        return None if self.missing or self.amount <= 0 else part / self.amount


def promises(frame: Frame, book: Book) -> Promises:
    """Read the commitments of a frame; a number of queries that does not depend on them."""
    at = datetime.combine(frame.today, time.min, tzinfo=UTC)
    found = standings(at=at, partner_ids=frame.partner_ids, mark=frame.first)
    active = [row for row in found.values() if _is_active(row, frame.today)]
    return _added_up(sorted(active, key=_by_pace), frame, book)


def _is_active(row: CommitmentStanding, today: date) -> bool:
    commitment = row.commitment
    if commitment.status not in {CommitmentStatus.ACTIVE, CommitmentStatus.SCHEDULED}:
        return False
    return commitment.start_on <= today <= commitment.end_on


def _by_pace(row: CommitmentStanding) -> tuple[bool, Decimal, int]:
    index = row.arithmetic.pace_index
    return index is None, index or ZERO, row.commitment.pk


def _added_up(rows: Sequence[CommitmentStanding], frame: Frame, book: Book) -> Promises:
    in_money = [row for row in rows if row.commitment.currency]
    sums = dict.fromkeys(SUMS, ZERO)
    used, missing = [], ""
    try:
        for row, rate, on in _rates(in_money, frame, book):
            if row.commitment.currency != frame.currency:
                used.append(on)
            for name, value in _amounts(row, frame.today).items():
                sums[name] += value * rate
    except RateMissingError as refusal:
        sums, missing = dict.fromkeys(sums, ZERO), str(refusal)
    return Promises(
        rows=rows,
        money_count=len(in_money),
        rate_on=max(used, default=None),
        missing=missing,
        **sums,
    )


def _amounts(row: CommitmentStanding, today: date) -> dict[str, Decimal]:
    amount, standing = row.promise.terms.amount, row.arithmetic
    drawn = min(standing.drawn, amount)
    is_soon = row.commitment.end_on <= months_later(today, 12)
    return {
        "amount": amount,
        "drawn": drawn,
        "drawn_before": min(row.drawn_before or ZERO, amount),
        "planned": standing.planned_share * amount,
        "elapsed": standing.time_elapsed * amount,
        "due_soon": amount - drawn if is_soon else ZERO,
        "shortfall": standing.projected_shortfall,
    }


def _rates(
    rows: Sequence[CommitmentStanding], frame: Frame, book: Book
) -> Iterable[tuple[CommitmentStanding, Decimal, date]]:
    """Return the rate of T of each.

    :raises RateMissingError: when one is missing.
    """
    if not rows:
        return
    converter = book.converter(
        {frame.currency, *(row.commitment.currency for row in rows)}
    )
    for row in rows:
        one = Money(Decimal(1), row.commitment.currency)
        converted = converter.convert(one, to=frame.currency, on=frame.today)
        yield row, converted.money.amount, converted.rate.rate_on
