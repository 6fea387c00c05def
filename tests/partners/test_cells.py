"""Cells mean what people meant, or the row says why not."""

from typing import Any

import pytest

from partners import cells, countries, mapping, sheets
from partners.cells import Lookups

LOOKUPS = Lookups(
    people={"anna example com": 7, "anna weber": 7},
    teams={"alliances europe": 3},
    choices={
        "tier": {"strategic": "strategic"},
        "confidentiality": {"under nda": "nda", "public": "public"},
    },
)


def read(heading: str, text: str) -> cells.ReadRow:
    content = f'Name,"{heading}"\nBMW,"{text}"\n'.encode()
    sheet = sheets.read(name="a.csv", content=content)
    columns = mapping.propose(sheet.headings, target=mapping.Target.PARTNERS)
    return cells.read_rows(sheet=sheet, columns=columns, lookups=LOOKUPS)[0]


class TestReadRows:
    @pytest.mark.parametrize(
        ("heading", "text", "field", "value"),
        [
            ("Website", "https://www.bmw.de/", "domain", "bmw.de"),
            ("Country", "Germany", "country", "DE"),
            ("Billing Country", "中国", "country", "CN"),
            ("Country", "uk", "country", "GB"),
            ("Industry", "Automotive", "industry", "automotive"),
            ("Owner", "Anna Weber", "owner", 7),
            ("Owner email", "anna@example.com", "owner", 7),
            ("Team", "Alliances Europe", "team", 3),
            ("Tier", "Strategic", "tier", "strategic"),
            ("Confidentiality", "Under NDA", "confidentiality", "nda"),
            ("Currency", "eur", "currency", "EUR"),
            ("DUNS", "31-502-3366", "duns", "315023366"),
            ("Aliases", "宝马; Bimmer ;宝马", "aliases", ["宝马", "Bimmer"]),
        ],
    )
    def test_understands(self, heading: str, text: str, field: str, value: Any) -> None:
        row = read(heading, text)

        assert row.problems == []
        assert row.values == {"display_name": "BMW", field: value}

    @pytest.mark.parametrize(
        ("heading", "text", "words"),
        [
            ("Website", "not a domain", "no internet domain"),
            ("Website", "gmail.com", "of one company"),
            ("Country", "Atlantis", "no country"),
            ("Confidentiality", "top secret", "no level"),
            ("DUNS", "12", "D-U-N-S"),
            ("Currency", "Euro", "ISO 4217"),
            ("Legal name", "x" * 251, "250 characters"),
        ],
    )
    def test_refuses_and_names_the_column(
        self, heading: str, text: str, words: str
    ) -> None:
        row = read(heading, text)

        assert row.is_refused
        assert (row.line, row.problems[0].column) == (2, 2)
        assert row.problems[0].heading == heading
        assert words in row.problems[0].text

    @pytest.mark.parametrize(
        ("heading", "text"),
        [
            ("Owner", "Nobody"),
            ("Team", "None"),
            ("Industry", "Alchemy"),
            ("Tier", "Gold"),
        ],
    )
    def test_takes_the_row_and_notes_what_it_left_out(
        self, heading: str, text: str
    ) -> None:
        row = read(heading, text)

        assert not row.is_refused
        assert row.values == {"display_name": "BMW"}
        assert text in row.problems[0].text


class TestCountries:
    def test_have_names_in_both_languages(self) -> None:
        assert countries.name("DE", language="en") == "Germany"
        assert countries.name("DE", language="zh-hans") == "德国"

    def test_of_unknown_code_stay_codes(self) -> None:
        assert countries.name("QX", language="en") == "QX"
