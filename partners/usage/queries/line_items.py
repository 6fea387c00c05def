"""Line items behind a number, read from the store through DuckDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from partners.usage import store
from partners.usage.focus import engine
from partners.usage.focus.engine import name, text, texts
from partners.usage.models import CloudAccount, DailyUsage, UsageDelivery

SHOWN = (
    "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeClass",
    "ServiceCategory", "ServiceName", "SkuId", "SkuMeter", "ResourceId", "RegionId",
    "SubAccountId", "ConsumedQuantity", "ConsumedUnit", "PricingQuantity",
    "PricingUnit", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost",
    "BillingCurrency", "Tags",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LineItems:
    """A page of line items.

    :ivar count: how many there are in all.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    count: int


def line_items(
    accounts: Sequence[CloudAccount],
    *,
    day: date,
    services: Sequence[str] = (),
    limit: int = 200,
    offset: int = 0,
) -> LineItems:
    """Return the line items of accounts on one charge day, dearest first.

    Only deliveries that count now are read, and of them only those with that day.
    """
    files = _files(accounts, day)
    if not files:
        return LineItems(columns=SHOWN, rows=[], count=0)
    source = (
        f"read_parquet({texts(files)}, union_by_name = true, hive_partitioning = false)"
    )
    where = (
        f"ChargePeriodStart >= TIMESTAMP {text(day)} "
        f"AND ChargePeriodStart < TIMESTAMP {text(day + timedelta(days=1))} "
        f"AND ({_among(accounts)})"
    )
    if services:
        where += f" AND ServiceName IN ({', '.join(text(one) for one in services)})"
    listed = ", ".join(name(column) for column in SHOWN)
    with engine.opened() as duck:
        counted = duck.execute(
            f"SELECT count(*) FROM {source} WHERE {where}"
        ).fetchone()
        rows = duck.execute(
            f"SELECT {listed} FROM {source} WHERE {where} "
            "ORDER BY EffectiveCost DESC NULLS LAST, ChargePeriodStart, SkuId "
            f"LIMIT {int(limit)} OFFSET {int(offset)}"
        ).fetchall()
    return LineItems(columns=SHOWN, rows=rows, count=int(counted[0]) if counted else 0)


def _files(accounts: Sequence[CloudAccount], day: date) -> list[str]:
    ids = (
        DailyUsage.objects.filter(account__in=accounts, charge_day=day)
        .values_list("delivery_id", flat=True)
        .distinct()
    )
    folders = UsageDelivery.objects.filter(pk__in=list(ids)).order_by("pk")
    return [
        file
        for folder in folders.values_list("folder", flat=True)
        for file in store.files_of(folder)
        if Path(file).is_file()
    ]


def _among(accounts: Sequence[CloudAccount]) -> str:
    """Return SQL of the accounts; ids that were lower-cased are compared so."""
    return " OR ".join(
        f"(lower(BillingAccountId) = {text(one.billing_account_id.lower())} "
        f"AND lower(COALESCE(SubAccountId, '')) = {text(one.sub_account_id.lower())})"
        for one in accounts
    )
