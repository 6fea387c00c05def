"""The mail read by two other parsers: a library of another language, and one of bytes.

The product composes with Python's email package; what that package reads back proves
little about other readers. `fast_mail_parser` is the mailparse library of Rust; the
parser below was written from RFC 2045 and 2046.
"""

import email
import email.policy
import quopri
import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import date

import pytest
from fast_mail_parser import PyMimePart, parse_email, parse_email_tree

from crm.accounts.roles import Role
from tests import make
from tests.crm.reports.test_delivering import deliver, due

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]


@dataclass
class Part:
    """One part: its headers in lower case, its raw body, and the parts inside."""

    headers: dict[str, str]
    body: bytes
    parts: list["Part"] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "text/plain").split(";")[0].lower()

    @property
    def tree(self) -> list[object]:
        return [self.kind, *(part.tree for part in self.parts)]

    def content(self) -> bytes:
        """Return the body without its transfer encoding."""
        encoding = self.headers.get("content-transfer-encoding", "7bit").lower()
        if encoding == "base64":
            return b64decode(self.body)
        return quopri.decodestring(self.body) if encoding[0] == "q" else self.body

    def all(self) -> list["Part"]:
        return [self, *(inner for part in self.parts for inner in part.all())]


def parsed(raw: bytes) -> Part:
    """Return a message or a part of one."""
    head, _, body = raw.partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", head).decode("ascii")
    lines = (line.partition(":") for line in unfolded.split("\r\n"))
    made = Part({name.lower(): value.strip() for name, _, value in lines}, body)
    boundary = re.search(r'boundary="([^"]+)"', made.headers.get("content-type", ""))
    if boundary:
        mark = b"\r\n--" + boundary[1].encode()
        inside = (b"\r\n" + body).partition(mark + b"--")[0].split(mark)[1:]
        made.parts = [parsed(each.removeprefix(b"\r\n")) for each in inside]
    return made


@pytest.fixture
def raw() -> bytes:
    reader = make.user(Role.EXECUTIVE, name="林晓梅")
    partner = make.partner("BMW", owner=reader)
    make.cooperation(partner, by=reader, next_step_due_on=date(2026, 12, 1))
    return bytes(deliver(due(person=reader)).message.content)


@pytest.fixture
def mail(raw: bytes) -> Part:
    return parsed(raw)


def tree_of(part: PyMimePart) -> list[object]:
    return [part.content_type, *(tree_of(child) for child in part.children)]


class TestOtherLibrary:
    def test_sees_the_same_tree_as_bytes_show(self, raw: bytes, mail: Part) -> None:
        assert tree_of(parse_email_tree(raw)) == mail.tree

    def test_reads_headers_and_both_bodies_without_warnings(self, raw: bytes) -> None:
        found = parse_email(raw)
        own = email.message_from_bytes(raw, policy=email.policy.default)

        assert found.warnings == []
        assert found.subject == own["Subject"]
        assert found.to[0].display_name == "林晓梅"
        for name in ("Message-ID", "Date", "List-Unsubscribe", "Auto-Submitted"):
            assert found.headers[name] == [own[name]]
        assert "In-Reply-To" not in found.headers
        (text,), (html,) = found.text_plain, found.text_html
        assert "Open cooperations" in text
        assert "Open cooperations" in html

    def test_takes_the_same_files_out(self, raw: bytes) -> None:
        found = {each.mimetype: each for each in parse_email(raw).attachments}
        own = email.message_from_bytes(raw, policy=email.policy.default)
        files = {
            part.get_content_type(): part
            for part in own.walk()
            if part.get_content_disposition() in {"attachment", "inline"}
        }

        assert set(found) == set(files)
        for kind, part in files.items():
            assert found[kind].content == part.get_content()
            assert found[kind].filename == part.get_filename()
        assert found["image/png"].content_id == files["image/png"]["Content-ID"].strip(
            "<>"
        )


class TestTree:
    def test_is_mixed_of_alternative_and_files(self, mail: Part) -> None:
        alternative, pdf, xlsx = mail.tree[1:]

        assert mail.kind == "multipart/mixed"
        assert alternative == [
            "multipart/alternative",
            ["text/plain"],
            ["multipart/related", ["text/html"], ["image/png"]],
        ]
        assert pdf == ["application/pdf"]
        assert "spreadsheetml" in str(xlsx)

    def test_each_picture_is_shown_once_and_each_file_is_what_it_says(
        self, mail: Part
    ) -> None:
        every = {part.kind: part for part in mail.all()}
        html = every["text/html"].content().decode()
        named = [
            part.headers["content-id"].strip("<>")
            for part in mail.all()
            if part.kind == "image/png"
        ]

        assert sorted(re.findall(r'src="cid:([^"]+)"', html)) == sorted(named)
        assert all(len(name) < 60 for name in named)  # never folded
        assert every["image/png"].content().startswith(b"\x89PNG")
        assert every["application/pdf"].content().startswith(b"%PDF-")
        assert mail.parts[2].content().startswith(b"PK")

    def test_the_text_twin_says_the_same(self, mail: Part) -> None:
        text = {part.kind: part for part in mail.all()}["text/plain"].content().decode()

        assert "Open cooperations" in text
        assert "preferences/" in text
