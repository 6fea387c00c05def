"""Lists as tables: complete, and harmless in a spreadsheet."""

import csv
import io
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest

from crm.web.api.formats import harmless
from tests import make
from tests.crm.web.api.conftest import TokenCaller
from tests.crm.web.api.notes import Note

USERS = "/api/v1/users/"
NOTES = "/api/v1/notes/"


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content)


class TestHarmless:
    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+1",
            "-1+cmd|' /C calc'!A0",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\r=1",
            "\n=1",
            "\tplain",
            "＝1+1",
            "＠SUM(A1)",
            "\u200b=1",
            "|calc",
            "%0A=1",
        ],
    )
    def test_formulas_get_an_apostrophe(self, text: str) -> None:
        assert harmless(text) == f"'{text}"

    @pytest.mark.parametrize(
        "value", ["Alps", "a=b", "1-2", "中国移动", "", 5, -5, 1.5]
    )
    def test_the_rest_stays(self, value: Any) -> None:
        assert harmless(value) == value

    def test_decimals_keep_their_sign_and_digits(self) -> None:
        assert harmless(Decimal("-12.500")) == "-12.500"
        assert harmless(Decimal("1E+3")) == "1000"


@pytest.mark.usefixtures("notes")
class TestTables:
    def test_csv_has_all_rows_whatever_the_page(self, sync: TokenCaller) -> None:
        Note.objects.bulk_create(Note(title=f"Note {n:03}") for n in range(120))

        response = sync.get(f"{NOTES}?format=csv&fields=title&ordering=title")

        text = content(response).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert rows[0] == ["id", "title"]
        assert [row[1] for row in rows[1:]] == [f"Note {n:03}" for n in range(120)]

    def test_csv_guards_what_people_wrote(self, sync: TokenCaller) -> None:
        Note.objects.create(title='=HYPERLINK("http://x")', price=Decimal(-2))

        text = content(sync.get(NOTES, headers={"Accept": "text/csv"})).decode()

        assert "'=HYPERLINK" in text
        assert ",-2.000000," in text

    def test_xlsx_writes_texts_as_texts_and_numbers_as_numbers(
        self, sync: TokenCaller
    ) -> None:
        Note.objects.create(title="=1+1", price=Decimal("2.5"))

        response = sync.get(f"{NOTES}?format=xlsx&fields=title,price")

        with ZipFile(io.BytesIO(content(response))) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "=1+1" in sheet
        assert "<v>2.5</v>" in sheet

    def test_refuse_a_cursor(self, sync: TokenCaller) -> None:
        response = sync.get(f"{NOTES}?format=csv&cursor=x")

        assert response.status_code == 400


class TestRelations:
    def test_stand_in_columns_of_their_own(self, sync: TokenCaller) -> None:
        make.user(name="Zoe", team=make.team("Alps"))

        path = f"{USERS}?format=csv&expand=team&fields=name&ordering=-name&limit=1"
        rows = list(
            csv.reader(io.StringIO(content(sync.get(path)).decode("utf-8-sig")))
        )

        assert rows[0][:4] == ["id", "name", "team.id", "team.name"]
        assert rows[1][1::2][:2] == ["Zoe", "Alps"]
