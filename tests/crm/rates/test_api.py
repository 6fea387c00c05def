"""Exchange rates through the API."""

from datetime import date
from decimal import Decimal

import pytest

from crm.accounts.roles import Role
from crm.rates.models import FxRate
from tests import make
from tests.crm.web.api.conftest import program

RATES = "/api/v1/exchange-rates/"


@pytest.mark.usefixtures("db")
class TestExchangeRates:
    def test_come_with_every_digit_latest_first(self) -> None:
        for day in (1, 2):
            FxRate.objects.create(
                date=date(2026, 11, day),
                base="EUR",
                quote="CNY",
                rate=Decimal("8.123456789012345678"),
                source="test",
            )

        reader = program(make.user(Role.FINANCE), "rates:read")
        rows = reader.get(f"{RATES}?base=EUR&date__gte=2026-11-01").json()["results"]

        assert [row["date"] for row in rows] == ["2026-11-02", "2026-11-01"]
        assert rows[0]["rate"] == "8.123456789012345678"

    def test_a_day_that_is_none_is_refused(self) -> None:
        reader = program(make.user(Role.FINANCE), "rates:read")

        assert reader.get(f"{RATES}?date=2026-02-30").status_code == 400
