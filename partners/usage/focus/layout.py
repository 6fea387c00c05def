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


QUOTED = frozenset({"BillingAccountName", "SubAccountName", "SkuPriceDetails", "Tags"})
"""Columns whose values may hold commas and quotation marks; the others never do."""

NAMES = tuple(
    sorted(columns.VERSION_1_0 | columns.ADDED_IN["1.1"] | columns.ADDED_IN["1.2"])
)


def selected() -> str:
    """Return the SELECT list of FOCUS 1.2 columns over `lines`, in alphabetical order."""
    return ", ".join(
        f"{COLUMNS.get(column, 'CAST(NULL AS VARCHAR)')} AS {name(column)}"
        for column in NAMES
    )


def csv_line() -> str:
    """Return SQL of one whole line of CSV over `lines`, with the same columns."""
    commas = ["','"] * (len(NAMES) - 1)
    parts = [
        part
        for column, comma in zip(NAMES, [*commas, "chr(10)"], strict=True)
        for part in (_as_field(column), comma)
        if part
    ]
    return f"concat({', '.join(parts)})"


def _as_field(column: str) -> str:
    """Return SQL of a value as CSV writes it; nothing where it is always empty."""
    value = COLUMNS.get(column, "")
    if column in columns.TIMES:
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%SZ')"
    if column in QUOTED:
        return f"""'"' || replace({value}, '"', '""') || '"'"""
    return value
