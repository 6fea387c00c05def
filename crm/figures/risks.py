"""Facts of risk: cooperations that a rule holds, and the spend that hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crm.core.money import Money
from crm.figures.book import Book
from crm.figures.frame import DAY, Frame
from crm.rates.queries import RateMissingError
from crm.watch.queries.at_risk import AtRisk, at_risk_then

NIGHT = timedelta(days=1)
"""What a period comes to is looked at in the night after it."""


@dataclass(frozen=True, kw_only=True)
class Risks:
    """Who is at risk: now, or for a past period as was found in the night after it.

    :ivar count_before: how many cooperations were when the period began.
    :ivar spend: trailing 28-day spend × 13 of those whose usage can be told, in the
        frame's currency; None when an exchange rate is missing.
    """

    rows: Sequence[AtRisk]
    count_before: int
    spend: Decimal | None
    rate_on: date | None
    missing: str


def risks(frame: Frame, book: Book) -> Risks:
    """Read the at-risk list of a frame; a number of queries that does not depend on it."""
    period = timedelta() if frame.is_past else frame.length * DAY
    rows, before = at_risk_then(
        frame.partner_ids,
        at=frame.cut_off + period + NIGHT,
        before=frame.starts_at + NIGHT,
        until=frame.cut_off,
        today=frame.today,
    )
    spend, rate_on, missing = _converted(rows, frame, book)
    return Risks(
        rows=rows, count_before=before, spend=spend, rate_on=rate_on, missing=missing
    )


def _converted(
    rows: Sequence[AtRisk], frame: Frame, book: Book
) -> tuple[Decimal | None, date | None, str]:
    amounts = [row.spend for row in rows if row.spend is not None]
    if not amounts:
        return Decimal(0), None, ""
    converter = book.converter({frame.currency, *(currency for _, currency in amounts)})
    total, used = Decimal(0), []
    try:
        for amount, currency in amounts:
            money = Money(amount, currency)
            converted = converter.convert(money, to=frame.currency, on=frame.today)
            total += converted.money.amount
            if currency != frame.currency:
                used.append(converted.rate.rate_on)
    except RateMissingError as refusal:
        return None, None, str(refusal)
    return total, max(used, default=None), ""
