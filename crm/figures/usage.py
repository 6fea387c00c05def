"""Facts of cloud usage: the portfolio by day and by partner, in one currency.

Each amount is converted at the rate of its charge day. A day whose rate is missing has no
amount at all: totals over it are refused, and the refusal names the pair of currencies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crm.core.money import Money
from crm.core.periods import Days
from crm.figures.frame import DAY, FOUR_WEEKS, YEAR, Frame, days_before, pairs
from crm.rates import queries as rates
from crm.rates.queries import Converter, RateMissingError
from partners.usage import queries as usage
from partners.usage.queries import Point, Scope, portfolio
from partners.usage.queries.portfolio import Used
from partners.usage.trends import Growth

WEEKS_SHOWN = 12
WEEK = 7
ACTIVE_DAYS = 3
"""On so many of the last seven days an active AI partner used AI."""

ZERO = Decimal(0)
MONEY = ("spend", "ai", "billed")
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
class UsageFacts:
    """Usage of all partners of a frame, by charge day.

    :ivar series: by measure (`spend`, `ai`, `billed`, `tokens_in`, `tokens_out`,
        `tokens`, `gpu_hours`); days without usage are not in it.
    :ivar complete: days whose data is all there.
    :ivar missing: day → why its amounts are unknown.
    """

    frame: Frame
    series: Mapping[str, Series]
    complete: frozenset[date]
    rates_on: Mapping[date, date] = field(default_factory=dict)
    missing: Mapping[date, str] = field(default_factory=dict)
    rates: Mapping[tuple[date, str], Decimal] = field(default_factory=dict)

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
        if measure in MONEY:
            refusal = next((self.missing[d] for d in chosen if d in self.missing), "")
            if refusal:
                return Amount(None, refusal=refusal)
        used = [self.rates_on[day] for day in chosen if day in self.rates_on]
        series = self.series[measure]
        return Amount(
            sum((series.get(day, ZERO) for day in chosen), ZERO),
            rate_on=max(used, default=None) if measure in MONEY else None,
        )

    def growth(self, measure: str, days: Iterable[date], *, back: int) -> Growth | None:
        """Compare days with those so many days earlier: only complete in both.

        :return: None when an exchange rate is missing on one of them.
        """
        chosen = list(days)
        paired = pairs(chosen, back=back, complete=self.complete)
        now = self.total(measure, paired).value
        before = self.total(measure, paired.values()).value
        if now is None or before is None:
            return None
        return Growth(now=now, before=before, days=len(paired), length=len(chosen))

    def period_growth(self, measure: str) -> Growth | None:
        """Compare the period with the one right before it."""
        return self.growth(measure, self.period, back=self.frame.length)

    def four_week_growth(self, measure: str) -> Growth | None:
        """Compare the trailing 28 days with the 28 before."""
        return self.growth(measure, self.four_weeks, back=FOUR_WEEKS)

    def year_growth(self, measure: str) -> Growth | None:
        """Compare the trailing 28 days with the same weekdays a year earlier."""
        return self.growth(measure, self.four_weeks, back=YEAR)

    def ai_share(self, days: Iterable[date]) -> Decimal | None:
        """Return the part of the spend that AI meters have; None over nothing."""
        chosen = list(days)
        spend = self.total("spend", chosen).value
        ai = self.total("ai", chosen).value
        return ai / spend if spend and ai is not None and spend > 0 else None

    def days_of_data(self) -> int:
        """Return for how many days of the period all data is there."""
        return sum(day in self.complete for day in self.period)

    def weeks(self) -> list[list[date]]:
        """Return the days of the last twelve weeks, week by week."""
        days = days_before(self.frame.after, WEEKS_SHOWN * WEEK)
        return [days[at : at + WEEK] for at in range(0, len(days), WEEK)]


def usage_facts(frame: Frame) -> UsageFacts:
    """Read the usage of a frame; costs four queries whatever the number of partners."""
    scope = Scope(partner_ids=frame.partner_ids)
    reach = max(WEEKS_SHOWN * WEEK, 2 * FOUR_WEEKS, 2 * frame.length)
    since = frame.after - reach * DAY
    year_until = frame.after - YEAR * DAY
    year_since = year_until - FOUR_WEEKS * DAY
    points = [
        *usage.daily_usage(scope, since=year_since, until=year_until),
        *usage.daily_usage(scope, since=since, until=frame.after),
    ]
    complete = usage.complete_days(
        frame.partner_ids, since=year_since, until=frame.after
    )
    currencies = {point.currency for point in points}
    converter = rates.converter(
        currencies={*currencies, frame.currency}, days=Days(year_since, frame.after)
    )
    return facts_of(frame, points, frozenset(complete), converter)


def facts_of(
    frame: Frame,
    points: Iterable[Point],
    complete: frozenset[date],
    converter: Converter,
) -> UsageFacts:
    """Convert and add up daily points; no database."""
    series: dict[str, Series] = {
        name: defaultdict(Decimal) for name in (*MONEY, *COUNTED)
    }
    rates_on: dict[date, date] = {}
    missing: dict[date, str] = {}
    used: dict[tuple[date, str], Decimal] = {}
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
    return UsageFacts(
        frame=frame,
        series={name: dict(values) for name, values in series.items()},
        complete=complete,
        rates_on=rates_on,
        missing=missing,
        rates=used,
    )


def _count(series: dict[str, Series], point: Point) -> None:
    series["tokens_in"][point.day] += point.tokens_in
    series["tokens_out"][point.day] += point.tokens_out
    series["tokens"][point.day] += point.tokens_in + point.tokens_out
    series["gpu_hours"][point.day] += point.gpu_hours


def _add_money(
    series: dict[str, Series], point: Point, currency: str, converter: Converter
) -> None:
    amounts = {"spend": point.effective, "ai": point.ai, "billed": point.billed}
    for name, amount in amounts.items():
        money = Money(amount, point.currency)
        converted = converter.convert(money, to=currency, on=point.day)
        series[name][point.day] += converted.money.amount


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

    def growth(self, *, now: str = "now", before: str = "before") -> Growth | None:
        """Return how the spend changed; None when a rate is missing."""
        later, earlier = self.spend(now), self.spend(before)
        if later is None or earlier is None:
            return None
        return Growth(now=later, before=earlier, days=1, length=1)

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


def windows_of(facts: UsageFacts) -> dict[str, list[date]]:
    """Return the sets of days in which partners are compared."""
    period = pairs(facts.period, back=facts.frame.length, complete=facts.complete)
    four = pairs(facts.four_weeks, back=FOUR_WEEKS, complete=facts.complete)
    year = pairs(facts.four_weeks, back=YEAR, complete=facts.complete)
    week = days_before(facts.frame.after, WEEK)
    return {
        "period": facts.period,
        "now": list(period),
        "before": list(period.values()),
        "four": list(four),
        "four_before": list(four.values()),
        "latest": facts.four_weeks,
        "year": list(year),
        "year_before": list(year.values()),
        "week": week,
        "week_before": [day - WEEK * DAY for day in week],
    }
