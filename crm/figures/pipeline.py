"""Facts of the pipeline: forecast of the quarter, coverage, win rate, velocity, accuracy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from crm.core.money import Money
from crm.core.periods import Quarter
from crm.figures.book import Book
from crm.figures.deal_weeks import Weeks, snapshots_of, weeks_of
from crm.figures.frame import DAY, Frame
from crm.figures.standing_deals import deals_at
from crm.figures.tempo import Tempo, tempo
from crm.rates.queries import Converter, RateMissingError
from deals import pipeline
from deals.pipeline import NOT_DECIDED, DealStage, ForecastCategory, ForecastLine
from deals.queries.track_record import trailing_year

QUARTERS_BACK = 4
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """One deal with its amount in the frame's currency; None while it has no amount.

    :ivar missing: why the amount is unknown, for want of an exchange rate.
    """

    pk: int
    title: str
    partner_id: int
    stage: DealStage
    category: ForecastCategory
    probability: int
    amount: Decimal | None
    monthly: Decimal | None
    target_close_on: date | None
    closed_on: date | None
    was_qualified: bool
    cycle_days: int | None
    missing: str = ""

    @property
    def is_open(self) -> bool:
        return self.stage in pipeline.OPEN

    @property
    def is_won(self) -> bool:
        return self.stage == DealStage.LAUNCHED


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """What the deals of some partners come to at the end of a frame.

    :ivar quarter: the quarter that the last day of the frame lies in.
    :ivar decided: won or lost in the trailing four quarters, qualified before.
    :ivar weeks: what the snapshots of some weeks said.
    :ivar is_kept: whether a snapshot says how open deals stood at T; else they are told
        as they stand today.
    :ivar rate_on: latest day of an exchange rate that was used.
    :ivar missing: why there is no total: a rate is missing; then amounts are None.
    """

    frame: Frame
    quarter: Quarter
    lines: Sequence[Line]
    decided: Sequence[Line]
    weeks: Weeks
    is_kept: bool
    rate_on: date | None
    missing: str

    @property
    def open(self) -> list[Line]:
        return [line for line in self.lines if line.is_open]

    @property
    def qualified(self) -> list[Line]:
        return [line for line in self.open if line.stage in pipeline.QUALIFIED_OR_LATER]

    @property
    def closing(self) -> list[Line]:
        """Open deals that are to close in the quarter."""
        return [line for line in self.open if self._in_quarter(line.target_close_on)]

    @property
    def won(self) -> list[Line]:
        """Deals won in the quarter."""
        return self.won_in(self.quarter)

    def won_in(self, quarter: Quarter) -> list[Line]:
        """Return the deals won in this quarter or one of the four before."""
        return [
            line
            for line in self.lines
            if line.is_won and line.closed_on is not None
            if line.closed_on in quarter.days
        ]

    @property
    def slipped(self) -> list[Line]:
        """Open deals that were to close in the quarter a week ago and are not now."""
        return [
            line
            for line in self.open
            if line.pk in self.weeks.closing_before
            and line.target_close_on is not None
            and line.target_close_on >= self.quarter.days.end
        ]

    def accuracy(self) -> Decimal | None:
        """Return 1 − |forecast of week 4 − actual| ÷ actual of the last quarter over."""
        actual = self.amount(self.won_in(self.weeks.judged))
        if actual is None or self.weeks.said is None:
            return None
        return pipeline.accuracy(forecast=self.weeks.said, actual=actual)

    def roll_up(self) -> pipeline.RollUp | None:
        """Return the forecast of the quarter; None when a rate is missing."""
        if self.missing:
            return None
        return pipeline.roll_up(
            ForecastLine(
                category=line.category,
                amount=line.amount or ZERO,
                probability=line.probability,
            )
            for line in (*self.closing, *self.won)
        )

    def amount(self, lines: Iterable[Line]) -> Decimal | None:
        """Return the sum of some deals; None when a rate is missing."""
        if self.missing:
            return None
        return sum((line.amount or ZERO for line in lines), ZERO)

    def annualised(self) -> Decimal | None:
        """Return the expected monthly spend of open deals × 12."""
        if self.missing:
            return None
        return 12 * sum((line.monthly or ZERO for line in self.open), ZERO)

    def coverage(self, target: Decimal | None) -> Decimal | None:
        """Return qualified pipeline closing in the quarter ÷ what the target still lacks."""
        ready = [line for line in self.closing if line.stage != DealStage.PROSPECT]
        qualified, won = self.amount(ready), self.amount(self.won)
        if target is None or qualified is None or won is None:
            return None
        return pipeline.coverage(qualified_open=qualified, target=target, won=won)

    def win_counts(self) -> tuple[int, int]:
        """Return won and lost among the deals decided in the trailing four quarters."""
        won = sum(line.is_won for line in self.decided)
        return won, len(self.decided) - won

    def win_rate(self) -> Decimal | None:
        won, lost = self.win_counts()
        return pipeline.win_rate(won=won, lost=lost)

    def win_rate_by_value(self) -> Decimal | None:
        """Return won ÷ decided by amount; None when a rate is missing."""
        won = self.amount(line for line in self.decided if line.is_won)
        every = self.amount(self.decided)
        return won / every if won is not None and every else None

    def cycle(self) -> Tempo:
        """Return the median days from beginning to winning."""
        return cycle_of(self.decided)

    def velocity(self) -> Decimal | None:
        """Return what the pipeline yields a day; None without wins or rates."""
        amounts = [line.amount for line in self.decided if line.is_won and line.amount]
        rate, cycle = self.win_rate(), self.cycle().days
        if self.missing or rate is None or not amounts or not cycle:
            return None
        return pipeline.velocity(
            open_deals=len(self.qualified),
            win_rate=rate,
            median_amount=median(amounts),
            median_cycle_days=Decimal(str(cycle)),
        )

    def _in_quarter(self, on: date | None) -> bool:
        return on is not None and on in self.quarter.days


def cycle_of(lines: Iterable[Line]) -> Tempo:
    """Return the median days from beginning to winning, of those that were won."""
    return tempo(
        line.cycle_days for line in lines if line.is_won and line.cycle_days is not None
    )


def pipeline_facts(frame: Frame, book: Book) -> Pipeline:
    """Read the deals of a frame as they stood at T; two queries and rates."""
    quarter = Quarter.of(frame.after - DAY)
    since = quarter.shifted(-QUARTERS_BACK).days.start
    snapshots = snapshots_of(frame, quarter)
    rows = deals_at(frame, since=since, snapshots=snapshots.now)
    currencies = {row["currency"] for row in rows} | {frame.currency}
    converter = book.converter(currencies)
    used: list[date] = []
    lines = [_line(row, frame, converter, used) for row in rows]
    year = trailing_year(frame.cut_off.astimezone(frame.zone))
    return Pipeline(
        frame=frame,
        quarter=quarter,
        lines=lines,
        decided=[
            line
            for line, row in zip(lines, rows, strict=True)
            if not line.is_open
            and line.was_qualified
            and line.closed_on is not None
            and line.closed_on >= year.start
            and row["lost_reason"] not in NOT_DECIDED
        ],
        weeks=weeks_of(frame, snapshots, converter),
        is_kept=bool(snapshots.now),
        rate_on=max(used, default=None),
        missing=next((line.missing for line in lines if line.missing), ""),
    )


def _line(
    row: dict[str, Any],
    frame: Frame,
    converter: Converter,
    used: list[date],
) -> Line:
    began = row["began_at"].date() if row["began_at"] else None
    closed = row["closed_on"]
    on = closed or frame.today
    missing, amount, monthly = "", row["amount"], row["monthly_spend"]
    if row["currency"] != frame.currency and (amount or monthly):
        try:
            rate = converter.rate_at(row["currency"], frame.currency, on=on)
        except RateMissingError as refusal:
            missing, amount, monthly = str(refusal), None, None
        else:
            used.append(rate.rate_on)
            amount = _converted(amount, row, frame, converter, on)
            monthly = _converted(monthly, row, frame, converter, on)
    return Line(
        pk=row["pk"],
        title=row["title"],
        partner_id=row["partner_id"],
        stage=DealStage(row["stage"]),
        category=ForecastCategory(row["category"]),
        probability=row["probability"],
        amount=amount,
        monthly=monthly,
        target_close_on=row["target_close_on"],
        closed_on=closed,
        was_qualified=row["was_qualified"],
        cycle_days=max((closed - began).days, 1) if closed and began else None,
        missing=missing,
    )


def _converted(
    amount: Decimal | None,
    row: dict[str, Any],
    frame: Frame,
    converter: Converter,
    on: date,
) -> Decimal | None:
    if amount is None:
        return None
    money = Money(amount, row["currency"])
    return converter.convert(money, to=frame.currency, on=on).money.amount
