"""How far a load is, and what a delivery would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from partners.usage import verdicts
from partners.usage.models import DeliveryStatus, LoadState, UsageDelivery, UsageLoad

ZERO = Decimal(0)
COSTS = ("billed", "effective", "list", "contracted")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a load is.

    :ivar ratio: share of the bytes, from 0 to 1.
    :ivar rate: bytes in a second so far.
    :ivar left: time until all is read at this rate; None while nobody can tell.
    :ivar is_counting: whether the bytes still tell how far it is; later steps are
        told by name and by the time they have taken.
    """

    is_open: bool
    ratio: float
    rows: int
    bytes_read: int
    bytes_total: int
    rate: float
    left: timedelta | None
    is_counting: bool
    seconds: int

    @property
    def percent(self) -> int:
        return int(self.ratio * 100)

    @property
    def megabytes(self) -> float:
        return self.bytes_read / 1e6

    @property
    def megabytes_total(self) -> float:
        return self.bytes_total / 1e6

    @property
    def megabytes_a_second(self) -> float:
        return self.rate / 1e6


def progress_of(load: UsageLoad, *, at: datetime) -> Progress:
    """Return how far a load is at a moment."""
    is_open = load.state in {LoadState.WAITING, LoadState.READING}
    is_over = not is_open and load.state != LoadState.CANCELLED
    read = load.bytes_total if is_over else min(load.bytes_read, load.bytes_total)
    seconds = load.seconds
    if is_open:
        seconds = max((at - load.requested_at).total_seconds(), 0.001)
    rate = read / seconds if seconds else 0.0
    left = None
    is_counting = load.step in {"", "opening"} or not is_open
    if is_open and is_counting and rate and read:
        left = timedelta(seconds=round((load.bytes_total - read) / rate))
    return Progress(
        is_open=is_open,
        ratio=read / load.bytes_total if load.bytes_total else float(is_over),
        rows=load.rows_read,
        bytes_read=read,
        bytes_total=load.bytes_total,
        rate=rate,
        left=left,
        is_counting=is_counting,
        seconds=round(seconds),
    )


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One figure of a delivery beside what counts now for its month."""

    currency: str
    cost: str
    delivered: Decimal
    counts: Decimal

    @property
    def difference(self) -> Decimal:
        return self.delivered - self.counts


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A delivery beside what counts now for its source, scope and month."""

    lines: Sequence[Compared]
    rows: int
    rows_counting: int
    days: int
    days_counting: int
    missing_days: Sequence[str]
    others: Sequence[UsageDelivery]


def comparison_of(delivery: UsageDelivery) -> Comparison:
    """Return a delivery beside the others that count for its month."""
    others = list(
        UsageDelivery.objects.filter(
            source_id=delivery.source_id,
            scope=delivery.scope,
            billing_month=delivery.billing_month,
            status=DeliveryStatus.CURRENT,
        )
        .exclude(pk=delivery.pk)
        .order_by("pk")
    )
    covered = {day for other in others for day in other.days}
    missing = sorted(covered - set(delivery.days))
    return Comparison(
        lines=_lines(delivery.totals, [other.totals for other in others]),
        rows=delivery.rows,
        rows_counting=sum(other.rows for other in others),
        days=len(delivery.days),
        days_counting=len(covered),
        missing_days=[day.isoformat() for day in missing],
        others=others,
    )


def _lines(
    own: Mapping[str, Mapping[str, str]],
    others: Sequence[Mapping[str, Mapping[str, str]]],
) -> list[Compared]:
    words = verdicts.words()
    currencies = sorted({*own, *(code for other in others for code in other)})
    return [
        Compared(
            currency=currency,
            cost=words[cost],
            delivered=Decimal(own.get(currency, {}).get(cost, "0")),
            counts=sum(
                (Decimal(other.get(currency, {}).get(cost, "0")) for other in others),
                ZERO,
            ),
        )
        for currency in currencies
        for cost in COSTS
    ]
