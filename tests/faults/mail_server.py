"""A real SMTP server with scripted faults; its own log says what was delivered."""

import asyncio
import random
import re
import socket
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"(?mi)^message-id:\s*(<[^>]+>)")


@dataclass
class MailLog:
    """What the server has taken for delivery, and which faults it made."""

    accepted: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)

    def take(self, content: bytes) -> None:
        """Note a message that the server is now responsible for."""
        found = MESSAGE_ID.search(content)
        name = found[1].decode() if found else "none"
        self.accepted[name] += 1
        self.bodies.setdefault(name, set()).add(content)


class FaultyServer(SMTP):
    """Refuses recipients, cuts inside of DATA, takes a mail and says nothing."""

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802  aiosmtpd's name
        if self.event_handler.draws("refuse"):
            await self.push("451 4.3.0 try again later")
            return
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802  aiosmtpd's name
        if self.event_handler.draws("cut"):
            await self.push("354 go on")
            await self._reader.read(200)
            cut(self)
            return
        await super().smtp_DATA(arg)


class Handler:
    """Takes messages as the script of faults says."""

    def __init__(self, *, faults: Sequence[str], rate: float, seed: int) -> None:
        self.log = MailLog()
        self.script = tuple(faults)
        self.rate = rate
        self.random = random.Random(seed)  # noqa: S311  # a script, not a secret

    def draws(self, fault: str) -> bool:
        """Tell whether this fault happens now, and note it."""
        if fault not in self.script:
            return False
        if self.random.random() >= self.rate / len(self.script):
            return False
        self.log.faults[fault] += 1
        return True

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        content = bytes(envelope.original_content)
        if self.draws("slow"):
            await asyncio.sleep(2.5)
        if self.draws("full"):
            return "452 4.2.2 no room"
        self.log.take(content)
        await asyncio.sleep(0.01)
        if self.draws("silent"):
            cut(server)
        return "250 2.0.0 taken"


class FaultyController(Controller):
    """Runs the server in a thread, on a free port of this machine."""

    def factory(self) -> SMTP:
        return FaultyServer(self.handler, enable_SMTPUTF8=False)

    @property
    def url(self) -> str:
        """Return the server's EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"


def started(
    *, faults: Sequence[str] = (), rate: float = 0.0, seed: int = 1
) -> FaultyController:
    """Return a running server."""
    handler = Handler(faults=faults, rate=rate, seed=seed)
    controller = FaultyController(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    return controller


def cut(server: SMTP) -> None:
    """End the connection without a word."""
    transport: Any = server.transport
    transport.abort()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
