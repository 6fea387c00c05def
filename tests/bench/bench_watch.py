"""The nightly look at size: health and all rules for 150,000 running cooperations."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from crm.accounts.roles import Role
from crm.watch.models import Alert, HealthSnapshot
from crm.watch.operations import stock
from crm.watch.queries.facts import facts_of, running_ids
from tests import make
from tests.bench.bench_partners import (
    COOPERATIONS,
    FILL,
    FIRST,
    PARTNERS,
    SECOND,
    guards,
)
from tests.bench.harness import Figure, Goal, case

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
BOUND_S = 60
ONE_BY_ONE = 60
USERS_SHARE = 5
"""One partner in so many uses something, on 56 days."""

USE = """
INSERT INTO usage_cloudaccount (source_id, provider, billing_account_id, sub_account_id,
    name, environment, discovered_at)
SELECT %(source)s, 'Example Cloud', 'b' || id, '', '', 'unknown', now()
FROM partners_partner WHERE id %% %(share)s = 0;

INSERT INTO usage_accountownership (account_id, partner_id, tag_bucket, during)
SELECT a.id, substr(a.billing_account_id, 2)::bigint, '', daterange(NULL, NULL)
FROM usage_cloudaccount a WHERE a.billing_account_id LIKE 'b%%';

INSERT INTO usage_dailyusage (delivery_id, account_id, meter_id, billing_month, charge_day,
    tag_bucket, region, environment, charge_category, currency, quantity, list_cost,
    contracted_cost, billed_cost, effective_cost, row_count)
SELECT %(delivery)s, a.id, %(meter)s, date_trunc('month', d)::date, d::date, '', '', '',
    'Usage', 'CNY', 1, 100, 100, 100, 100 + a.id %% 7, 1
FROM usage_cloudaccount a,
    generate_series(%(until)s::date - 56, %(until)s::date - 1, interval '1 day') AS d
WHERE a.billing_account_id LIKE 'b%%';
ANALYZE;
"""


@case
def watch_night(scale: float) -> Iterator[Figure]:
    """Look at everything once, and again the next night, beside one cooperation at a time."""
    count = max(300, int(COOPERATIONS * scale))
    with transaction.atomic():
        fill(scale)
        first = timed(lambda: stock.take_stock(at=AT))
        found = HealthSnapshot.objects.count(), Alert.objects.count()
        assert found[0] == count
        second = timed(lambda: stock.take_stock(at=AT + timedelta(days=1)))
        alone = timed(one_by_one) * count / ONE_BY_ONE
        transaction.set_rollback(True)
    for name, taken in (("first night", first), ("next night", second)):
        yield Figure(
            name=f"watch: {count:,} cooperations, {name} / the bound",
            ours=taken,
            baseline=BOUND_S * scale,
            unit="s",
            goal=Goal(at_most=1),
        )
    yield Figure(
        name=f"watch: {count:,} cooperations / facts one by one",
        ours=second,
        baseline=alone,
        unit="s",
        goal=Goal(at_most=0.2),
    )


def one_by_one() -> None:
    """Read the facts of some cooperations, each by itself."""
    for pk in running_ids()[:ONE_BY_ONE]:
        list(facts_of([pk], at=AT))


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fill(scale: float) -> None:
    """Bring partners, cooperations and usage straight into the tables, past the guards."""
    owner = make.user(Role.ALLIANCE_MANAGER)
    pattern = make.usage(make.cloud_account(), AT.date() - timedelta(days=1), model="q")
    delivery = pattern.delivery
    delivery.days = [AT.date() - timedelta(days=n) for n in range(1, 57)]
    delivery.decided_at = AT
    delivery.save()
    values: dict[str, Any] = {
        "owner": owner.pk,
        "partners": max(200, int(PARTNERS * scale)),
        "cooperations": max(300, int(COOPERATIONS * scale)),
        "first": FIRST,
        "second": SECOND,
        "source": delivery.source_id,
        "delivery": delivery.pk,
        "meter": pattern.meter_id,
        "until": AT.date(),
        "share": USERS_SHARE,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        guards(cursor, "DISABLE")
        for statement in (FILL + USE).split(";\n"):
            if statement.strip():
                cursor.execute(statement, values if "%(" in statement else None)
        guards(cursor, "ENABLE")
