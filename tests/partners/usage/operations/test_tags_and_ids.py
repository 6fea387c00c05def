"""Ids stay as they are written; tags say the same as JSON text, as JSON and as a map."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from django.db.models import Sum

from partners.usage import operations, queries
from partners.usage.models import CloudAccount, DailyUsage
from partners.usage.queries import Scope
from tests import make
from tests.partners.usage import exports
from tests.partners.usage.conftest import AT, Loader

pytestmark = pytest.mark.django_db

TAGS = ('{" team": "a", "n": "1"}', '{" team": "b"}')
PARQUET = {
    "text": "Tags",
    "json": "CAST(Tags AS JSON)",
    "map": "CAST(CAST(Tags AS JSON) AS MAP(VARCHAR, VARCHAR))",
}


def twin(csv: Path, *, kind: str) -> Path:
    """Write the rows of a CSV as Parquet with tags of another type."""
    path = csv.with_suffix(f".{kind}.parquet")
    duckdb.execute(
        f"COPY (SELECT * REPLACE ({PARQUET[kind]} AS Tags) "
        f"FROM read_csv('{csv}', all_varchar = true, nullstr = '')) TO '{path}'"
    )
    return path


@pytest.mark.parametrize("kind", ["csv", *PARQUET])
def test_a_rule_on_a_tag_takes_the_same_rows(
    load: Loader, tmp_path: Path, kind: str
) -> None:
    """The key has a leading blank, the account leading zeros."""
    rows = [
        exports.day(number, Tags=tags, BillingAccountId="000045")
        for number, tags in enumerate((*TAGS, ""), start=1)
    ]
    load(exports.write(tmp_path / "first.csv", rows[:1]))
    partner = make.partner()
    operations.assign_account(
        account=CloudAccount.objects.get(billing_account_id="000045"),
        partner=partner,
        since=None,
        tag=(" team", "b"),
        by=make.user(),
        at=AT,
    )
    whole = exports.write(tmp_path / "whole.csv", rows)

    load(whole if kind == "csv" else twin(whole, kind=kind))

    buckets = DailyUsage.objects.values_list("tag_bucket").annotate(s=Sum("row_count"))
    assert dict(buckets) == {" team=a": 1, " team=b": 1, "": 1}
    spent = queries.spend_series(
        Scope(partner_ids=(partner.pk,)),
        since=date(2025, 1, 1),
        until=date(2025, 2, 1),
    )
    assert spent == {"USD": {date(2025, 1, 2): Decimal(1)}}
    assert set(CloudAccount.objects.values_list("billing_account_id", flat=True)) == {
        "000045"
    }
