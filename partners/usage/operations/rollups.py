"""The rollup tables: filled from the store by COPY, within the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from duckdb import DuckDBPyConnection

from crm.core.errors import DomainError
from partners.usage import metering, store
from partners.usage.focus import engine, reading, rollup
from partners.usage.models import (
    CloudAccount,
    DailyUsage,
    UsageDelivery,
    UsageMeter,
)
from partners.usage.operations import ownership
from partners.usage.queries.tags import named_tags

Totals = dict[str, dict[str, Decimal]]

BLOCK = 1 << 18

DAILY_COLUMNS = (
    "charge_day", "account_id", "meter_id", "tag_bucket", "region", "environment",
    "charge_category", "currency", "quantity", "list_cost", "contracted_cost",
    "billed_cost", "effective_cost", "row_count", "delivery_id", "billing_month",
)  # fmt: skip


class TotalsDisagreeError(DomainError):
    """The rollup does not add up to what is stored; nothing was changed."""

    code = "usage.totals-disagree"


@contextmanager
def opened(work: Path) -> Iterator[DuckDBPyConnection]:
    """Yield a DuckDB that knows the words of the reader and may spill into this folder."""
    with engine.opened(spill=work / "spill") as duck:
        reading.prepare(duck)
        yield duck


def prepare(
    delivery: UsageDelivery,
    *,
    into: Path,
    at: datetime,
    duck: DuckDBPyConnection | None = None,
) -> list[int]:
    """Write the rollup of a stored delivery as CSV; return its accounts.

    New accounts and meters are kept. Runs before the transaction of the swap, which is
    short therefore.

    :param duck: from `opened`, for who prepares several; opening costs more than a small month.
    """
    files = [Path(file) for file in store.files_of(delivery.folder)]
    with nullcontext(duck) if duck else opened(into.parent) as at_work:
        rollup.group(at_work, files, named=named_tags(delivery.source_id))
        account_ids = _keep_accounts(delivery, rollup.accounts(at_work), at=at)
        meter_ids = _keep_meters(rollup.items(at_work))
        rollup.write(
            at_work,
            account_ids=account_ids,
            meter_ids=meter_ids,
            delivery_id=delivery.pk,
            billing_month=delivery.billing_month,
            into=into,
        )
    return list(account_ids.values())


def is_told_apart(named: rollup.NamedTags, key: str, value: str) -> bool:
    """Tell whether rows rolled up so far already keep this value of a tag.

    With one key every value is kept; with several the named ones go before others.
    """
    return key in named and (len(named) == 1 or value in named[key])


def swap_in(delivery: UsageDelivery, rollup_file: Path) -> None:
    """Copy a prepared rollup in and hold its totals against those of the store.

    :raises TotalsDisagreeError: when a digit differs.
    """
    columns = ", ".join(DAILY_COLUMNS)
    with (
        connection.cursor() as cursor,
        rollup_file.open("rb") as file,
        cursor.copy(
            f"COPY usage_dailyusage ({columns}) FROM STDIN (FORMAT csv)"
        ) as copy,
    ):
        while block := file.read(BLOCK):
            copy.write(block)
    found = totals_of([delivery.pk])
    wanted = {
        currency: {cost: Decimal(text) for cost, text in costs.items()}
        for currency, costs in delivery.totals.items()
    }
    if found != wanted:
        raise TotalsDisagreeError(
            _("Rollup and store of %(month)s disagree: %(rollup)s, %(store)s.")
            % {"month": delivery.billing_month, "rollup": found, "store": wanted}
        )


def take_out(delivery_ids: Sequence[int]) -> None:
    """Remove the daily rows of some deliveries."""
    if delivery_ids:
        DailyUsage.objects.filter(delivery_id__in=delivery_ids)._raw_delete(  # noqa: SLF001  one DELETE, nothing to collect
            DailyUsage.objects.db
        )


def derive_months(
    *,
    source_id: int,
    billing_months: Iterable[date],
    account_ids: Sequence[int] | None = None,
) -> None:
    """Write the monthly rows of some billing months, or of some accounts in them, anew.

    The partner is that of the charge day; days without one stay without.
    """
    narrow = "" if account_ids is None else " AND account_id = ANY(%(accounts)s)"
    values: dict[str, Any] = {
        "source": source_id,
        "months": list(billing_months),
        "accounts": list(account_ids or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM usage_monthlyusage WHERE source_id = %(source)s "
            f"AND billing_month = ANY(%(months)s){narrow}",
            values,
        )
        cursor.execute(
            MONTHLY.format(narrow=narrow.replace("account_id", "d.account_id")), values
        )


MONTHLY = """
INSERT INTO usage_monthlyusage (source_id, account_id, partner_id, billing_month,
    charge_month, service_category, is_ai, charge_category, currency, list_cost,
    contracted_cost, billed_cost, effective_cost, tokens, row_count)
SELECT v.source_id, d.account_id,
    COALESCE(tagged.partner_id, plain.partner_id), d.billing_month,
    date_trunc('month', d.charge_day)::date, m.service_category, m.is_ai,
    d.charge_category, d.currency, sum(d.list_cost), sum(d.contracted_cost),
    sum(d.billed_cost), sum(d.effective_cost),
    sum(d.quantity * m.factor) FILTER (WHERE m.base_unit = 'Tokens'),
    sum(d.row_count)
FROM usage_dailyusage d
JOIN usage_usagedelivery v ON v.id = d.delivery_id
JOIN usage_usagemeter m ON m.id = d.meter_id
LEFT JOIN usage_accountownership tagged ON d.tag_bucket <> ''
    AND tagged.account_id = d.account_id
    AND tagged.tag_bucket = d.tag_bucket AND tagged.during @> d.charge_day
LEFT JOIN usage_accountownership plain ON plain.account_id = d.account_id
    AND plain.tag_bucket = '' AND plain.during @> d.charge_day
WHERE v.source_id = %(source)s AND v.billing_month = ANY(%(months)s)
    AND v.status = 'current'{narrow}
GROUP BY v.source_id, d.account_id,
    COALESCE(tagged.partner_id, plain.partner_id), d.billing_month,
    date_trunc('month', d.charge_day), m.service_category, m.is_ai,
    d.charge_category, d.currency
"""


def totals_of(delivery_ids: Sequence[int]) -> Totals:
    """Return the totals of the daily rows of some deliveries, per currency."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(billed_cost), sum(effective_cost), sum(list_cost), "
            "sum(contracted_cost) FROM usage_dailyusage WHERE delivery_id = ANY(%s) "
            "GROUP BY currency",
            [list(delivery_ids)],
        )
        rows = cursor.fetchall()
    words = ("billed", "effective", "list", "contracted")
    return {
        currency: {
            word: value or Decimal(0) for word, value in zip(words, values, strict=True)
        }
        for currency, *values in rows
    }


def _keep_accounts(
    delivery: UsageDelivery, found: Sequence[rollup.Account], *, at: datetime
) -> dict[tuple[str, str, str], int]:
    """Return the ids of the accounts a delivery names; new ones are added.

    A sub-account brings its billing account along, so that a rule can be put on it.
    """
    wanted = {
        (one.provider, one.billing_account_id, one.sub_account_id): one.name
        for one in found
    }
    for provider, billing, _sub in list(wanted):
        wanted.setdefault((provider, billing, ""), "")
    known = _known_accounts(delivery.source_id)
    fresh = [key for key in wanted if key not in known]
    CloudAccount.objects.bulk_create(
        [
            CloudAccount(
                source_id=delivery.source_id,
                provider=provider,
                billing_account_id=billing,
                sub_account_id=sub,
                name=wanted[provider, billing, sub],
                discovered_at=at,
            )
            for provider, billing, sub in fresh
        ],
        ignore_conflicts=True,
    )
    if fresh:
        known = _known_accounts(delivery.source_id)
        ownership.inherit(account_ids=[known[key] for key in fresh])
    return {key: known[key] for key in wanted}


def _known_accounts(source_id: int) -> dict[tuple[str, str, str], int]:
    rows = CloudAccount.objects.filter(source_id=source_id).values_list(
        "provider", "billing_account_id", "sub_account_id", "id"
    )
    return {(provider, billing, sub): pk for provider, billing, sub, pk in rows}


METER_KEY = (
    "provider", "service_category", "service_subcategory", "service", "sku",
    "sku_meter", "model", "model_version", "direction", "cache", "unit",
)  # fmt: skip


def _keep_meters(items: Sequence[metering.Item]) -> dict[metering.Item, int]:
    """Return the ids of the meters; several spellings of a unit share one meter."""
    rows = {item: _meter(metering.understand(item)) for item in items}
    by_key = {_key(row): row for row in rows.values()}
    known = _known_meters(by_key.values())
    fresh = [row for key, row in by_key.items() if key not in known]
    UsageMeter.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        known = _known_meters(by_key.values())
    return {item: known[_key(row)] for item, row in rows.items()}


def _key(meter: UsageMeter) -> tuple[str, ...]:
    return tuple(getattr(meter, name) for name in METER_KEY)


def _known_meters(meters: Iterable[UsageMeter]) -> dict[tuple[str, ...], int]:
    services = {meter.service for meter in meters}
    rows = UsageMeter.objects.filter(service__in=services)
    return {_key(row): row.pk for row in rows}


def _meter(meaning: metering.Meaning) -> UsageMeter:
    item, unit, model = meaning.item, meaning.unit, meaning.model
    return UsageMeter(
        provider=item.provider[:200],
        service_category=item.category[:80],
        service_subcategory=item.subcategory[:120],
        service=item.service[:300],
        sku=item.sku[:300],
        sku_meter=item.sku_meter[:300],
        model=model.name[:200],
        model_family=model.family[:200],
        model_version=model.version[:100],
        model_developer=model.developer[:200],
        direction=meaning.direction,
        cache=meaning.cache,
        unit=unit.name[:80],
        base_unit=unit.base[:40],
        factor=unit.factor,
        is_ai=meaning.is_ai,
        is_monthly=unit.is_monthly,
        is_time_weighted=unit.is_time_weighted,
    )
