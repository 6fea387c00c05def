"""A receiver on this machine, and an endpoint that leads there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.utils import timezone

from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.journal import operations as journal
from crm.journal.models import Event
from crm.webhooks.models import WebhookEndpoint
from crm.webhooks.operations import endpoints, planning, sending
from partners.models import Partner
from tests import make


@dataclass
class Message:
    """One request as it arrived."""

    headers: dict[str, str]
    body: str


@dataclass
class Receiver:
    """A web server that keeps what it gets and answers as told, then with 200."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


@pytest.fixture
def receiver(socket_enabled: Any, settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    found = Receiver()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            named = {name.lower(): value for name, value in self.headers.items()}
            found.messages.append(Message(named, body))
            status, headers = found.answers.pop(0) if found.answers else (200, {})
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_given: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ida(db: None) -> User:
    """Integration: may have webhooks, and sees public partners."""
    return make.user(Role.INTEGRATION, name="Ida")


@pytest.fixture
def endpoint(ida: User, receiver: Receiver, now: datetime) -> WebhookEndpoint:
    return endpoints.register_endpoint(
        values={"description": "ERP", "url": receiver.url}, by=ida, at=now
    )


def happen(partner: Partner, *, at: datetime, kind: str = "partner.changed") -> Event:
    """Let something happen to the partner."""
    return journal.record(
        kind=kind,
        subject=partner,
        partner_id=partner.pk,
        by=None,
        at=at,
        old={"tier": "a"},
        new={"tier": "b"},
    )


def owe(endpoint: WebhookEndpoint, event: Event, *, at: datetime) -> Any:
    """Note that the endpoint is owed the entry; the feed needs a commit, this does not."""
    planning.owe(endpoint, [event], at=at)
    return endpoint.deliveries.get(event=event)


def send_all(*, at: datetime) -> int:
    """Send until nothing is due; return how many went."""
    count = 0
    while sending.send_next(at=at):
        count += 1
    return count
