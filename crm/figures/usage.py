"""Facts of cloud usage: the portfolio by day and by partner, in one currency.

Each amount is converted at the rate of its charge day. A day whose rate is missing has no
amount at all: totals over it are refused, and the refusal names the pair of currencies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crm.core.money import Money
from crm.core.periods import Days
from crm.figures.book import Book
from crm.figures.frame import DAY, FOUR_WEEKS, YEAR, Frame, days_before, pairs
from crm.rates.queries import Converter, RateMissingError
from partners.usage import queries as usage
from partners.usage.queries import Dimension, Point, Scope, portfolio
from partners.usage.queries.portfolio import Reach, Used

WEEKS_SHOWN = 12
WEEK = 7
ACTIVE_DAYS = 3
"""On so many of the last seven days an active AI partner used AI."""

ZERO = Decimal(0)
MONEY = ("spend", "ai", "billed", "constant")
DATED = ("spend", "ai", "billed")
COUNTED = ("tokens_in", "tokens_out", "tokens", "gpu_hours")
Series = dict[date, Decimal]


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum, or why there is none.

    :ivar rate_on: latest day of the rates that were used; None when none was needed.
    """

    value: Decimal | None
    rate_on: date | None = None
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A sum beside an earlier one, of days that are complete in both periods.

    Each source takes part with its own days: one that is late neither hides the others
    nor reads as a drop.

    :ivar days: of the source that has most; `length` is how many were asked for.
    :ivar behind: sources that have fewer days than asked for, with how many.
    """

    now: Decimal
    before: Decimal
    days: int
    length: int
    behind: tuple[tuple[str, int], ...] = ()

    @property
    def change(self) -> Decimal:
        return self.now - self.before

    @property
    def ratio(self) -> Decimal | None:
        if self.before <= 0 or self.days == 0:
            return None
        return self.change / self.before

    @property
    def is_whole(self) -> bool:
        return self.days == self.length and not self.behind


@dataclass(frozen=True, kw_only=True)
class UsageFacts:
    """Usage of all partners of a frame, by charge day.

    :ivar series: by measure (`spend`, `ai`, `billed`, `tokens_in`, `tokens_out`,
        `tokens`, `gpu_hours`) and source; days without usage are not in it. `constant`
        is spend of all days at the rate of the last one.
    :ivar complete: by source the days whose data is all there; names its name.
    :ivar missing: day → why its amounts are unknown.
    """

    frame: Frame
    series: Mapping[str, Mapping[int, Series]]
    complete: Mapping[int, frozenset[date]]
    names: Mapping[int, str] = field(default_factory=dict)
    rates_on: Mapping[date, date] = field(default_factory=dict)
    missing: Mapping[date, str] = field(default_factory=dict)
    rates: Mapping[tuple[date, str], Decimal] = field(default_factory=dict)
    constant_missing: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no usage at all in the weeks looked at."""
        return not any(self.series.values()) and not self.missing

    @property
    def period(self) -> list[date]:
        """The days of the frame, in order."""
        return days_before(self.frame.after, self.frame.length)

    @property
    def four_weeks(self) -> list[date]:
        """The last 28 days of the frame."""
        return days_before(self.frame.after, FOUR_WEEKS)

    def total(self, measure: str, days: Iterable[date]) -> Amount:
        """Return the sum of a measure over some days, late ones as far as they came."""
        chosen = list(days)
        refusal = self._refusal(measure, chosen)
        if refusal:
            return Amount(None, refusal=refusal)
        used = [self.rates_on[day] for day in chosen if day in self.rates_on]
        return Amount(
            sum((self._sum(measure, s, chosen) for s in self.series[measure]), ZERO),
            rate_on=max(used, default=None) if measure in DATED else None,
        )

    def compared(
        self, measure: str, days: Iterable[date], *, back: int
    ) -> Compared | None:
        """Compare days with those so many days earlier: only complete in both.

        :return: None when an exchange rate is missing on one of them.
        """
        chosen = list(days)
        paired = {
            source: pairs(chosen, back=back, complete=complete)
            for source, complete in self.complete.items()
        }
        used = {
            day for both in paired.values() for pair in both.items() for day in pair
        }
        if self._refusal(measure, used):
            return None
        counts = {source: len(both) for source, both in paired.items()}
        return Compared(
            now=sum((self._sum(measure, s, both) for s, both in paired.items()), ZERO),
            before=sum(
                (self._sum(measure, s, both.values()) for s, both in paired.items()),
                ZERO,
            ),
            days=max(counts.values(), default=0),
            length=len(chosen),
            behind=tuple(
                (self.names.get(source, ""), count)
                for source, count in counts.items()
                if count < len(chosen)
            ),
        )

    def period_growth(self, measure: str) -> Compared | None:
        """Compare the period with the one right before it."""
        return self.compared(measure, self.period, back=self.frame.length)

    def four_week_growth(self, measure: str) -> Compared | None:
        """Compare the trailing 28 days with the 28 before."""
        return self.compared(measure, self.four_weeks, back=FOUR_WEEKS)

    def year_growth(self, measure: str) -> Compared | None:
        """Compare the trailing 28 days with the same weekdays a year earlier."""
        return self.compared(measure, self.four_weeks, back=YEAR)

    def ai_share(self, days: Iterable[date]) -> Decimal | None:
        """Return the part of the spend that AI meters have; None over nothing."""
        chosen = list(days)
        return share_of(
            self.total("ai", chosen).value, self.total("spend", chosen).value
        )

    def ai_share_change(self, *, back: int) -> Decimal | None:
        """Return by how much the AI share of the period moved, over paired days."""
        spend = self.compared("spend", self.period, back=back)
        ai = self.compared("ai", self.period, back=back)
        if spend is None or ai is None:
            return None
        now = share_of(ai.now, spend.now)
        before = share_of(ai.before, spend.before)
        return None if now is None or before is None else now - before

    def weeks(self) -> list[list[date]]:
        """Return the days of the last twelve weeks, week by week."""
        days = days_before(self.frame.after, WEEKS_SHOWN * WEEK)
        return [days[at : at + WEEK] for at in range(0, len(days), WEEK)]

    def is_known(self, days: Iterable[date]) -> bool:
        """Tell whether any source has data of any of the days."""
        chosen = set(days)
        return any(not chosen.isdisjoint(days) for days in self.complete.values())

    def _sum(self, measure: str, source: int, days: Iterable[date]) -> Decimal:
        series = self.series[measure].get(source, {})
        return sum((series.get(day, ZERO) for day in days), ZERO)

    def _refusal(self, measure: str, days: Iterable[date]) -> str:
        if measure not in MONEY:
            return ""
        if measure == "constant" and self.constant_missing:
            return self.constant_missing
        return next((self.missing[day] for day in days if day in self.missing), "")


def share_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return a part of a whole; None over nothing or of what is not known."""
    return part / whole if whole and whole > 0 and part is not None else None


def usage_facts(frame: Frame, book: Book, sources: Sequence[Reach]) -> UsageFacts:
    """Read the usage of a frame; one query and rates, whatever the number of partners.

    :param sources: how far each source goes.
    """
    scope = Scope(partner_ids=frame.partner_ids)
    reach = max(WEEKS_SHOWN * WEEK, 2 * FOUR_WEEKS, 2 * frame.length)
    since = frame.after - reach * DAY
    year_until = frame.after - YEAR * DAY
    year_since = year_until - FOUR_WEEKS * DAY
    points = usage.daily_usage(
        scope,
        since=since,
        until=frame.after,
        by=Dimension.SOURCE,
        besides=Days(year_since, year_until),
    )
    currencies = {point.currency for point in points}
    converter = book.converter({*currencies, frame.currency})
    return facts_of(frame, points, sources, converter)


def facts_of(
    frame: Frame,
    points: Iterable[Point],
    sources: Sequence[Reach],
    converter: Converter,
) -> UsageFacts:
    """Convert and add up daily points, each with its source as key; no database."""
    series: dict[str, dict[int, Series]] = {
        name: defaultdict(lambda: defaultdict(Decimal)) for name in (*MONEY, *COUNTED)
    }
    rates_on: dict[date, date] = {}
    missing: dict[date, str] = {}
    used: dict[tuple[date, str], Decimal] = {}
    constant = Constant(frame, converter, series["constant"])
    for point in points:
        _count(series, point)
        try:
            rate = converter.rate_at(point.currency, frame.currency, on=point.day)
        except RateMissingError as refusal:
            missing[point.day] = str(refusal)
            continue
        used[point.day, point.currency] = rate.number
        if point.currency != frame.currency:
            rates_on[point.day] = min(
                rate.rate_on, rates_on.get(point.day, rate.rate_on)
            )
        _add_money(series, point, frame.currency, converter)
        constant.add(point)
    return UsageFacts(
        frame=frame,
        series={name: dict(values) for name, values in series.items()},
        complete={each.source_id: reached(each) for each in sources},
        names={each.source_id: each.source for each in sources},
        rates_on=rates_on,
        missing=missing,
        rates=used,
        constant_missing=constant.missing,
    )


@dataclass
class Constant:
    """Adds spend up at the rates of the last day, so that no rate moves it."""

    frame: Frame
    converter: Converter
    series: dict[int, Series]
    missing: str = ""

    def add(self, point: Point) -> None:
        """Add one point; the first missing rate refuses all of them."""
        on = self.frame.today - DAY
        try:
            rate = self.converter.rate_at(point.currency, self.frame.currency, on=on)
        except RateMissingError as refusal:
            self.missing = self.missing or str(refusal)
            return
        self.series[int(point.key)][point.day] += point.effective * rate.number


def reached(source: Reach) -> frozenset[date]:
    """Return the days of a source whose data is all there."""
    if source.first_day is None or source.latest_day is None:
        return frozenset()
    length = (source.latest_day - source.first_day).days + 1
    return frozenset(days_before(source.latest_day + DAY, length))


def _count(series: dict[str, dict[int, Series]], point: Point) -> None:
    source, day = int(point.key), point.day
    series["tokens_in"][source][day] += point.tokens_in
    series["tokens_out"][source][day] += point.tokens_out
    series["tokens"][source][day] += point.tokens_in + point.tokens_out
    series["gpu_hours"][source][day] += point.gpu_hours


def _add_money(
    series: dict[str, dict[int, Series]],
    point: Point,
    currency: str,
    converter: Converter,
) -> None:
    amounts = {"spend": point.effective, "ai": point.ai, "billed": point.billed}
    for name, amount in amounts.items():
        money = Money(amount, point.currency)
        converted = converter.convert(money, to=currency, on=point.day)
        series[name][int(point.key)][point.day] += converted.money.amount


@dataclass(frozen=True, kw_only=True)
class PartnerUse:
    """What one partner used in the windows of a frame, in its currency.

    Pairs of windows hold only days that are complete in both of them.
    """

    partner_id: int
    windows: Mapping[str, Used]

    def spend(self, window: str) -> Decimal | None:
        """Return the spend; nothing used is zero, None a missing rate."""
        found = self.windows.get(window)
        return ZERO if found is None else found.spend

    def growth(self, *, now: str = "now", before: str = "before") -> Compared | None:
        """Return how the spend changed; None when a rate is missing."""
        later, earlier = self.spend(now), self.spend(before)
        if later is None or earlier is None:
            return None
        return Compared(now=later, before=earlier, days=1, length=1)

    def is_active(self, window: str = "week") -> bool:
        """Tell whether it used AI on at least three of seven days."""
        found = self.windows.get(window)
        return found is not None and found.ai_days >= ACTIVE_DAYS


def partner_use(facts: UsageFacts) -> dict[int, PartnerUse]:
    """Return the use of each partner that used something; costs one query."""
    rows = portfolio.used_by_partner(
        partner_ids=facts.frame.partner_ids,
        windows=windows_of(facts),
        rates=facts.rates,
    )
    found: dict[int, dict[str, Used]] = defaultdict(dict)
    for row in rows:
        found[row.partner_id][row.window] = row
    return {
        partner: PartnerUse(partner_id=partner, windows=windows)
        for partner, windows in found.items()
    }


def windows_of(facts: UsageFacts) -> dict[str, dict[int, list[date]]]:
    """Return the sets of days in which partners are compared, source by source."""
    week = days_before(facts.frame.after, WEEK)
    whole = {
        "period": facts.period,
        "latest": facts.four_weeks,
        "week": week,
        "week_before": [day - WEEK * DAY for day in week],
    }
    windows: dict[str, dict[int, list[date]]] = {
        name: dict.fromkeys(facts.complete, days) for name, days in whole.items()
    }
    spans = {
        ("now", "before"): (facts.period, facts.frame.length),
        ("four", "four_before"): (facts.four_weeks, FOUR_WEEKS),
        ("year", "year_before"): (facts.four_weeks, YEAR),
    }
    for (later, earlier), (days, back) in spans.items():
        paired = {
            source: pairs(days, back=back, complete=complete)
            for source, complete in facts.complete.items()
        }
        windows[later] = {source: list(both) for source, both in paired.items()}
        windows[earlier] = {
            source: list(both.values()) for source, both in paired.items()
        }
    return windows
