"""Facts of retention: what each partner spent in the last two years, where data goes so far."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from crm.core.periods import Days
from crm.figures.frame import DAY, FOUR_WEEKS, days_before
from crm.figures.retention import Kept
from crm.figures.usage import UsageFacts
from crm.rates import queries as rates
from crm.rates.queries import RateMissingError
from deals.drawdowns import months_later
from partners.usage import queries as usage
from partners.usage.queries import portfolio

ZERO = Decimal(0)
MONTHS = 24


def two_years(facts: UsageFacts) -> list[Kept] | None:
    """Return the cohort: partners with spend in the first of the 24 months before T.

    Costs three queries, none while no source goes back so far.

    :return: None where the data does not reach back 24 months, or a rate is missing.
    """
    frame = facts.frame
    start = months_later(frame.after, -MONTHS)
    if not any(start in days for days in facts.complete.values()):
        return None
    first, middle = months_later(start, 1), months_later(start, MONTHS // 2)
    spans = {
        "cohort": _days(start, first),
        "earlier": _days(start, middle),
        "later": _days(middle, frame.after),
        "latest": days_before(frame.after, FOUR_WEEKS),
    }
    rows = portfolio.used_by_partner(
        partner_ids=frame.partner_ids,
        windows={
            name: dict.fromkeys(facts.complete, days) for name, days in spans.items()
        },
        rates=_rates(facts, start),
    )
    spent: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for row in rows:
        if row.spend is None:
            return None
        spent[row.partner_id][row.window] = row.spend
    return [
        Kept(
            earlier=each.get("earlier", ZERO),
            later=each.get("later", ZERO),
            latest=each.get("latest", ZERO),
        )
        for _partner, each in sorted(spent.items())
        if each.get("cohort", ZERO) > 0
    ]


def _days(start: date, after: date) -> list[date]:
    return days_before(after, (after - start).days)


def _rates(facts: UsageFacts, start: date) -> dict[tuple[date, str], Decimal]:
    """Return what every currency of these partners was worth on each of the days."""
    frame = facts.frame
    months = usage.monthly_spend(
        since=start.replace(day=1), until=frame.after, partner_ids=frame.partner_ids
    )
    currencies = {row.currency for row in months}
    converter = rates.converter(
        currencies={*currencies, frame.currency}, days=Days(start, frame.after)
    )
    found: dict[tuple[date, str], Decimal] = {}
    day = start
    while day < frame.after:
        for currency in currencies:
            try:
                rate = converter.rate_at(currency, frame.currency, on=day)
            except RateMissingError:
                continue
            found[day, currency] = rate.number
        day += DAY
    return found
