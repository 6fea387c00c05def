"""Two months of usage of one partner, by hand: 1 a day on machines, 2 on tokens."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from partners.models import Partner
from partners.usage import operations
from partners.usage.models import CloudAccount
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

AT = datetime(2025, 3, 1, 6, tzinfo=UTC)
FIRST = date(2025, 1, 1)
LAST = date(2025, 2, 28)


def month_rows(month: int, days: int) -> list[dict[str, str]]:
    period = {
        "BillingPeriodStart": f"2025-{month:02d}-01T00:00:00Z",
        "BillingPeriodEnd": f"2025-{month + 1:02d}-01T00:00:00Z",
    }
    rows = []
    for number in range(1, days + 1):
        at = {"month": f"2025-{month:02d}", **period}
        rows.append(exports.day(number, **at))
        for direction, tokens in (("Input", "3"), ("Output", "1")):
            rows.append(
                exports.day(
                    number,
                    **at,
                    ServiceCategory="AI and Machine Learning",
                    ServiceName="Studio",
                    SkuId=f"qwen-max-{direction}",
                    ConsumedUnit="Tokens",
                    ConsumedQuantity=tokens,
                    Tags='{"environment": "prod"}',
                )
            )
        rows.append(
            exports.day(number, **at, ChargeCategory="Tax", ConsumedQuantity="")
        )
    return rows


@pytest.fixture
def partner(load: Loader, tmp_path: Path) -> Partner:
    """Make a partner with the account that the files name."""
    for month, days in ((1, 31), (2, 28)):
        load(
            exports.write(tmp_path / f"{month}.csv", month_rows(month, days)),
            at=AT + timedelta(days=0),
        )
    made = make.partner()
    operations.assign_account(
        account=CloudAccount.objects.get(sub_account_id=""),
        partner=made,
        since=None,
        by=make.user(),
        at=AT,
    )
    return made
