"""Facts of risk: cooperations that a rule holds, and the spend that hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from crm.core.money import Money
from crm.figures.book import Book
from crm.figures.frame import Frame
from crm.rates.queries import RateMissingError
from crm.watch.models import Alert
from crm.watch.queries.at_risk import AtRisk, at_risk


@dataclass(frozen=True, kw_only=True)
class Risks:
    """Who is at risk at T.

    :ivar count_before: how many cooperations were at the beginning of the period.
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
    rows = at_risk(None, at=frame.cut_off, partner_ids=frame.partner_ids)
    before = (
        Alert.objects.exclude(rule__letter="")
        .filter(
            Q(resolved_at__isnull=True) | Q(resolved_at__gte=frame.starts_at),
            partner_id__in=frame.partner_ids,
            cooperation__isnull=False,
            opened_at__lt=frame.starts_at,
        )
        .values("cooperation_id")
        .distinct()
        .count()
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
