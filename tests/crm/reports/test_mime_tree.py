"""The mail read by a second parser, written from RFC 2045 and 2046 on bytes alone.

The product composes with Python's email package; what that package reads back proves
little about other readers.
"""

import quopri
import re
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import date

import pytest

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
def mail() -> Part:
    reader = make.user(Role.EXECUTIVE)
    partner = make.partner("BMW", owner=reader)
    make.cooperation(partner, by=reader, next_step_due_on=date(2026, 12, 1))
    return parsed(bytes(deliver(due(person=reader)).message.content))


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
