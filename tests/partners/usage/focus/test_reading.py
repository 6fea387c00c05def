"""Clean, dirty and broken files: read exactly, or refused with the place."""

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from partners.usage.focus.errors import FileRefusedError
from tests.partners.usage import exports
from tests.partners.usage.focus.conftest import Read

Reader = Callable[[Path], Read]


def decimal_sums(path: Path, column: str) -> Decimal:
    """Add up a column without DuckDB: the standard library is the oracle."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return sum(
            (
                Decimal(row[column])
                for row in csv.DictReader(file)
                if row[column] not in {"", "NULL"}
            ),
            Decimal(0),
        )


class TestReadTheRealSample:
    def test_keeps_every_row_and_every_digit(self, read: Reader) -> None:
        path = exports.shared("real_1.0/focus_sample.csv")

        staged = read(path).staged

        assert (staged.rows_read, staged.rows_kept) == (1000, 1000)
        assert staged.header.version == "1.0"
        assert staged.totals == {
            "USD": {
                "BilledCost": Decimal("20.52022672899"),
                "EffectiveCost": Decimal("14.97651418586"),
                "ListCost": decimal_sums(path, "ListCost"),
                "ContractedCost": decimal_sums(path, "ContractedCost"),
            }
        }

    def test_splits_by_billing_month_and_keeps_nulls(self, read: Reader) -> None:
        done = read(exports.shared("real_1.0/focus_sample.csv"))
        rows = done.rows

        assert done.months == [date(2024, 9, 1), date(2024, 10, 1)]
        october = [row for row in rows if row["BillingPeriodStart"].month == 10]
        assert (len(rows), len(october)) == (1000, 1)
        assert sum(row["ContractedCost"] is None for row in rows) == 7
        assert sum(row["Tags"] is None for row in rows) == 289

    def test_keeps_blanks_and_the_word_null_inside_tags(self, read: Reader) -> None:
        rows = read(exports.shared("real_1.0/focus_sample.csv")).rows

        tags = [json.loads(row["Tags"]) for row in rows if row["Tags"]]

        assert any(" org" in tag for tag in tags)
        assert any("NULL" in str(value) for tag in tags for value in tag.values())

    def test_says_what_it_kept_that_is_not_focus(self, read: Reader) -> None:
        staged = read(exports.shared("real_1.0/focus_sample.csv")).staged

        assert staged.header.unknown == ("Id",)
        assert "Id" in staged.notices[0]


class TestReadDirt:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("$10,000.00 ", "10000"),
            ("1.5E3", "1500"),
            ("2.5e-7", "0.00000025"),
            ("-3", "-3"),
            (" 4.25", "4.25"),
            ("0.100000000000000000000", "0.1"),
            ("12345678901234567890.123456789012345678",) * 2,
        ],
    )
    def test_numbers(self, read: Reader, tmp_path: Path, text: str, value: str) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(BilledCost=text)])

        assert read(path).rows[0]["BilledCost"] == Decimal(value)

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("2024-09-01 00:00:00", datetime(2024, 9, 1)),  # noqa: DTZ001  stored as UTC
            ("2024-09-01T08:00:00+08:00", datetime(2024, 9, 1)),  # noqa: DTZ001  stored as UTC
            ("5/1/25", datetime(2025, 5, 1)),  # noqa: DTZ001  stored as UTC
            ("2024-09-01", datetime(2024, 9, 1)),  # noqa: DTZ001  stored as UTC
        ],
    )
    def test_times(
        self, read: Reader, tmp_path: Path, text: str, value: datetime
    ) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(ChargePeriodStart=text)])

        assert read(path).rows[0]["ChargePeriodStart"] == value

    @pytest.mark.parametrize("text", ["", "NULL", "null", "(null)"])
    def test_texts_for_null(self, read: Reader, tmp_path: Path, text: str) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(SubAccountId=text)])

        assert read(path).rows[0]["SubAccountId"] is None

    def test_leading_zeros_of_ids(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(SkuId="000")])

        stored = read(path).rows[0]

        assert (stored["BillingAccountId"], stored["SkuId"]) == ("001122", "000")

    def test_a_month_of_utc_plus_8_with_inclusive_end(
        self, read: Reader, tmp_path: Path
    ) -> None:
        path = exports.write(
            tmp_path / "a.csv",
            [
                exports.row(
                    BillingPeriodStart="2024-12-31T16:00:00Z",
                    BillingPeriodEnd="2025-01-31T15:59:59Z",
                )
            ],
        )

        assert read(path).months == [date(2025, 1, 1)]

    def test_mark_and_line_ends(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

        found = read(path)

        assert found.staged.opened.dialect.has_bom
        assert found.staged.opened.dialect.newline == "CRLF"
        assert found.rows[0]["BilledCost"] == Decimal(1)

    def test_names_of_the_drafts(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        path.write_text(path.read_text().replace("InvoiceIssuerName", "InvoiceIssuer"))

        assert read(path).rows[0]["InvoiceIssuerName"] == "Cloud"

    def test_currencies_are_never_mixed(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(
            tmp_path / "a.csv",
            [exports.row(), exports.row(BillingCurrency="CNY", BilledCost="7")],
        )

        totals = read(path).staged.totals

        assert totals["USD"]["BilledCost"] == Decimal(1)
        assert totals["CNY"]["BilledCost"] == Decimal(7)


class TestRejectRows:
    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [
            ("BilledCost", "abc", "Not a number."),
            ("BilledCost", "1_000", "rounding|number"),
            ("BilledCost", "NaN", "Not a finite number."),
            ("EffectiveCost", "0.1234567890123456789", "More than 18 decimals"),
            ("ListCost", "1e-19", "More than 18 decimals"),
            ("ListCost", "123456789012345678901", "More than 20 digits"),
            ("ChargePeriodStart", "13/1/25", "Not a date"),
            ("ChargePeriodStart", "0005-01-25T00:00:00Z", "Not a date"),
            ("BillingAccountId", "", "missing"),
            ("BillingCurrency", "DOLLAR", "three letters"),
        ],
    )
    def test_with_line_column_value_and_reason(
        self, read: Reader, tmp_path: Path, column: str, value: str, reason: str
    ) -> None:
        rows = [
            exports.row(ChargeDescription="two\nlines"),
            exports.row(**{column: value}),
        ]

        staged = read(exports.write(tmp_path / "a.csv", rows)).staged

        (reject,) = staged.rejects
        assert (reject.line, reject.column, reject.value) == (4, column, value)
        assert any(part in reject.reason for part in reason.split("|"))
        assert (staged.rows_read, staged.rows_kept) == (2, 1)

    def test_the_cost_of_a_rejected_row_is_shown(
        self, read: Reader, tmp_path: Path
    ) -> None:
        rows = [exports.row(), exports.row(ListCost="abc", BilledCost="5")]

        staged = read(exports.write(tmp_path / "a.csv", rows)).staged

        assert staged.rejected["USD"]["BilledCost"] == Decimal(5)
        assert staged.totals["USD"]["BilledCost"] == Decimal(6)

    def test_rows_with_too_few_columns(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        path.write_text(path.read_text() + "1,2\n\n" + path.read_text().splitlines()[1])

        staged = read(path).staged

        assert [reject.line for reject in staged.rejects] == [3]
        assert (staged.rows_read, staged.rows_kept) == (3, 2)


class TestRefuseFiles:
    @staticmethod
    def refused(read: Reader, path: Path) -> FileRefusedError:
        with pytest.raises(FileRefusedError) as caught:
            read(path)
        assert path.name in str(caught.value)
        return caught.value

    def test_a_cut_off_gzip(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv.gz", [exports.row()] * 50)
        path.write_bytes(path.read_bytes()[:-20])

        assert self.refused(read, path).code == "usage.gzip-cut-off"

    def test_a_damaged_gzip(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv.gz", [exports.row()] * 50)
        whole = bytearray(path.read_bytes())
        whole[40:60] = b"\xff" * 20
        path.write_bytes(bytes(whole))

        assert self.refused(read, path).code in {
            "usage.gzip-damaged",
            "usage.gzip-cut-off",
        }

    @pytest.mark.parametrize("sign", [";", "\t", "|"])
    def test_a_wrong_delimiter(self, read: Reader, tmp_path: Path, sign: str) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        path.write_text(path.read_text().replace(",", sign))

        refusal = self.refused(read, path)

        assert (refusal.code, refusal.line) == ("usage.delimiter", 1)

    @pytest.mark.parametrize("name", ["BilledCost", "BillingAccountId", "ListCost"])
    def test_a_missing_mandatory_column(
        self, read: Reader, tmp_path: Path, name: str
    ) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()], without=[name])

        refusal = self.refused(read, path)

        assert (refusal.code, refusal.column) == ("usage.columns-missing", name)

    def test_an_unclosed_quotation_mark(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()] * 3)
        lines = path.read_text().splitlines()
        lines[2] = '"' + lines[2]
        path.write_text("\n".join(lines) + "\n")

        refusal = self.refused(read, path)

        assert (refusal.code, refusal.line) == ("usage.quote", 3)

    def test_an_empty_file(self, read: Reader, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(b"")

        assert self.refused(read, path).code == "usage.file-empty"

    def test_a_header_only(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [])

        assert self.refused(read, path).code == "usage.no-rows"

    def test_a_header_that_names_a_column_twice(
        self, read: Reader, tmp_path: Path
    ) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        path.write_text(path.read_text().replace("ListCost", "BilledCost"))

        refusal = self.refused(read, path)

        assert (refusal.code, refusal.column) == ("usage.header-twice", "BilledCost")

    def test_a_bomb_of_rows(
        self, read: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("partners.usage.focus.files.BOMB_FROM", 1 << 20)
        path = exports.write(
            tmp_path / "a.csv.gz", [exports.row(SkuId="0" * 9000)] * 900
        )

        assert self.refused(read, path).code == "usage.file-too-large"

    def test_an_endless_line(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row()])
        with path.open("ab") as file:
            for _block in range(200):
                file.write(b"x" * (1 << 20))

        refusal = self.refused(read, path)

        assert (refusal.code, refusal.line) == ("usage.line-too-long", 3)

    def test_an_endless_line_in_a_gzip(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(
            tmp_path / "a.csv.gz", [exports.row(SkuId="0" * (3 << 20))]
        )

        assert self.refused(read, path).code == "usage.line-too-long"

    def test_another_encoding(self, read: Reader, tmp_path: Path) -> None:
        path = exports.write(tmp_path / "a.csv", [exports.row(SkuId="Zürich")])
        path.write_bytes(path.read_text("utf-8").encode("latin-1"))

        refusal = self.refused(read, path)

        assert (refusal.code, refusal.line) == ("usage.file-encoding", 2)

    def test_another_dataset(self, read: Reader) -> None:
        path = exports.shared("spec_1.4_contract_commitment/scenario_1.csv")

        assert self.refused(read, path).code == "usage.other-dataset"

    @pytest.mark.parametrize("start", [b"PK\x03\x04", b"%PDF", b"{}\n\n", b"\xff\xfea"])
    def test_other_kinds_of_files(
        self, read: Reader, tmp_path: Path, start: bytes
    ) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(start)

        assert self.refused(read, path).code == "usage.file-kind"

    def test_parquet_that_is_cut_off(self, read: Reader, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        path.write_bytes(b"PAR1 and nothing more")

        assert self.refused(read, path).code == "usage.unreadable"
