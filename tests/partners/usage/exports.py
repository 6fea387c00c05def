"""Small FOCUS files for tests: one plain row, overridden where a test speaks of it."""

import csv
import gzip
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

FOCUS = Path(__file__).resolve().parents[4] / "shared" / "data" / "focus"

PLAIN = {
    "BilledCost": "1.00",
    "BillingAccountId": "001122",
    "BillingAccountName": "Acme",
    "BillingCurrency": "USD",
    "BillingPeriodEnd": "2025-02-01T00:00:00Z",
    "BillingPeriodStart": "2025-01-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "Hours",
    "ChargePeriodEnd": "2025-01-02T00:00:00Z",
    "ChargePeriodStart": "2025-01-01T00:00:00Z",
    "ConsumedQuantity": "2",
    "ConsumedUnit": "Hours",
    "ContractedCost": "1.00",
    "EffectiveCost": "1.00",
    "InvoiceIssuerName": "Cloud",
    "ListCost": "2.00",
    "PricingQuantity": "2",
    "PricingUnit": "Hours",
    "ProviderName": "Cloud",
    "PublisherName": "Cloud",
    "RegionId": "eu-1",
    "ServiceCategory": "Compute",
    "ServiceName": "Machines",
    "SkuId": "SKU-1",
    "SubAccountId": "",
    "SubAccountName": "",
    "Tags": "",
}


def shared(path: str) -> Path:
    """Return a file of the official and real examples, or skip the test."""
    file = FOCUS / path
    if not file.exists():
        pytest.skip(f"{path} of the FOCUS examples is not on this machine")
    return file


def row(**values: str) -> dict[str, str]:
    return {**PLAIN, **values}


def day(number: int, *, month: str = "2025-01", **values: str) -> dict[str, str]:
    """Return a row of one charge day of a month."""
    date = f"{month}-{number:02d}"
    return row(
        ChargePeriodStart=f"{date}T00:00:00Z",
        ChargePeriodEnd=f"{date}T23:59:59Z",
        **values,
    )


def write(
    path: Path, rows: Iterable[dict[str, str]], *, without: Sequence[str] = ()
) -> Path:
    """Write the rows as CSV, gzipped where the name ends in .gz."""
    listed = list(rows)
    names = [name for name in (listed[0] if listed else PLAIN) if name not in without]
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "wt", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
    os.utime(path)
    return path
