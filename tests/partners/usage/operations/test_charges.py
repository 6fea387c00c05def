"""Purchases, pools, commitments, credits, taxes and virtual currency keep their meaning."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from partners.usage import operations, queries, store
from partners.usage.models import CloudAccount, DailyUsage, UsageDelivery
from partners.usage.queries import Point, Scope
from partners.usage.queries.series import SPEND
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import Loader

pytestmark = pytest.mark.django_db

AT = datetime(2025, 2, 1, tzinfo=UTC)
SINCE, UNTIL = date(2025, 1, 1), date(2025, 2, 1)
TOKENS = {
    "ServiceCategory": "AI and Machine Learning",
    "ServiceName": "Studio",
    "ConsumedUnit": "Tokens",
    "PricingUnit": "1000000 Tokens",
}


def cost(billed: str, effective: str) -> dict[str, str]:
    return {"BilledCost": billed, "EffectiveCost": effective}


def purchase(billed: str) -> dict[str, str]:
    return exports.day(
        1,
        ChargeCategory="Purchase",
        ConsumedQuantity="",
        ConsumedUnit="",
        PricingQuantity="1",
        SkuId="POOL",
        **cost(billed, "0"),
    )


@pytest.fixture
def scope(load: Loader, tmp_path: Path, rows: list[dict[str, str]]) -> Scope:
    """Load the rows and give their account to a partner."""
    columns = dict.fromkeys(name for row in rows for name in row)
    whole = [dict.fromkeys(columns, "") | row for row in rows]
    load(exports.write(tmp_path / "january.csv", whole))
    partner = make.partner()
    operations.assign_account(
        account=CloudAccount.objects.get(sub_account_id=""),
        partner=partner,
        since=None,
        by=make.user(),
        at=AT,
    )
    return Scope(partner_ids=(partner.pk,))


def points(scope: Scope, *categories: str) -> list[Point]:
    return queries.daily_usage(
        scope, since=SINCE, until=UNTIL, charge_categories=categories or SPEND
    )


def spent(scope: Scope, *, by: str) -> Decimal:
    series = queries.spend_series(scope, since=SINCE, until=UNTIL, cost=by)
    return sum(series.get("USD", {}).values(), Decimal(0))


class TestPrepaidPool:
    @pytest.fixture
    def rows(self) -> list[dict[str, str]]:
        """Buy a pool of 100 and burn 12 of it with tokens in and out."""
        burnt = [("Input", "7", "1000"), ("Output", "5", "250")]
        return [
            purchase("100"),
            *(
                exports.day(
                    2,
                    SkuMeter=f"{direction} Tokens",
                    SkuId=f"qwen-max-{direction}",
                    ConsumedQuantity=tokens,
                    PricingCurrency="Credits",
                    PricingCurrencyEffectiveCost=f"{amount}00",
                    **TOKENS,
                    **cost("0", amount),
                )
                for direction, amount, tokens in burnt
            ),
        ]

    def test_is_billed_once_and_used_over_time(self, scope: Scope) -> None:
        assert spent(scope, by="effective") == 12
        assert spent(scope, by="billed") == 0
        (bought,) = points(scope, "Purchase")
        assert [bought.billed, bought.effective] == [100, 0]

    def test_keeps_tokens_in_and_out_apart(self, scope: Scope) -> None:
        (point,) = points(scope)

        assert [point.tokens_in, point.tokens_out] == [1000, 250]
        assert point.ai == 12

    def test_a_virtual_currency_never_mixes_with_money(self, scope: Scope) -> None:
        assert set(queries.spend_series(scope, since=SINCE, until=UNTIL)) == {"USD"}
        (file,) = store.files_of(UsageDelivery.objects.get().folder)
        burnt = duckdb.execute(
            f"SELECT PricingCurrency, sum(PricingCurrencyEffectiveCost) FROM '{file}' "
            "WHERE PricingCurrency IS NOT NULL GROUP BY 1"
        ).fetchall()
        assert burnt == [("Credits", Decimal(1200))]


def quantities(day: date) -> list[Decimal | None]:
    """Return what the rollup counts on a day."""
    rows = DailyUsage.objects.filter(charge_day=day)
    return list(rows.values_list("quantity", flat=True))


class TestCommitmentDiscount:
    @pytest.fixture
    def rows(self) -> list[dict[str, str]]:
        """Commit to 30 for the month: 18 are used, 12 are not."""
        return [
            purchase("30"),
            *(
                exports.day(
                    number,
                    CommitmentDiscountId="plan-1",
                    CommitmentDiscountStatus=status,
                    ConsumedQuantity=hours,
                    PricingQuantity="6",
                    **cost("0", amount),
                )
                for number, status, hours, amount in (
                    (2, "Used", "6", "18"),
                    (3, "Unused", "", "12"),
                )
            ),
        ]

    def test_used_and_unused_add_up_to_the_purchase(self, scope: Scope) -> None:
        (bought,) = points(scope, "Purchase")

        assert spent(scope, by="effective") == bought.billed == 30

    def test_what_is_unused_consumes_nothing(self, scope: Scope) -> None:
        assert spent(scope, by="billed") == 0
        assert quantities(date(2025, 1, 2)) == [6]
        assert quantities(date(2025, 1, 3)) == [None]


class TestCreditsAndTaxes:
    @pytest.fixture
    def rows(self) -> list[dict[str, str]]:
        return [
            exports.day(1, **cost("10", "10")),
            exports.day(2, ChargeCategory="Credit", **cost("-4", "-4")),
            exports.day(2, ChargeCategory="Tax", PricingUnit="", **cost("2", "2")),
            exports.day(
                3, ChargeCategory="Adjustment", ConsumedQuantity="", **cost("1", "1")
            ),
        ]

    def test_credits_lower_the_spend_and_taxes_are_apart(self, scope: Scope) -> None:
        assert spent(scope, by="effective") == 7
        (tax,) = points(scope, "Tax")
        assert tax.billed == 2
