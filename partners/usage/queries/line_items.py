"""Line items behind a number, read from the store through DuckDB."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from partners.usage import store
from partners.usage.focus import engine, rollup, stored
from partners.usage.focus.engine import name, text
from partners.usage.models import (
    AccountOwnership,
    CloudAccount,
    DailyUsage,
    UsageDelivery,
)
from partners.usage.queries.tags import named_tags

SHOWN = (
    "ChargePeriodStart", "ServiceName", "SkuMeter", "EffectiveCost", "BilledCost",
    "BillingCurrency", "ConsumedQuantity", "ConsumedUnit", "ChargeCategory",
    "ChargeClass", "ServiceCategory", "SkuId", "ResourceId", "RegionId",
    "BillingAccountId", "SubAccountId", "PricingQuantity", "PricingUnit", "ListCost",
    "ContractedCost", "ChargePeriodEnd", "Tags",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LineItems:
    """A page of line items.

    :ivar count: how many there are in all.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    count: int


@dataclass(frozen=True, kw_only=True)
class Owned:
    """An account as its partner has it on a day.

    :ivar buckets: only rows of these tag values; empty is all but `others`.
    :ivar others: tag values in it that belong to somebody else.
    """

    account: CloudAccount
    buckets: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def owned_accounts(partner_ids: Sequence[int], *, day: date) -> list[Owned]:
    """Return which accounts, and which tag values of them, these partners have."""
    mine = AccountOwnership.objects.filter(
        partner__in=partner_ids, during__contains=day
    ).select_related("account")
    by_account: dict[int, list[AccountOwnership]] = {}
    for ownership in mine.order_by("account_id", "tag_bucket"):
        by_account.setdefault(ownership.account_id, []).append(ownership)
    tagged = AccountOwnership.objects.filter(
        account__in=by_account, during__contains=day
    ).exclude(tag_bucket="")
    foreign: dict[int, list[str]] = {}
    for account_id, partner_id, bucket in tagged.values_list(
        "account_id", "partner_id", "tag_bucket"
    ):
        if partner_id not in partner_ids:
            foreign.setdefault(account_id, []).append(bucket)
    return [_owned(own, foreign.get(pk, [])) for pk, own in by_account.items()]


def _owned(own: Sequence[AccountOwnership], foreign: Sequence[str]) -> Owned:
    buckets = tuple(one.tag_bucket for one in own)
    return Owned(
        account=own[0].account,
        buckets=() if "" in buckets else buckets,
        others=tuple(sorted(foreign)) if "" in buckets else (),
    )


def line_items(
    accounts: Sequence[CloudAccount | Owned],
    *,
    day: date,
    services: Sequence[str] = (),
    limit: int = 200,
    offset: int = 0,
) -> LineItems:
    """Return the line items of accounts on one charge day, dearest first.

    Only deliveries that count now are read, and of them only those with that day.
    """
    owned = [one if isinstance(one, Owned) else Owned(account=one) for one in accounts]
    files = _files([one.account for one in owned], day)
    if not files:
        return LineItems(columns=SHOWN, rows=[], count=0)
    source = stored.rows_of(files)
    where = _where(owned, day=day, services=services)
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
    return LineItems(
        columns=SHOWN,
        rows=[tuple(map(_in_utc, row)) for row in rows],
        count=int(counted[0]) if counted else 0,
    )


def _where(owned: Sequence[Owned], *, day: date, services: Sequence[str]) -> str:
    where = (
        f"ChargePeriodStart >= TIMESTAMP {text(day)} "
        f"AND ChargePeriodStart < TIMESTAMP {text(day + timedelta(days=1))} "
        f"AND ({_among(owned)})"
    )
    if services:
        where += f" AND ServiceName IN ({', '.join(text(one) for one in services)})"
    return where


def _in_utc(value: Any) -> Any:
    """Return times of the store, which are UTC and do not say so, with their zone."""
    is_time = isinstance(value, datetime) and value.tzinfo is None
    return value.replace(tzinfo=UTC) if is_time else value


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


def _among(owned: Sequence[Owned]) -> str:
    """Return SQL of the accounts and tags; ids that were lower-cased are compared so."""
    sources = {one.account.source_id for one in owned if one.buckets or one.others}
    named = {source: named_tags(source) for source in sources}
    return " OR ".join(
        _rows_of(one, named=named.get(one.account.source_id, {})) for one in owned
    )


def _rows_of(one: Owned, *, named: rollup.NamedTags) -> str:
    account = one.account
    parts = [
        f"lower(BillingAccountId) = {text(account.billing_account_id.lower())}",
        f"lower(COALESCE(SubAccountId, '')) = {text(account.sub_account_id.lower())}",
    ]
    bucket = rollup.bucket(named)
    if one.buckets:
        parts.append(f"{bucket} IN ({', '.join(text(word) for word in one.buckets)})")
    if one.others:
        parts.append(
            f"{bucket} NOT IN ({', '.join(text(word) for word in one.others)})"
        )
    return f"({' AND '.join(parts)})"
