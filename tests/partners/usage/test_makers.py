"""The makers leave what a load would leave."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from partners.usage import queries
from partners.usage.queries import Scope
from tests import make

pytestmark = pytest.mark.django_db


class TestUsage:
    def test_is_seen_by_the_queries(self) -> None:
        partner, day = make.partner(), date(2025, 12, 1)
        account = make.cloud_account(partner)

        make.usage(account, day, "2.5")
        make.usage(account, day, 4, model="qwen-max", tokens=900)

        (point,) = queries.daily_usage(
            Scope(partner_ids=(partner.pk,)), since=day, until=day + timedelta(days=1)
        )
        assert (point.effective, point.ai) == (Decimal("6.5"), Decimal(4))
        assert point.tokens_in == 900
        complete = queries.complete_days(
            [partner.pk], since=day, until=day + timedelta(days=9)
        )
        assert complete == {day}
