"""The mail's edition: never longer than mail programs show, whatever the report holds."""

from decimal import Decimal

import pytest
from django.utils import translation

from crm.figures import blocks
from crm.figures.blocks import Block, Section
from crm.reports.payloads import Payload
from crm.reports.rendering import document, edition
from tests.crm.reports.samples import payload


def long_table(name: str) -> Block:
    cell = "Cooperation with a rather long name of the " + name
    rows = [
        [
            blocks.text(f"{cell} {n}", url=f"https://crm.example/cooperation/{n}/"),
            blocks.text(cell),
            blocks.money(Decimal(10**9 + n), "CNY"),
            blocks.count(n),
        ]
        for n in range(100)
    ]
    columns: list[tuple[str, blocks.Align]] = [
        ("Cooperation", "left"),
        ("Next step", "left"),
        ("Spend", "right"),
        ("Days", "right"),
    ]
    return blocks.table(columns, rows, title=name, total_count=100, empty="")


def long_payload(*, sections: int, tables: int) -> Payload:
    made = payload("en")
    made["sections"] = [
        Section(
            name=f"part-{number}",
            title=f"Part {number}",
            blocks=[long_table(f"table {table}") for table in range(tables)],
        )
        for number in range(sections)
    ]
    return made


@pytest.mark.parametrize(("sections", "tables"), [(1, 1), (6, 2), (17, 2), (20, 5)])
def test_always_fits(sections: int, tables: int) -> None:
    brief = edition.of(long_payload(sections=sections, tables=tables))

    assert len(brief.html.encode()) <= edition.MOST_BYTES - edition.ADDRESSES


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_usual_report_loses_no_table(language: str) -> None:
    said = payload(language)
    with translation.override(language):
        brief, full = edition.of(said), document.of(said)

    assert [len(part["blocks"]) for part in brief.document["sections"]] == [
        len(part["blocks"]) for part in full["sections"]
    ]


def test_says_what_is_left_out() -> None:
    brief = edition.of(long_payload(sections=17, tables=4))

    told = brief.document["sections"][0]["blocks"]
    assert "of 100 rows" in told[0]["more"]
    assert told[-1]["text"].endswith("more tables are in the report itself.")


def test_each_reader_gets_own_addresses() -> None:
    said = payload("en")
    brief = edition.of(said)
    addresses = dict.fromkeys(edition.MARKED.findall(brief.html), "cid:one@reports")
    addresses |= {edition.PREFERENCES: "https://crm.example/p/4.2:a&b/"}

    html = brief.html_for(addresses)

    assert {edition.RUN, edition.PREFERENCES} < set(addresses)
    assert 'href="https://crm.example/p/4.2:a&amp;b/"' in html
    assert 'src="cid:one@reports"' in html
    assert "mark.invalid" not in html
