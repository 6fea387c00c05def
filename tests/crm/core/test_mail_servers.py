"""Delivery to real mail servers: with TLS at once, with TLS demanded, and never without."""

import email
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from pytest_django import Settings

from crm.core import mail
from crm.core.addresses import mail_server
from crm.core.mail import Content, MailNotSentError

CONTENT = Content(subject="Weekly report", text="twin", html="<p>twin</p>")
PATIENCE = 2
Serve = Callable[..., int]
pytestmark = pytest.mark.usefixtures("socket_enabled")


class Sink:
    """Takes every mail and keeps it, with the person who logged in."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.people: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append(email.message_from_bytes(envelope.content))
        return "250 taken"

    def authenticate(self, *seen: Any) -> AuthResult:
        self.people.append(seen[-1].login)
        return AuthResult(success=True)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def identity(authority: trustme.CA) -> ssl.SSLContext:
    """Return what a server shows that the authority vouches for as localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def serve(sink: Sink) -> Iterator[Serve]:
    running: list[Controller] = []

    def _serve(**options: Any) -> int:
        port = free_port()
        controller = Controller(
            sink,
            hostname="localhost",
            port=port,
            authenticator=sink.authenticate,
            auth_require_tls=False,
            **options,
        )
        controller.start()
        running.append(controller)
        return port

    yield _serve
    for controller in running:
        controller.stop()


@pytest.fixture
def send(settings: Settings) -> Callable[[str], None]:
    """Send one mail by the given EMAIL_URL, as settings.py would configure it."""

    def _send(url: str) -> None:
        server = mail_server(url, folder=Path("/nowhere"))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_HOST_USER = server.user
        settings.EMAIL_HOST_PASSWORD = server.password
        settings.EMAIL_USE_SSL = server.kind == "smtps"
        settings.EMAIL_USE_TLS = server.kind == "smtp+starttls"
        settings.EMAIL_TIMEOUT = PATIENCE
        mail.send(mail.build(CONTENT, to="a@example.com"))

    return _send


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Send = Callable[[str], None]


class TestTlsAtOnce:
    @pytest.mark.usefixtures("trusted")
    def test_delivers(
        self, serve: Serve, send: Send, sink: Sink, identity: ssl.SSLContext
    ) -> None:
        port = serve(ssl_context=identity)

        send(f"smtps://crm:p%40ss@localhost:{port}")

        assert [taken["Subject"] for taken in sink.taken] == ["Weekly report"]
        assert sink.people == [b"crm"]

    def test_refuses_a_server_that_nobody_vouches_for(
        self, serve: Serve, send: Send, sink: Sink, identity: ssl.SSLContext
    ) -> None:
        port = serve(ssl_context=identity)

        with pytest.raises(MailNotSentError, match="SSLCertVerificationError"):
            send(f"smtps://crm:pass@localhost:{port}")
        assert (sink.taken, sink.people) == ([], [])

    @pytest.mark.usefixtures("trusted")
    def test_refuses_a_server_of_another_name(
        self, serve: Serve, send: Send, sink: Sink, authority: trustme.CA
    ) -> None:
        other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("mail.example").configure_cert(other)
        port = serve(ssl_context=other)

        with pytest.raises(MailNotSentError, match="SSLCertVerificationError"):
            send(f"smtps://crm:pass@localhost:{port}")
        assert sink.taken == []

    def test_never_talks_to_a_server_without_it(
        self, serve: Serve, send: Send, sink: Sink
    ) -> None:
        port = serve()

        with pytest.raises(MailNotSentError):
            send(f"smtps://crm:pass@localhost:{port}")
        assert (sink.taken, sink.people) == ([], [])


class TestTlsDemanded:
    @pytest.mark.usefixtures("trusted")
    def test_delivers(
        self, serve: Serve, send: Send, sink: Sink, identity: ssl.SSLContext
    ) -> None:
        port = serve(tls_context=identity)

        send(f"smtp+starttls://crm:pass@localhost:{port}")

        assert len(sink.taken) == 1
        assert sink.people == [b"crm"]

    def test_gives_up_where_the_server_offers_none(
        self, serve: Serve, send: Send, sink: Sink
    ) -> None:
        port = serve()

        with pytest.raises(MailNotSentError, match="SMTPNotSupportedError"):
            send(f"smtp+starttls://crm:pass@localhost:{port}")
        assert (sink.taken, sink.people) == ([], [])


class TestPlain:
    def test_delivers_to_a_relay_on_this_host(
        self, serve: Serve, send: Send, sink: Sink
    ) -> None:
        send(f"smtp://localhost:{serve()}")

        assert len(sink.taken) == 1


class TestTrouble:
    def test_a_closed_port_is_told_at_once(self, send: Send) -> None:
        with pytest.raises(MailNotSentError, match="ConnectionRefusedError"):
            send(f"smtp://localhost:{free_port()}")

    def test_a_silent_server_is_left_after_the_time_out(self, send: Send) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            started = time.monotonic()

            with pytest.raises(MailNotSentError, match="SMTPServerDisconnected"):
                send(f"smtp://127.0.0.1:{silent.getsockname()[1]}")

        assert PATIENCE <= time.monotonic() - started < PATIENCE + 2
