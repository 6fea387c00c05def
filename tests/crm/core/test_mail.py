"""Mails: rendering, headers, addresses of servers, and mails kept as files."""

import datetime as dt
import email
import email.policy
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from pytest_django import Settings

from crm.core import mail
from crm.core.addresses import AddressError, MailServer, mail_server
from crm.core.mail import Content, MailRefusedError
from crm.production import weakness_of_mail

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTENT = Content(subject="Weekly report", text="twin", html="<p>twin</p>")
FILES = {
    "subject.txt": "{{ partner }}\n  & more\n",
    "body.txt": "{{ partner }} at {{ at|time:'H:i' }}",
    "body.html": "<p>{{ partner }} at {{ at|time:'H:i' }}</p>",
}


@pytest.fixture
def templates(tmp_path: Path, settings: Settings) -> Iterator[None]:
    folder = tmp_path / "emails" / "example"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    yield
    engines.__dict__.pop("templates", None)


@pytest.mark.usefixtures("templates")
class TestRender:
    def content(self) -> Content:
        at = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
        context = {"partner": "Müller & <b>Söhne</b>", "at": at}
        return mail.render("example", context, language="en", zone=SHANGHAI)

    def test_text_is_not_escaped_and_html_is(self) -> None:
        assert self.content().text == "Müller & <b>Söhne</b> at 09:00"
        assert (
            self.content().html
            == "<p>Müller &amp; &lt;b&gt;Söhne&lt;/b&gt; at 09:00</p>"
        )

    def test_the_subject_is_one_line(self) -> None:
        assert self.content().subject == "Müller & <b>Söhne</b> & more"


class TestBuild:
    def test_has_a_text_twin_and_says_that_nobody_wrote_it(self) -> None:
        built = mail.build(CONTENT, to="a@example.com", name="Wáng 王芳")

        parsed: Any = email.message_from_bytes(
            built.message().as_bytes(), policy=email.policy.default
        )
        assert parsed["Auto-Submitted"] == "auto-generated"
        assert parsed["To"].addresses[0].display_name == "Wáng 王芳"
        assert [part.get_content_type() for part in parsed.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        sender = parsed["From"].addresses[0].domain
        assert parsed["Message-ID"].endswith(f"@{sender}>")

    def test_the_subject_cannot_add_a_header(self) -> None:
        content = Content(subject="a\r\nBcc: x@example.com", text="", html="")

        built = mail.build(content, to="a@example.com").message()

        assert built["Subject"] == "a Bcc: x@example.com"
        assert built["Bcc"] is None

    @pytest.mark.parametrize("line_break", ["\n", "\r", "\x00", "\u2028"])
    def test_a_header_with_a_line_break_is_refused(self, line_break: str) -> None:
        with pytest.raises(MailRefusedError, match="holds a line break"):
            mail.build(
                CONTENT, to="a@example.com", headers={"X-A": f"b{line_break}Bcc: c"}
            )

    @pytest.mark.parametrize(
        "address", ["", "nobody", "a@b\nBcc: c@d.example", "a@x.example, b@x.example"]
    )
    def test_what_is_no_single_address_is_refused(self, address: str) -> None:
        with pytest.raises(MailRefusedError, match="no e-mail address"):
            mail.build(CONTENT, to=address)

    def test_a_name_with_a_line_break_stays_a_name(self) -> None:
        built = mail.build(CONTENT, to="a@example.com", name="A\nBcc: x@example.com")

        mail.send(built)

        assert outbox.outbox[0].recipients() == [
            '"A Bcc: x@example.com" <a@example.com>'
        ]


class TestAddress:
    @pytest.mark.parametrize(
        ("url", "kind", "port"),
        [
            ("smtps://u:p@h", "smtps", 465),
            ("smtp+starttls://u:p@h", "smtp+starttls", 587),
            ("smtp://h", "smtp", 25),
            ("smtp://u:p@localhost:2525", "smtp", 2525),
        ],
    )
    def test_has_the_usual_port(self, url: str, kind: str, port: int) -> None:
        server = mail_server(url, folder=Path("/m"))

        assert (server.kind, server.port, server.folder) == (kind, port, None)

    def test_its_parts_are_decoded_and_its_password_is_not_shown(self) -> None:
        server = mail_server("smtps://a%40b:p%3Aw@h:1", folder=Path("/m"))

        assert (server.user, server.password) == ("a@b", "p:w")
        assert "p:w" not in repr(server)

    def test_without_one_mails_become_files(self) -> None:
        assert mail_server("", folder=Path("/m")).folder == Path("/m")
        assert mail_server("file:///a%20b", folder=Path("/m")) == MailServer(
            kind="file", folder=Path("/a b")
        )

    @pytest.mark.parametrize(
        ("url", "why"),
        [
            ("smtp://u:secret@mail.example", "password readable"),
            ("pop3://u:secret@h", "must begin with"),
            ("smtps://:465", "names no host"),
            ("smtps://u:secret@h:port", "port must be a number"),
            ("file://folder", "absolute path"),
        ],
    )
    def test_a_bad_one_is_refused_without_its_password(
        self, url: str, why: str
    ) -> None:
        with pytest.raises(AddressError, match=why) as refusal:
            mail_server(url, folder=Path("/m"))

        assert "secret" not in str(refusal.value)

    @pytest.mark.parametrize(
        ("url", "weak"),
        [
            ("smtps://h", False),
            ("smtp+starttls://h", False),
            ("smtp://localhost", False),
            ("smtp://mail.example", True),
            ("file:///var/mail", True),
        ],
    )
    def test_production_wants_a_server_and_nothing_readable(
        self, url: str, *, weak: bool
    ) -> None:
        assert bool(weakness_of_mail(url)) == weak


class TestFolder:
    def test_keeps_each_mail_as_a_file_for_its_owner_only(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        settings.EMAIL_BACKEND = "crm.core.mail_folder.EmailBackend"
        settings.MAIL_FOLDER = tmp_path / "mail"

        mail.send(mail.build(CONTENT, to="a@example.com"))
        mail.send(mail.build(CONTENT, to="b@example.com"))

        first, second = sorted((tmp_path / "mail").iterdir())
        parsed = email.message_from_bytes(first.read_bytes())
        assert parsed["To"] == "a@example.com"
        assert second.suffix == ".eml"
        assert stat.S_IMODE(first.stat().st_mode) == 0o600

    def test_says_what_is_missing_where_none_is_named(self, settings: Settings) -> None:
        settings.EMAIL_BACKEND = "crm.core.mail_folder.EmailBackend"
        settings.MAIL_FOLDER = None

        with pytest.raises(ImproperlyConfigured, match="MAIL_FOLDER"):
            mail.send(mail.build(CONTENT, to="a@example.com"))
