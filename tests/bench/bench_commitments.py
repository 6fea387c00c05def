"""Commitments at scale: posting after a monthly delivery, standings, one page."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from crm.accounts.roles import Role
from deals.models import Commitment
from deals.operations import drawdowns
from deals.queries.commitments import standings
from partners.models import Partner
from partners.usage.models import (
    AccountOwnership,
    BillingSource,
    CloudAccount,
    UsageDelivery,
    UsageLoad,
    UsageMeter,
)
from tests import make
from tests.bench.harness import Figure, Goal, case

COMMITMENTS = 5000
FIRST, MONTHS = date(2022, 1, 1), 36
BEFORE = datetime(2024, 12, 25, tzinfo=UTC)
AFTER = datetime(2025, 1, 25, tzinfo=UTC)

FILL = """
INSERT INTO usage_dailyusage (delivery_id, account_id, meter_id, billing_month,
    charge_day, tag_bucket, region, environment, charge_category, currency, quantity,
    list_cost, contracted_cost, billed_cost, effective_cost, row_count)
SELECT v.id, a.id, m.id, v.billing_month, day::date, '', 'eu-1', '', 'Usage', 'USD',
    10, 12, 11, 10, 10, 5
FROM unnest(%(deliveries)s::bigint[]) AS d(id)
JOIN usage_usagedelivery v ON v.id = d.id
CROSS JOIN LATERAL generate_series(v.billing_month,
    v.billing_month + INTERVAL '1 month - 1 day', '1 day') AS day
CROSS JOIN unnest(%(accounts)s::bigint[]) AS a(id)
CROSS JOIN unnest(%(meters)s::bigint[]) AS m(id)
"""


def month(number: int) -> date:
    year, index = divmod(number, 12)
    return date(FIRST.year + year, index + 1, 1)


def filled(count: int) -> tuple[list[Commitment], BillingSource]:
    """Make partners with an account, a commitment and 36 months of daily rollups each."""
    source = BillingSource.objects.create(name="bench commitments")
    by = make.user(Role.FINANCE)
    partners = Partner.objects.bulk_create(
        Partner(display_name=f"Bench {at}", legal_name=f"Bench {at}")
        for at in range(count)
    )
    accounts = owned(source, partners)
    rows = Commitment.objects.bulk_create(
        Commitment(
            partner=partner,
            code=f"BENCH-{at}",
            title=f"Bench {at}",
            kind="spend",
            currency="USD",
            amount=Decimal(30_000),
            start_on=FIRST,
            end_on=date(2026, 1, 1),
            status="active",
            owner=by,
        )
        for at, partner in enumerate(partners)
    )
    for number in range(MONTHS - 1):
        deliver(source, month(number), [account.pk for account in accounts])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE usage_dailyusage")
    return rows, source


def owned(source: BillingSource, partners: list[Partner]) -> list[CloudAccount]:
    """Make one account for each partner."""
    accounts = CloudAccount.objects.bulk_create(
        CloudAccount(
            source=source,
            provider="bench",
            billing_account_id=f"c{at}",
            discovered_at=make.EARLY,
        )
        for at in range(len(partners))
    )
    AccountOwnership.objects.bulk_create(
        AccountOwnership(account=account, partner=partner, during=DateRange(None, None))
        for account, partner in zip(accounts, partners, strict=True)
    )
    return accounts


def deliver(source: BillingSource, first: date, accounts: list[int]) -> None:
    """Let one month be there as a load would leave it: two meters, every day."""
    load = UsageLoad.objects.create(
        source=source, state="loaded", requested_at=make.EARLY
    )
    days = [first.replace(day=number) for number in range(1, 29)]
    delivery = UsageDelivery.objects.create(
        load=load,
        source=source,
        billing_month=first,
        status="current",
        decided_at=AFTER,
        days=days,
    )
    meters = [
        UsageMeter.objects.get_or_create(
            service=name,
            unit="Hours",
            defaults={
                "service_category": "Compute",
                "base_unit": "Hours",
                "factor": 1,
                "is_ai": False,
                "is_monthly": False,
                "is_time_weighted": False,
            },
        )[0].pk
        for name in ("Compute", "Storage")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            FILL, {"deliveries": [delivery.pk], "accounts": accounts, "meters": meters}
        )


def timed(work: object) -> float:
    start = time.perf_counter()
    if callable(work):
        work()
    return time.perf_counter() - start


@case
def commitments_posting(scale: float) -> Iterator[Figure]:
    """Post one more month for all commitments; goals are seconds of two idle cores."""
    count = max(50, int(COMMITMENTS * scale))
    rows, source = filled(count)
    first = timed(lambda: drawdowns.post_due(at=BEFORE))
    accounts = list(
        CloudAccount.objects.filter(source=source).values_list("pk", flat=True)
    )
    deliver(source, month(MONTHS - 1), accounts)
    monthly = timed(lambda: drawdowns.post_due(at=AFTER))
    again = timed(lambda: drawdowns.post_due(at=AFTER))
    fifty = [row.pk for row in rows[:50]]
    some = timed(lambda: standings(at=AFTER, commitment_ids=fifty))
    whole = timed(lambda: standings(at=AFTER))
    yield Figure(name=f"commitments: {count:,}, 35 months at once", ours=first,
                 baseline=600, unit="s", goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name=f"commitments: {count:,} after a monthly delivery", ours=monthly,
                 baseline=20, unit="s", goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name="commitments: nothing is due", ours=again, baseline=5, unit="s",
                 goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name="commitments: standings of 50", ours=some * 1000, baseline=500,
                 unit="ms", goal=Goal(at_most=1))  # fmt: skip
    yield Figure(name=f"commitments: standings of {count:,}", ours=whole, baseline=20,
                 unit="s", goal=Goal(at_most=1))  # fmt: skip
