"""The column ContractApplied: what line items apply to contract commitments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from partners.usage.focus import reading
from partners.usage.focus.engine import opened, texts


@dataclass(frozen=True, slots=True)
class Applied:
    """What line items of one charge month applied to one contract commitment."""

    contract_id: str
    contract_commitment_id: str
    charge_month: date
    currency: str
    unit: str
    cost: Decimal | None
    quantity: Decimal | None
    row_count: int


APPLIED = """
WITH item AS (
    SELECT CAST(date_trunc('month', ChargePeriodStart) AS DATE) AS month,
        upper(BillingCurrency) AS currency, CASE WHEN json_valid(ContractApplied) THEN
        COALESCE(json_extract(ContractApplied, '$.Elements'),
            json_extract(ContractApplied, '$.ContractApplied.Elements'),
            json_extract(ContractApplied, '$.ContractApplied'),
            ContractApplied::JSON) END AS elements
    FROM {source} WHERE ContractApplied IS NOT NULL
), element AS (
    SELECT month, currency, unnest(CAST(elements AS JSON[])) AS e
    FROM item WHERE json_type(elements) = 'ARRAY'
), said AS (
    SELECT month, currency, json_extract_string(e, '$.ContractId') AS contract,
        COALESCE(json_extract_string(e, '$.ContractCommitmentId'),
            json_extract_string(e, '$.ContractCommitmentID')) AS commitment,
        json_extract_string(e, '$.ContractCommitmentAppliedCost') AS cost,
        json_extract_string(e, '$.ContractCommitmentAppliedQuantity') AS quantity,
        COALESCE(json_extract_string(e, '$.ContractCommitmentAppliedUnit'), '') AS unit
    FROM element
)
SELECT contract, commitment, month, currency, unit, sum(number(cost)),
    sum(number(quantity)), count(*)
FROM said WHERE contract IS NOT NULL AND commitment IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""


def applied(files: Sequence[str]) -> list[Applied]:
    """Return what the line items of stored files apply to contract commitments.

    Understood are the final form (`Elements`), the draft's (key `ContractApplied`) and
    both spellings of the commitment's id.
    """
    if not files:
        return []
    source = (
        f"read_parquet({texts(list(files))}, union_by_name = true, "
        "hive_partitioning = false)"
    )
    with opened() as duck:
        described = duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        if "ContractApplied" not in {str(row[0]) for row in described}:
            return []
        reading.prepare(duck)
        return [
            Applied(*row)
            for row in duck.execute(APPLIED.format(source=source)).fetchall()
        ]
