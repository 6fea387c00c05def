"""The columns of FOCUS Cost and Usage 1.0 to 1.4, and what a header says about a file.

Source: FinOps Open Cost and Usage Specification, versions 1.0, 1.1, 1.2, 1.3 and 1.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")

DECIMALS = frozenset({
    *COSTS,
    "CommitmentDiscountQuantity",
    "ConsumedQuantity",
    "ContractedUnitPrice",
    "ListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
})  # fmt: skip

TIMES = frozenset({
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
})  # fmt: skip

MANDATORY = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ServiceName",
)
"""Columns without which a file is refused: mandatory in every version."""

TOLERATED_GAPS = ("ChargeClass", "ServiceCategory")
"""Mandatory columns that official examples leave out; read as empty, with a notice."""

FILLED = (
    "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "ChargeCategory",
    "ChargePeriodStart",
)  # fmt: skip
"""Columns in which an empty value makes the row worthless: the row is rejected."""

ROLLED_UP = (
    *COSTS,
    "BillingAccountId", "BillingAccountName", "BillingCurrency", "ChargeCategory",
    "ChargeClass", "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity",
    "ConsumedUnit", "InvoiceIssuerName", "PricingQuantity", "PricingUnit",
    "ProviderName", "RegionId", "ServiceCategory", "ServiceName",
    "ServiceProviderName", "ServiceSubcategory", "SkuId", "SkuMeter",
    "SkuPriceDetails", "SubAccountId", "SubAccountName", "Tags",
    "CommitmentDiscountStatus", "PricingCategory", "ResourceId",
)  # fmt: skip
"""Columns that every stored Parquet file has, empty where the delivery has none."""

VERSION_1_0 = frozenset({
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName",
    "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
    "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "CommitmentDiscountCategory", "CommitmentDiscountId",
    "CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType",
    "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice",
    "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice",
    "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName",
    "ResourceType", "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId",
    "SubAccountId", "SubAccountName", "Tags",
})  # fmt: skip

ADDED_IN = {
    "1.1": frozenset({
        "CapacityReservationId", "CapacityReservationStatus",
        "CommitmentDiscountQuantity", "CommitmentDiscountUnit", "ServiceSubcategory",
        "SkuMeter", "SkuPriceDetails",
    }),
    "1.2": frozenset({
        "BillingAccountType", "SubAccountType", "InvoiceId", "PricingCurrency",
        "PricingCurrencyContractedUnitPrice", "PricingCurrencyListUnitPrice",
        "PricingCurrencyEffectiveCost",
    }),
    "1.3": frozenset({
        "AllocatedMethodId", "AllocatedMethodDetails", "AllocatedResourceId",
        "AllocatedResourceName", "AllocatedTags", "ContractApplied",
        "HostProviderName", "ServiceProviderName",
    }),
    "1.4": frozenset({"InvoiceDetailId", "CommitmentProgramEligibilityDetails"}),
}  # fmt: skip

KNOWN = VERSION_1_0.union(*ADDED_IN.values())

DRAFT_NAMES = {
    "InvoiceIssuer": "InvoiceIssuerName",
    "Provider": "ProviderName",
    "Publisher": "PublisherName",
    "Region": "RegionId",
    "UsageQuantity": "ConsumedQuantity",
    "UsageUnit": "ConsumedUnit",
}
"""Names of the drafts before 1.0 that Oracle's exports still carry, and today's."""

OTHER_DATASETS = {
    "ContractCommitmentId": "Contract Commitment",
    "InvoiceDetailId": "Invoice Detail",
    "BillingPeriodStatus": "Billing Period",
}


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the column names of one file say."""

    names: tuple[str, ...]
    """Names as delivered, in the file's order."""
    reads: tuple[str, ...]
    """The same with draft names replaced by those of FOCUS 1.0."""
    version: str
    """Oldest FOCUS version that has all FOCUS columns of the file."""
    dataset: str
    missing: tuple[str, ...]
    """Mandatory columns that are not there: a reason to refuse."""
    gaps: tuple[str, ...]
    """Tolerated columns that are not there: read as empty."""
    custom: tuple[str, ...]
    """Columns that begin with `x_`."""
    unknown: tuple[str, ...]
    """Columns that FOCUS does not know and that do not begin with `x_`."""
    twice: tuple[str, ...]
    """Names that occur more than once: a reason to refuse."""


def understand(names: Sequence[str]) -> Header:
    """Tell dataset, version and gaps from the column names of a file."""
    present = set(names)
    reads = tuple(
        DRAFT_NAMES[name]
        if name in DRAFT_NAMES and DRAFT_NAMES[name] not in present
        else name
        for name in names
    )
    have = set(reads)
    lowered = [name.lower() for name in reads]
    return Header(
        names=tuple(names),
        reads=reads,
        version=_version(have),
        dataset=_dataset(have),
        missing=tuple(name for name in MANDATORY if name not in have),
        gaps=tuple(name for name in TOLERATED_GAPS if name not in have),
        custom=tuple(name for name in reads if name.startswith("x_")),
        unknown=tuple(
            name for name in reads if name not in KNOWN and not name.startswith("x_")
        ),
        twice=tuple(
            sorted({name for name in reads if lowered.count(name.lower()) > 1})
        ),
    )


def _version(have: set[str]) -> str:
    """Return the version; 1.4 is also told by the providers it removed."""
    if have & ADDED_IN["1.3"] and not have & {"ProviderName", "PublisherName"}:
        return "1.4"
    for version in ("1.4", "1.3", "1.2", "1.1"):
        if have & ADDED_IN[version]:
            return version
    return "1.0"


def _dataset(have: set[str]) -> str:
    if "BilledCost" in have and "ChargeCategory" in have:
        return "Cost and Usage"
    for marker, dataset in OTHER_DATASETS.items():
        if marker in have:
            return dataset
    return "unknown"
