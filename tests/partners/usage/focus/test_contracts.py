"""Contract Commitment files of FOCUS 1.3 and 1.4, and what line items apply to them."""

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from partners.usage.focus import applied, contracts
from partners.usage.focus.errors import FileRefusedError
from tests.partners.usage import exports

D = Decimal
ROW = {
    "ContractId": "AGR-1",
    "ContractPeriodStart": "2025-01-01",
    "ContractPeriodEnd": "2028-01-01",
    "ContractCommitmentId": "CMT-1",
    "ContractCommitmentCategory": "Spend",
    "ContractCommitmentType": "Enterprise",
    "ContractCommitmentDescription": "three years",
    "ContractCommitmentPeriodStart": "2025-01-01T00:00:00Z",
    "ContractCommitmentPeriodEnd": "2028-01-01T00:00:00Z",
    "ContractCommitmentCost": "3000000.00",
    "ContractCommitmentQuantity": "",
    "ContractCommitmentUnit": "NULL",
    "BillingCurrency": "USD",
}


def written(folder: Path, *rows: dict[str, str], name: str = "c.csv") -> Path:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path = folder / name
    content = ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


class TestRead:
    @pytest.mark.parametrize("name", ["c.csv", "c.csv.gz"])
    def test_reads_the_13_columns(self, tmp_path: Path, name: str) -> None:
        found = contracts.read(written(tmp_path, ROW, name=name))

        (row,) = found.rows
        assert (found.version, row.line) == ("1.3", 2)
        assert row.numbers == {"ContractCommitmentCost": D("3000000.00")}
        assert row.times["ContractCommitmentPeriodEnd"] == datetime(
            2028, 1, 1, tzinfo=UTC
        )
        assert row.text("ContractCommitmentUnit") == ""

    def test_reads_parquet_like_csv(self, tmp_path: Path) -> None:
        plain = written(tmp_path, ROW)
        packed = tmp_path / "c.parquet"
        duckdb.sql(
            f"COPY (SELECT * FROM read_csv('{plain}', all_varchar = true)) TO '{packed}'"
        )

        assert contracts.read(packed).rows == contracts.read(plain).rows

    @pytest.mark.parametrize(
        ("column", "value", "code"),
        [
            ("ContractId", "", "usage.value-missing"),
            ("ContractCommitmentCost", "much", "usage.value-unusable"),
            ("ContractCommitmentCost", "0." + "1" * 19, "usage.value-unusable"),
            ("ContractCommitmentPeriodEnd", "some day", "usage.value-unusable"),
            ("ContractCommitmentPeriodEnd", "2024-01-01", "usage.value-unusable"),
            ("BillingCurrency", "Dollar", "usage.value-unusable"),
        ],
    )
    def test_refuses_a_row_by_line_and_column(
        self, tmp_path: Path, column: str, value: str, code: str
    ) -> None:
        path = written(tmp_path, ROW, ROW | {column: value})

        with pytest.raises(FileRefusedError) as caught:
            contracts.read(path)

        refusal = caught.value
        assert (refusal.line, refusal.column, refusal.code) == (3, column, code)

    def test_refuses_another_dataset(self, tmp_path: Path) -> None:
        path = tmp_path / "usage.csv"
        path.write_text("BilledCost,ChargeCategory\n1,Usage\n")

        with pytest.raises(FileRefusedError, match="no Contract Commitment file"):
            contracts.read(path)

    def test_refuses_a_damaged_gzip(self, tmp_path: Path) -> None:
        path = written(tmp_path, ROW, name="c.csv.gz")
        path.write_bytes(path.read_bytes()[:-9])

        with pytest.raises(FileRefusedError):
            contracts.read(path)


class TestOfficialFiles:
    def test_of_1_4_loads_with_its_30_columns(self) -> None:
        path = exports.shared("spec_1.4_contract_commitment/scenario_1.csv")

        found = contracts.read(path)

        assert (found.version, len(found.rows), found.unknown) == ("1.4", 3, ())
        costs = [row.numbers["ContractCommitmentCost"] for row in found.rows]
        assert costs == [D(925000), D(46250), D(111000)]
        assert found.rows[0].text("ContractCommitmentModel") == "Discontinuous"

    @pytest.mark.parametrize(
        ("cloud", "count"), [("aws", 10), ("azure", 10), ("gcp", 11)]
    )
    def test_of_1_3_load(self, cloud: str, count: int) -> None:
        path = exports.shared(
            f"toolkit_1.3/{cloud}_1_3_contract_commitment_rows100_seed42.csv"
        )

        found = contracts.read(path)

        assert (found.version, len(found.rows)) == ("1.3", count)


def stored(folder: Path, *values: str) -> list[str]:
    """Write line items of May as the store keeps them."""
    path = folder / "part.parquet"
    listed = ", ".join(f"('{value}')" for value in values)
    duckdb.sql(
        "COPY (SELECT TIMESTAMP '2026-05-03' AS ChargePeriodStart, 'usd' AS "
        f"BillingCurrency, v AS ContractApplied FROM (VALUES {listed}) AS t(v)) "
        f"TO '{path}'"
    )
    return [str(path)]


FINAL = (
    '{"Elements": [{"ContractId": "A", "ContractCommitmentId": "1", '
    '"ContractCommitmentAppliedCost": 0.1}]}'
)
DRAFT = (
    '{"ContractApplied": [{"ContractId": "A", "ContractCommitmentID": "1", '
    '"ContractCommitmentAppliedCost": 0.2}]}'
)
HOURS = (
    '{"Elements": [{"ContractId": "A", "ContractCommitmentId": "2", '
    '"ContractCommitmentAppliedQuantity": 4, "ContractCommitmentAppliedUnit": "Hours"}]}'
)


class TestApplied:
    def test_adds_up_final_and_draft_forms(self, tmp_path: Path) -> None:
        found = applied.applied(stored(tmp_path, FINAL, DRAFT, "no json", "{}"))

        (one,) = found
        assert (one.contract_commitment_id, one.cost) == ("1", D("0.3"))
        assert (one.charge_month, one.currency) == (date(2026, 5, 1), "USD")

    def test_keeps_quantities_by_unit(self, tmp_path: Path) -> None:
        (one,) = applied.applied(stored(tmp_path, HOURS, HOURS))

        assert (one.quantity, one.unit, one.row_count) == (D(8), "Hours", 2)

    def test_is_nothing_where_the_column_is_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "old.parquet"
        duckdb.sql(f"COPY (SELECT 1 AS BilledCost) TO '{path}'")

        assert applied.applied([str(path)]) == []
