"""The columns of made-up exports: FOCUS 1.2, filled from the lines of the generator."""

from partners.usage.focus import columns
from partners.usage.focus.engine import name

PROVIDER = "Example Cloud"

COLUMNS = {
    "BilledCost": "paid",
    "BillingAccountId": "account",
    "BillingAccountName": "label",
    "BillingAccountType": "'Payer'",
    "BillingCurrency": "currency",
    "BillingPeriodEnd": "month + INTERVAL 1 MONTH",
    "BillingPeriodStart": "CAST(month AS TIMESTAMP)",
    "ChargeCategory": "category_of_charge",
    "ChargeClass": "class",
    "ChargeDescription": "service || ' ' || meter",
    "ChargeFrequency": "CASE category_of_charge WHEN 'Purchase' THEN 'One-Time' "
    "ELSE 'Usage-Based' END",
    "ChargePeriodEnd": "day + INTERVAL (hour + 1) HOUR",
    "ChargePeriodStart": "day + INTERVAL (hour) HOUR",
    "ConsumedQuantity": "CASE WHEN category_of_charge = 'Usage' THEN quantity END",
    "ConsumedUnit": "CASE WHEN category_of_charge = 'Usage' THEN unit END",
    "ContractedCost": "paid",
    "EffectiveCost": "CASE category_of_charge WHEN 'Purchase' "
    "THEN CAST(0 AS DECIMAL(32, 15)) ELSE paid END",
    "InvoiceIssuerName": f"'{PROVIDER}'",
    "ListCost": "CAST(cost AS DECIMAL(32, 15))",
    "ListUnitPrice": "CASE WHEN category_of_charge = 'Usage' THEN price END",
    "PricingCategory": "CASE WHEN category_of_charge = 'Usage' THEN 'Standard' END",
    "PricingQuantity": "CASE WHEN category_of_charge = 'Usage' THEN priced END",
    "PricingUnit": "CASE WHEN category_of_charge = 'Usage' THEN pricing_unit END",
    "ProviderName": f"'{PROVIDER}'",
    "PublisherName": f"'{PROVIDER}'",
    "RegionId": "region",
    "RegionName": "region",
    "ResourceId": "CASE WHEN category_of_charge = 'Usage' "
    "THEN 'res-' || account || '-' || resource END",
    "ServiceCategory": "category",
    "ServiceName": "service",
    "ServiceSubcategory": "subcategory",
    "SkuId": "sku",
    "SkuMeter": "meter",
    "SkuPriceDetails": "details",
    "SkuPriceId": "sku || '-std'",
    "SubAccountId": "account || '-' || sub",
    "SubAccountName": "label || ' ' || sub",
    "Tags": '\'{"environment": "\' || environment || \'", "project": "p\' '
    "|| COALESCE(sub, 0) || '\"}'",
}
"""FOCUS columns, and the SQL over `lines` that fills them; the rest is empty."""


def selected(kind: str) -> str:
    """Return the SELECT of FOCUS 1.2 columns over `lines`, in alphabetical order.

    :param kind: `csv`, `csv.gz` or `parquet`; times are texts but in the last.
    """
    values = dict(COLUMNS)
    if kind != "parquet":
        values |= {
            column: f"strftime({values[column]}, '%Y-%m-%dT%H:%M:%SZ')"
            for column in columns.TIMES
        }
    every = sorted(
        columns.VERSION_1_0 | columns.ADDED_IN["1.1"] | columns.ADDED_IN["1.2"]
    )
    return ", ".join(
        f"{values.get(column, 'CAST(NULL AS VARCHAR)')} AS {name(column)}"
        for column in every
    )
