"""Files of rates: both layouts, plain and zipped, and refusals that name the place."""

import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.rates import files
from crm.rates.files import RateLine, RatesFileRefusedError

Write = Callable[..., Path]
HEADING = "date,base,quote,rate,source\n"
ECB = (
    "Date,USD,JPY,CYP,CNY,\n"
    "2026-11-20,1.0523,162.34,N/A,7.6102,\n"
    "2026-11-19,1.0544,,N/A,7.6231,\n"
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(text: str, name: str = "rates.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return _write


class TestLongLayout:
    def test_gives_each_line(self, write: Write) -> None:
        path = write(HEADING + "2026-11-20,usd, CNY ,7.2345,PBoC\n\n")

        assert list(files.read(path)) == [
            RateLine(2, date(2026, 11, 20), "USD", "CNY", Decimal("7.2345"), "PBoC")
        ]

    @pytest.mark.parametrize(
        "heading", ["date,base,quote,rate\n", " Date, Base ,quote,RATE\r\n"]
    )
    def test_the_source_may_be_given_apart(self, write: Write, heading: str) -> None:
        path = write(heading + "2026-11-20,USD,CNY,7.2345\n")

        assert [line.source for line in files.read(path, source="PBoC")] == ["PBoC"]

    def test_the_source_in_the_line_wins(self, write: Write) -> None:
        path = write(HEADING + "2026-11-20,USD,CNY,7,A\n2026-11-21,USD,CNY,7,\n")

        assert [line.source for line in files.read(path, source="B")] == ["A", "B"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_a_mark_at_the_beginning_is_no_text(
        self, write: Write, encoding: str
    ) -> None:
        path = write(HEADING + "2026-11-20,USD,CNY,7,央行\n", encoding=encoding)

        assert [line.source for line in files.read(path)] == ["央行"]

    @pytest.mark.parametrize("rate", ["1", "0." + "0" * 17 + "1", "9" * 20, "1.50000"])
    def test_takes_every_digit_that_can_be_stored(
        self, write: Write, rate: str
    ) -> None:
        path = write(HEADING + f"2026-11-20,USD,CNY,{rate},x\n")

        assert [line.rate for line in files.read(path)] == [Decimal(rate)]

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("2026-11-31,USD,CNY,7,x", "column date: '2026-11-31' is no day"),
            ("20.11.2026,USD,CNY,7,x", "column date: '20.11.2026' is no day"),
            ("2026-11-20,US,CNY,7,x", "column base: 'US' is no currency"),
            ("2026-11-20,USD,C1Y,7,x", "column quote: 'C1Y' is no currency"),
            ("2026-11-20,USD,USD,1,x", "column quote: the same currency"),
            ("2026-11-20,USD,CNY,0,x", "column rate: a rate must be greater"),
            ("2026-11-20,USD,CNY,-7,x", "column rate: '-7' is no rate"),
            ("2026-11-20,USD,CNY,7e2,x", "column rate: '7e2' is no rate"),
            ("2026-11-20,USD,CNY,NaN,x", "column rate: 'NaN' is no rate"),
            ("2026-11-20,USD,CNY,N/A,x", "column rate: 'N/A' is no rate"),
            ('2026-11-20,USD,CNY,"7,1",x', "column rate: '7,1' is no rate"),
            ("2026-11-20,USD,CNY,0.0000000000000000001,x", "more than 18 digits"),
            (f"2026-11-20,USD,CNY,{'9' * 21},x", "column rate: '999"),
            ("2026-11-20,USD,CNY,7,", "column source: no source; name it with"),
            ("2026-11-20,USD,CNY,7," + "x" * 61, "column source: longer than 60"),
            ("2026-11-20,USD,CNY,7,a\x00b", "line 3"),
            ("2026-11-20,USD,CNY", "3 columns instead of 5"),
            ("2026-11-20,USD,CNY,7,x,y", "6 columns instead of 5"),
        ],
    )
    def test_a_bad_line_is_refused_by_file_line_and_column(
        self, write: Write, line: str, why: str
    ) -> None:
        path = write(HEADING + "2026-11-19,USD,CNY,7,x\n" + line + "\n")

        with pytest.raises(RatesFileRefusedError) as refusal:
            list(files.read(path))

        assert refusal.value.text.startswith("rates.csv, line 3")
        assert why in refusal.value.text


class TestCentralBankLayout:
    def test_gives_what_a_euro_was_worth(self, write: Write) -> None:
        path = write(ECB)

        found = [(x.line, x.date.day, x.quote, str(x.rate)) for x in files.read(path)]

        assert found == [
            (2, 20, "USD", "1.0523"),
            (2, 20, "JPY", "162.34"),
            (2, 20, "CNY", "7.6102"),
            (3, 19, "USD", "1.0544"),
            (3, 19, "CNY", "7.6231"),
        ]
        assert {(x.base, x.source) for x in files.read(path)} == {("EUR", "ECB")}

    def test_the_file_of_the_day_is_understood_too(self, write: Write) -> None:
        path = write("Date, USD, JPY, \n20 November 2026, 1.0523, 162.34, \n")

        assert [(x.date, x.quote) for x in files.read(path)] == [
            (date(2026, 11, 20), "USD"),
            (date(2026, 11, 20), "JPY"),
        ]

    def test_a_bad_cell_is_refused_by_its_currency(self, write: Write) -> None:
        path = write(ECB.replace("162.34", "162..34"))

        with pytest.raises(
            RatesFileRefusedError, match=r"rates\.csv, line 2, column JPY: '162\.\.34'"
        ):
            list(files.read(path))

    @pytest.mark.parametrize("line", ["2026-11-18,1.05", "2026-11-18,1,2,3,4,5"])
    def test_a_line_of_another_length_is_refused(self, write: Write, line: str) -> None:
        path = write(ECB + line + "\n")

        with pytest.raises(RatesFileRefusedError, match=r"line 4: \d columns"):
            list(files.read(path))


class TestZip:
    def test_with_one_file_is_read(self, write: Write, tmp_path: Path) -> None:
        path = tmp_path / "eurofxref-hist.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("eurofxref-hist.csv", ECB)

        assert len(list(files.read(path))) == 5

    def test_with_two_files_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "two.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", ECB)
            archive.writestr("b.csv", ECB)

        with pytest.raises(RatesFileRefusedError, match="exactly one CSV"):
            list(files.read(path))

    def test_cut_short_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "cut.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.csv", ECB * 50)
        content = bytearray(path.read_bytes())
        content[60] ^= 0xFF
        path.write_bytes(content)

        with pytest.raises(RatesFileRefusedError, match=r"cut\.zip"):
            list(files.read(path))


class TestOtherFiles:
    @pytest.mark.parametrize(
        "text", ["", "\n", "a,b,c\n", "Date\n", "Date,dollar\n", '{"a": 1}']
    )
    def test_are_refused_with_what_is_wanted(self, write: Write, text: str) -> None:
        path = write(text)

        with pytest.raises(RatesFileRefusedError, match="the first line must be"):
            list(files.read(path))

    def test_another_encoding_is_refused(self, write: Write) -> None:
        path = write(HEADING + "2026-11-20,USD,CNY,7,央行\n", encoding="gb18030")

        with pytest.raises(RatesFileRefusedError, match=r"rates\.csv"):
            list(files.read(path))

    def test_a_missing_one_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RatesFileRefusedError, match=r"nowhere\.csv"):
            list(files.read(tmp_path / "nowhere.csv"))
