"""The column ContractApplied: what line items apply to contract commitments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq

from partners.usage.focus import reading, stored
from partners.usage.focus.engine import opened


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


# A number of JSON is read as a double, which has not digits enough: it becomes a text.
APPLIED = r"""
WITH line AS (
    SELECT ChargePeriodStart, BillingCurrency, regexp_replace(ContractApplied,
        '("ContractCommitmentApplied(?:Cost|Quantity)"\s*:\s*)(-?[0-9][0-9.eE+-]*)',
        '\1"\2"', 'g') AS said
    FROM {source} WHERE ContractApplied IS NOT NULL
), item AS (
    SELECT CAST(date_trunc('month', ChargePeriodStart) AS DATE) AS month,
        upper(BillingCurrency) AS currency, CASE WHEN json_valid(said) THEN
        COALESCE(json_extract(said, '$.Elements'),
            json_extract(said, '$.ContractApplied.Elements'),
            json_extract(said, '$.ContractApplied'),
            said::JSON) END AS elements
    FROM line
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
    if not any("ContractApplied" in pq.read_schema(file).names for file in files):
        return []  # what most providers send; to open DuckDB costs more than to look
    source = stored.rows_of(files)
    with opened() as duck:
        reading.prepare(duck)
        return [
            Applied(*row)
            for row in duck.execute(APPLIED.format(source=source)).fetchall()
        ]
