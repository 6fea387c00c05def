"""Mail, PDF and sheet of a full payload: the same figures, the same bytes, both languages."""

import email
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from crm.figures import blocks, charts, words
from crm.reports import payloads
from crm.reports.rendering import document, fonts, page, plain, sheets
from tests.crm.reports.samples import payload
from tests.crm.reports.test_delivering import deliver, due

AT = datetime(2026, 11, 22, 16, tzinfo=UTC)
LANGUAGES = ["en", "zh-hans"]
pytestmark = pytest.mark.timeout(60)


def said(language: str) -> document.Document:
    with translation.override(language):
        return document.of(payload(language))


def fonts_of(reader: PdfReader) -> set[str]:
    """Return the names of all fonts that the PDF uses."""
    names = set()
    for one in reader.pages:
        resources: Any = one["/Resources"].get_object()
        fonts_used = resources["/Font"].get_object()
        names |= {str(f.get_object()["/BaseFont"]) for f in fonts_used.values()}
    return names


class TestPdf:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_says_everything_in_the_bundled_font(self, language: str) -> None:
        reader = PdfReader(BytesIO(fonts.pdf(said(language), at=AT)))

        text = "".join(one.extract_text() for one in reader.pages)
        used = fonts_of(reader)
        assert "中国移动" in text.replace("\n", "")
        assert used
        assert {"NotoSansCJK" in name for name in used} == {True}

    def test_the_same_document_gives_the_same_bytes(self) -> None:
        first, second = (fonts.pdf(said("en"), at=AT) for _ in range(2))

        assert first == second


class TestSheet:
    def test_the_same_payload_gives_the_same_bytes(self) -> None:
        first, second = (sheets.xlsx_of(payload(), at=AT) for _ in range(2))

        assert first == second

    def test_words_are_never_formulas(self) -> None:
        book = zipfile.ZipFile(BytesIO(sheets.xlsx_of(payload(), at=AT)))

        assert "=SUM(A1)" in book.read("xl/sharedStrings.xml").decode()
        formulas = [
            name
            for name in book.namelist()
            if "worksheets/" in name and b"<f>" in book.read(name)
        ]
        assert formulas == []

    def test_it_holds_all_rows_that_the_payload_holds(self) -> None:
        book = zipfile.ZipFile(BytesIO(sheets.xlsx_of(payload(), at=AT)))

        sheet = book.read("xl/worksheets/sheet5.xml").decode()
        assert "20000000" in sheet
        assert str(20_000_000 - 19 * 731_000) in sheet


class TestPage:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stays_under_90_kilobytes_without_pictures_inside(
        self, language: str
    ) -> None:
        with translation.override(language):
            html = page.html_of(said(language), pictures={"spend-1": "cid:x"})

        assert len(html.encode()) < 90_000
        assert "data:" not in html
        assert "prefers-color-scheme" in html
        assert 'alt="' in html

    def test_names_are_text_not_markup(self) -> None:
        assert "Sons &lt;AG&gt;" in page.html_of(said("en"), pictures={})

    def test_chinese_has_no_english_left(self) -> None:
        with translation.override("zh-hans"):
            text = plain.text_of(said("zh-hans"))

        assert not [
            word
            for word in ("Week", " to ", " vs ", "rows", "Amounts", "Data cut-off")
            if word in text
        ]


class TestWords:
    @pytest.mark.parametrize(
        ("value", "english", "chinese"),
        [
            (blocks.count(12_804), "12,804", "12,804"),
            (blocks.money(Decimal("1234567.8"), "CNY"), "CN¥ 1,234,568", "¥1,234,568"),
            (blocks.money(Decimal("12.3"), "EUR"), "€ 12.30", "€12.30"),
            (blocks.ratio(Decimal("0.4631")), "46.3%", "46.3%"),
            (blocks.ratio(Decimal("0.75"), n=4), "3 of 4", "4 个中的 3 个"),
            (blocks.ratio(Decimal("0.75"), n=8), "75%", "75%"),
            (blocks.ratio(None), "n/a", "无"),
            (blocks.points(Decimal("-0.012")), "-1.2 pp", "-1.2 个百分点"),
            (
                blocks.growth(Decimal(5), Decimal(0)),
                "n/a (new, +5)",
                "无（新增，+5）",
            ),
            (
                blocks.growth(Decimal(5000), None, currency="EUR"),
                "n/a (new, +€ 5,000)",
                "无（新增，+€5,000）",
            ),
            (blocks.Value(kind="new"), "n/a (new)", "无（新增）"),
            (blocks.large(Decimal(12_804_551_920)), "12.8 bn", "128.05亿"),
            (blocks.large(Decimal(950)), "950", "950"),
            (blocks.growth(Decimal(0), Decimal(0)), "n/a", "无"),
            (blocks.growth(Decimal(6), Decimal(4)), "50%", "50%"),
            (blocks.days(1), "1 day", "1 天"),
            (blocks.day(AT.date()), "22 Nov 2026", "2026年11月22日"),
        ],
    )
    def test_are_those_of_the_reader(
        self, value: blocks.Value, english: str, chinese: str
    ) -> None:
        with translation.override("en"):
            assert words.shown(value, "en").replace("\u00a0", " ") == english
        with translation.override("zh-hans"):
            assert words.shown(value, "zh-hans") == chinese

    def test_growth_over_nothing_is_neither_good_nor_bad(self) -> None:
        moved = blocks.change(blocks.growth(Decimal(5), Decimal(0)), against="x")

        assert moved["tone"] == "plain"


class TestCharts:
    def test_a_scale_has_round_lines_and_holds_all_values(self) -> None:
        for low, high in ((0, 7), (0, 1), (-3, 12), (5, 123_456), (0, 0)):
            scale = charts.scale_for([Decimal(low), Decimal(high)])

            assert scale.bottom <= min(low, 0)
            assert scale.top >= max(high, 0)
            assert 2 <= len(list(scale.lines())) <= 8

    def test_nothing_known_draws_nothing(self) -> None:
        block = blocks.chart(
            "lines",
            title="",
            labels=["1"],
            series=[("a", [None])],
            unit="count",
            sentence="",
        )

        assert charts.draw(block, language="en") == ""

    def test_a_name_cannot_break_the_drawing(self) -> None:
        block = blocks.chart(
            "bars",
            title="",
            labels=["<a>&"],
            series=[("</svg>", [1])],
            unit="count",
            sentence="",
        )

        drawn = charts.draw(block, language="en")

        assert "&lt;/svg&gt;" in drawn
        assert fonts.png(drawn).startswith(b"\x89PNG")


class TestPayload:
    def test_floats_are_refused(self) -> None:
        with pytest.raises(TypeError):
            payloads.canonical({"a": [1, {"b": 0.5}]})

    def test_the_hash_does_not_depend_on_the_order_of_keys(self) -> None:
        assert payloads.digest({"a": 1, "b": "é"}) == payloads.digest(
            {"b": "é", "a": 1}
        )


@pytest.mark.django_db
class TestMail:
    def sent(self, **fields: Any) -> EmailMessage:
        delivery = deliver(due(**fields))
        found = email.message_from_bytes(
            bytes(delivery.message.content), policy=default
        )
        assert isinstance(found, EmailMessage)
        return found

    def tree(self, part: EmailMessage) -> list[Any]:
        if not part.is_multipart():
            return [part.get_content_type()]
        return [
            part.get_content_type(),
            [self.tree(one) for one in part.iter_parts()],  # type: ignore[arg-type]  # messages
        ]

    def test_has_the_tree_that_shows_right_everywhere(self) -> None:
        message = self.sent()

        kind, parts = self.tree(message)
        body, pdf, xlsx = parts
        assert kind == "multipart/mixed"
        assert body[0] == "multipart/alternative"
        assert body[1][0] == ["text/plain"]
        assert body[1][1][0] in {"multipart/related", "text/html"}
        assert pdf == ["application/pdf"]
        assert "spreadsheetml" in str(xlsx)

    def test_carries_the_headers_of_a_subscribed_mail(self) -> None:
        message = self.sent()

        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-Unsubscribe"].startswith("<https://crm.example.com/")
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["In-Reply-To"] is None
        assert "2026" in message["Subject"]
        for name in ("List-Id", "Feedback-ID", "Reply-To", "Date", "Message-ID"):
            assert message[name], name

    def test_ends_lines_with_crlf_and_keeps_them_short(self) -> None:
        content = bytes(deliver(due()).message.content)

        assert content.count(b"\n") == content.count(b"\r\n")
        assert max(len(line) for line in content.split(b"\r\n")) < 998
        assert content.isascii()

    def test_without_attachments_when_none_are_wanted(self) -> None:
        message = self.sent(formats=[])

        assert [part.get_filename() for part in message.iter_attachments()] == []
