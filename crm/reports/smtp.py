"""The mail server, in two steps: everything but the end of the message, then the end.

A server must not deliver before it has seen the final dot, so every failure up to
there is safe to repeat. Without a configured server mails are stored as files.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crm.core.addresses import MailServer
from crm.core.errors import DomainError
from crm.reports.faultpoints import passing
from crm.reports.replies import Reply, Step

STEP_SECONDS = 60.0
"""How long each step before the end may take."""

LINE_END = re.compile(rb"\r\n|\r|\n")

DONE, CLOSING = 250, 421

MOST_ON_ONE_LINE = 100
"""Mails on one connection; many servers ask for a new one after so many."""

IDLE_SECONDS = 20.0
"""A connection that was silent for longer is not used again."""


class ServerRefusedError(DomainError):
    """The mail server said no before the end of the message, or could not be reached."""

    code = "reports.server-refused"

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


class Conversation(Protocol):
    """One message on its way: prepared, then finished or abandoned."""

    def prepare(self, *, sender: str, to: str, content: bytes) -> None:
        """Hand over everything but the end.

        :raises ServerRefusedError: when that fails; nothing was delivered.
        """

    def finish(self, *, wait_seconds: float) -> Reply | None:
        """Send the end and wait for the answer; None when there was none."""

    def abandon(self) -> None:
        """Cut the connection; an unfinished message is not delivered."""


@dataclass(slots=True)
class Line:
    """A connection on which mails follow one another; closed while `client` is None."""

    client: smtplib.SMTP | None = None
    server: MailServer | None = None
    count: int = 0
    silent_since: float = 0.0

    def take(self, server: MailServer) -> smtplib.SMTP | None:
        """Return the open connection if it still answers; None when a new one is needed."""
        client, self.client = self.client, None
        if client is None:
            return None
        is_good = server == self.server and self.count < MOST_ON_ONE_LINE
        is_fresh = time.monotonic() - self.silent_since < IDLE_SECONDS
        if is_good and is_fresh and _answers(client):
            return client
        _say_goodbye(client)
        return None

    def keep(self, client: smtplib.SMTP, server: MailServer) -> None:
        """Leave the connection open for the next mail."""
        self.count = self.count + 1 if server == self.server else 1
        self.client, self.server = client, server
        self.silent_since = time.monotonic()

    def close(self) -> None:
        """End the connection, if there is one."""
        client, self.client, self.count = self.client, None, 0
        if client is not None:
            _say_goodbye(client)


_line: ContextVar[Line | None] = ContextVar("line", default=None)


@contextmanager
def one_connection() -> Iterator[None]:
    """Send the mails of this block one after the other on one connection."""
    line = Line()
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)
        line.close()


class SmtpConversation:
    """A message on its way to a real server."""

    def __init__(self, server: MailServer, line: Line | None = None) -> None:
        self.server = server
        self.line = line
        self.client: smtplib.SMTP | None = None
        self.step = Step.GREETING

    def prepare(self, *, sender: str, to: str, content: bytes) -> None:
        """Connect, protect, log in, name sender and recipient, send the body."""
        try:
            self._prepare(sender, to, content)
        except smtplib.SMTPResponseException as error:
            self.abandon()
            reply = _reply(error.smtp_code, error.smtp_error, self.step)
            raise ServerRefusedError(reply) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            self.abandon()
            reply = _reply(0, f"{type(error).__name__}: {error}", self.step)
            raise ServerRefusedError(reply) from error
        except ServerRefusedError:
            self.abandon()
            raise

    def _prepare(self, sender: str, to: str, content: bytes) -> None:
        client = self.client = self._open_line() or self._logged_in()
        self.step = Step.SENDER
        _expect(client.mail(sender, _options(client, content)), self.step)
        self.step = Step.RECIPIENT
        _expect(client.rcpt(to), self.step)
        passing("recipient-accepted")
        self.step = Step.BODY
        _expect(client.docmd("DATA"), self.step, 354)
        client.send(quoted(content))
        passing("body-sent")

    def finish(self, *, wait_seconds: float) -> Reply | None:
        """Send the dot; RFC 5321 (4.5.3.2.6) asks to wait ten minutes for the answer."""
        client = self.client
        if client is None or client.sock is None:
            return None
        code = 0
        try:
            client.sock.settimeout(wait_seconds)
            client.send(b".\r\n")
            passing("dot-sent")
            code, text = client.getreply()
        except (OSError, smtplib.SMTPException):
            return None
        finally:
            self._leave(client, is_good=0 < code != CLOSING)
        return _reply(code, text, Step.END) if code > 0 else None

    def abandon(self) -> None:
        """Close without a word: QUIT inside of DATA would become part of the message."""
        if self.client is not None:
            with suppress(OSError):
                self.client.close()

    def _open_line(self) -> smtplib.SMTP | None:
        client = self.line.take(self.server) if self.line is not None else None
        if client is not None:
            passing("connected")
        return client

    def _logged_in(self) -> smtplib.SMTP:
        client = self.client = self._connected()
        passing("connected")
        self.step = Step.SECURITY
        self._protect(client)
        self.step = Step.LOGIN
        if self.server.user:
            client.login(self.server.user, self.server.password)
        return client

    def _leave(self, client: smtplib.SMTP, *, is_good: bool) -> None:
        """Keep the connection for the next mail where that is wanted; else close it."""
        if self.line is not None and is_good:
            self.line.keep(client, self.server)
        else:
            _say_goodbye(client)

    def _connected(self) -> smtplib.SMTP:
        if self.server.kind == "smtps":
            return smtplib.SMTP_SSL(
                self.server.host,
                self.server.port,
                timeout=STEP_SECONDS,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(self.server.host, self.server.port, timeout=STEP_SECONDS)

    def _protect(self, client: smtplib.SMTP) -> None:
        _expect(client.ehlo(), Step.SECURITY)
        if self.server.kind == "smtp+starttls":
            code, text = client.starttls(context=ssl.create_default_context())
            _expect((code, text), Step.SECURITY, 220)
            _expect(client.ehlo(), Step.SECURITY)


class FileConversation:
    """A message that is stored as a file, where no server is configured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.unfinished: Path | None = None
        self.finished: Path | None = None

    def prepare(self, *, sender: str, to: str, content: bytes) -> None:
        """Write the file under a name that does not count yet."""
        passing("connected")
        name = message_name(content)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.finished = self.folder / f"{name}.eml"
            self.unfinished = self.folder / f".{name}.part"
            passing("recipient-accepted")
            self.unfinished.write_bytes(content)
        except OSError as error:
            raise ServerRefusedError(_reply(0, str(error), Step.BODY)) from error
        passing("body-sent")

    def finish(self, *, wait_seconds: float) -> Reply | None:
        """Give the file its name."""
        if self.unfinished is None or self.finished is None:
            return None
        self.unfinished.replace(self.finished)
        passing("dot-sent")
        return Reply(250, f"stored as {self.finished.name}", Step.END)

    def abandon(self) -> None:
        """Remove the unfinished file."""
        if self.unfinished is not None:
            self.unfinished.unlink(missing_ok=True)


def conversation(server: MailServer) -> Conversation:
    """Return a conversation with the server, or with its folder where it is one."""
    if server.folder is not None:
        return FileConversation(server.folder)
    return SmtpConversation(server, _line.get())


def quoted(content: bytes) -> bytes:
    """Return the body as it goes over the line: CRLF, dots doubled, without the end."""
    ends = content.count(b"\r\n")
    is_clean = ends == content.count(b"\n") == content.count(b"\r")
    lines = content if is_clean else LINE_END.sub(b"\r\n", content)
    body = (b"\n" + lines).replace(b"\n.", b"\n..")[1:]
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def message_name(content: bytes) -> str:
    """Return a file name made of the Message-ID."""
    found = re.search(rb"(?mi)^message-id:\s*<([^>@]+)", content)
    return re.sub(
        r"[^\w.-]", "_", found[1].decode("ascii", "replace") if found else "mail"
    )


def _answers(client: smtplib.SMTP) -> bool:
    """Tell whether the connection is still there and ready for the next mail."""
    try:
        if client.sock is not None:
            client.sock.settimeout(STEP_SECONDS)
        code, _text = client.rset()
    except (OSError, smtplib.SMTPException):
        return False
    return code == DONE


def _say_goodbye(client: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        if client.sock is not None:
            client.sock.settimeout(2)
        client.quit()
    with suppress(OSError):
        client.close()


def _options(client: smtplib.SMTP, content: bytes) -> list[str]:
    return [f"SIZE={len(content)}"] if client.has_extn("size") else []


def _expect(answer: tuple[int, bytes], step: Step, code: int = 250) -> None:
    got, text = answer
    if got == code or (code == 250 and got == 251):
        return
    raise ServerRefusedError(_reply(got, text, step))


def _reply(code: int, text: bytes | str, step: Step) -> Reply:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Reply(max(code, 0), " ".join(said.split())[:500], step)
