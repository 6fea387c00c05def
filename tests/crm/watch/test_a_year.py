"""A year of nights over usage with planted trouble: each is found at once, nothing flaps."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from crm.watch.models import Alert, Stocktaking
from crm.watch.operations import stock
from partners.models import Cooperation
from partners.stages import Stage
from partners.usage.models import CloudAccount, DailyUsage, UsageDelivery
from tests import make

FIRST = date(2026, 1, 1)
NIGHTS = 365
LATE_FROM, LATE_UNTIL = 280, 291
"""The nights in which no delivery came."""
Shape = Callable[[int], int]


def steady(day: int) -> int:
    """Weekends are quieter; nothing else happens."""
    return 100 if day % 7 < 5 else 60


def halved(day: int) -> int:
    return 100 if day < 200 else 50


def stopped(day: int) -> int:
    return 100 if day < 150 else 0


def wavering(day: int) -> int:
    """From day 60 on spend falls by 30 % in 28 days, a little more or less each day."""
    if day < 60:
        return 10_000
    return int(10_000 * 0.7 ** ((day - 60) / 28) * (1.05 if day % 9 < 4 else 0.96))


def doubled(day: int) -> int:
    return 100 if day < 120 else 250


SHAPES: tuple[Shape, ...] = (steady, halved, stopped, wavering, doubled)


@pytest.fixture
def planted() -> dict[str, Cooperation]:
    """Make one cooperation in production for each shape, with a year of usage."""
    made = {}
    for shape in SHAPES:
        account = make.cloud_account(make.partner(shape.__name__))
        made[shape.__name__] = make.cooperation(
            account.ownerships.get().partner,
            stage=Stage.PRODUCTION,
            entered_at=datetime(2026, 1, 1, tzinfo=UTC),
            title=shape.__name__,
        )
        use(account, shape)
    return made


def use(account: CloudAccount, shape: Shape) -> None:
    pattern = make.usage(account, FIRST, 1, model="qwen-max")
    days = [FIRST + timedelta(days=n) for n in range(NIGHTS)]
    rows = [
        DailyUsage(
            delivery_id=pattern.delivery_id,
            account=account,
            meter_id=pattern.meter_id,
            billing_month=day.replace(day=1),
            charge_day=day,
            charge_category="Usage",
            currency="EUR",
            quantity=Decimal(shape(n)),
            effective_cost=Decimal(shape(n)),
            row_count=1,
        )
        for n, day in enumerate(days)
        if shape(n)
    ]
    pattern.delete()
    DailyUsage.objects.bulk_create(rows)


def deliver(night: int) -> datetime:
    """Let the data reach the day before, but for the nights without a delivery."""
    at = datetime.combine(FIRST + timedelta(days=night), time(4), tzinfo=UTC)
    known = night if not LATE_FROM <= night < LATE_UNTIL else LATE_FROM
    UsageDelivery.objects.filter(status="current").update(
        days=[FIRST + timedelta(days=n) for n in range(known)],
        decided_at=at - timedelta(hours=2),
    )
    return at


def falls_by_30(shape: Shape, night: int) -> bool:
    """Tell by plain sums whether 28 days are down by 30 % against the 28 before."""
    now = sum(shape(n) for n in range(night - 28, night))
    return now <= 0.7 * sum(shape(n) for n in range(night - 56, night - 28))


def opened(cooperation: Cooperation) -> dict[str, int]:
    """Return the night in which each alert opened; a second one would be a flap."""
    found: dict[str, int] = {}
    for alert in Alert.objects.filter(cooperation=cooperation).select_related("rule"):
        assert alert.rule.code not in found, f"{alert.rule.code} opened twice"
        found[alert.rule.code] = (alert.opened_at.date() - FIRST).days
    return found


@pytest.mark.django_db
@pytest.mark.timeout(180)
def test_a_year_of_nights(planted: dict[str, Cooperation]) -> None:
    for night in range(57, NIGHTS):
        stock.take_stock(at=deliver(night))

    found = {name: opened(cooperation) for name, cooperation in planted.items()}
    # (a) falls by half from day 200: 17 such days make 1 − (11 × 100 + 17 × 50) ÷ 2,800 = 30.4 %
    assert found["halved"] == {"usage_falling": 217, "usage_drop": 217, **LONG}
    # silent from day 150: the night of day 157 has seven whole days behind it
    assert found["stopped"].pop("zero_usage") == 157
    assert found["stopped"].pop("usage_falling") == 157
    # sums of 28 days fall 9 of 28 days before the seventh silent one
    assert found["stopped"] == {"usage_drop": 159, **LONG}
    assert found["steady"] == LONG
    falls = [falls_by_30(wavering, night) for night in range(57, NIGHTS)]
    assert sum(one != other for one, other in pairwise(falls)) > 20
    first = 57 + falls.index(True)
    assert found["wavering"] == {"usage_falling": first, "usage_drop": first, **LONG}
    # 19 days at 250 make 28 days of at least 200 %
    assert found["doubled"] == {"usage_spike": 139, **LONG}
    assert Stocktaking.objects.filter(finished_at=None).count() == 0


LONG = {"stalled": 270}
"""All have been in Production since day 0: 1.5 × 180 days are over in the night of day 270."""
