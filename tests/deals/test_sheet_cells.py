"""What cells of exports mean: only where one reading is possible."""

from datetime import date
from decimal import Decimal

import pytest

from deals import sheet_cells, sheet_columns
from deals.sheet_cells import Meanings, money, salesforce_id
from deals.sheet_columns import Columns
from partners.cells import CellFaultError
from partners.sheets import Row, Sheet

REPORT = (
    "Opportunity Owner", "Account Name", "Opportunity Name", "Stage", "Fiscal Period",
    "Amount Currency", "Amount", "Probability (%)", "Age", "Close Date",
    "Created Date", "Next Step", "Lead Source", "Type", "Opportunity ID", "Account ID",
)  # fmt: skip
DATA_LOADER = (
    "ID", "ACCOUNTID", "NAME", "DESCRIPTION", "STAGENAME", "AMOUNT", "CLOSEDATE",
    "TYPE", "NEXTSTEP", "OWNERID", "CURRENCYISOCODE",
)  # fmt: skip
HUBSPOT = (
    "Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Currency",
    "Close Date", "Deal owner", "Deal Type", "Closed Lost Reason",
    "Associated Company", "Associated Company IDs",
)  # fmt: skip


class TestPropose:
    @pytest.mark.parametrize(
        ("headings", "system", "known"),
        [
            (REPORT, "salesforce", 11),
            (DATA_LOADER, "salesforce", 10),
            (HUBSPOT, "hubspot", 11),
            (("Name", "Stage", "Price"), "", 2),
        ],
    )
    def test_knows_the_headings_of_exports(
        self, headings: tuple[str, ...], system: str, known: int
    ) -> None:
        columns = sheet_columns.propose(headings)

        assert columns.system == system
        assert len(columns.fields) == known
        assert len(set(columns.fields.values())) == known

    def test_no_word_means_two_fields(self) -> None:
        words = [word for known in sheet_columns.FIELDS.values() for word in known]

        assert len(words) == len(set(words))


class TestMoney:
    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("1200000", "1200000.00"),
            ("1,234,567.89", "1234567.89"),
            ("1.234.567,89", "1234567.89"),
            ("USD 120,000.00", "120000.00"),
            ("$1'234'567", "1234567.00"),
            ("¥ 8 000", "8000.00"),
            ("4500.5", "4500.50"),
            ("12,5", "12.50"),
            ("1234,567", "1234.57"),
            ("0.125", "0.13"),
            ("1,234,567", "1234567.00"),
        ],
    )
    def test_is_read(self, text: str, amount: str) -> None:
        assert money(text) == Decimal(amount)

    @pytest.mark.parametrize(
        "text", ["1,200", "1.200", "-5", "much", "1.2.3,4,5", "9" * 19]
    )
    def test_is_refused(self, text: str) -> None:
        with pytest.raises(CellFaultError):
            money(text)


def dates(*texts: str, name: str = "close_date") -> list[object]:
    sheet = Sheet(
        name="x.csv",
        headings=("Close Date",),
        rows=tuple(Row(line=n, cells=(text,)) for n, text in enumerate(texts, 2)),
    )
    rows = sheet_cells.read_rows(
        sheet=sheet, columns=Columns(fields={0: name}), meanings=Meanings()
    )
    return [row.values.get("close_date") for row in rows]


class TestDates:
    @pytest.mark.parametrize(
        "text",
        ["2026-03-04", "2026/3/4", "2026-03-04 15:07", "4.3.2026", "2026年3月4日"],
    )
    def test_are_read_where_they_say_it_themselves(self, text: str) -> None:
        assert dates(text) == [date(2026, 3, 4)]

    def test_are_read_as_the_whole_column_tells(self) -> None:
        assert dates("3/4/2026", "12/31/2026")[0] == date(2026, 3, 4)
        assert dates("3/4/2026", "31/12/2026")[0] == date(2026, 4, 3)

    def test_are_refused_where_nothing_tells(self) -> None:
        assert dates("3/4/2026", "5/5/2026") == [None, date(2026, 5, 5)]
        assert dates("12/31/2026", "31/12/2026") == [None, None]

    def test_are_read_as_the_person_says(self) -> None:
        assert dates("3/4/2026", name="close_date_day_first") == [date(2026, 4, 3)]
        assert dates("3/4/2026", name="close_date_month_first") == [date(2026, 3, 4)]

    @pytest.mark.parametrize("text", ["2026-02-30", "soon", "13/13/2026"])
    def test_are_refused_when_there_is_no_such_day(self, text: str) -> None:
        assert dates(text) == [None]


def test_ids_of_reports_become_those_of_the_data_loader() -> None:
    assert salesforce_id("0015000000Gv7qJ") == "0015000000Gv7qJAAR"
    assert salesforce_id("0015000000Gv7qJAAR") == "0015000000Gv7qJAAR"
