"""Handing over to a real mail server, and what each refusal means for the row."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from crm.core.addresses import mail_server
from crm.reports import sections, smtp
from crm.reports.models import ReportDelivery, State
from crm.reports.models.reasons import Reason
from crm.reports.operations import delivering, planning
from crm.reports.payloads import Freshness
from crm.reports.replies import Step
from crm.reports.smtp import ServerRefusedError, SmtpConversation, quoted
from tests import make
from tests.crm.reports.conftest import DUE
from tests.crm.reports.test_delivering import deliver, due
from tests.faults.mail_server import free_port

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(60)]


class Answers:
    """Answers as told, and keeps what it was given."""

    def __init__(self) -> None:
        self.rcpt = "250 OK"
        self.end = "250 OK"
        self.contents: list[bytes] = []
        self.peers: list[Any] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # type: ignore[no-untyped-def]  # noqa: N802  aiosmtpd's name
        self.peers.append(session.peer)
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope) -> str:  # type: ignore[no-untyped-def]  # noqa: N802  aiosmtpd's name
        self.contents.append(envelope.original_content)
        return self.end


@pytest.fixture
def answers(settings: Settings) -> Iterator[Answers]:
    told = Answers()
    controller = Controller(told, hostname="127.0.0.1", port=free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}"
    settings.MAIL_SERVER = mail_server(url, folder=settings.BASE_DIR)
    yield told
    controller.stop()


class TestQuoted:
    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b"a\nb\n", b"a\r\nb\r\n"),
            (b"a\r\n.b", b"a\r\n..b\r\n"),
            (b".\r\n..\r\n", b"..\r\n...\r\n"),
            (b"a\rb", b"a\r\nb\r\n"),
        ],
    )
    def test_bodies_go_over_the_line_with_crlf_and_doubled_dots(
        self, content: bytes, line: bytes
    ) -> None:
        assert quoted(content) == line


class TestSmtpConversation:
    def test_asked_for_tls_never_falls_back_to_plain_text(
        self, answers: Answers, settings: Settings
    ) -> None:
        plain = settings.MAIL_SERVER
        url = f"smtp+starttls://{plain.host}:{plain.port}"
        talk = SmtpConversation(mail_server(url, folder=settings.BASE_DIR))

        with pytest.raises(ServerRefusedError) as refusal:
            talk.prepare(sender="a@x.example", to="b@x.example", content=b"a")

        assert refusal.value.reply.step is Step.SECURITY
        assert answers.contents == []

    def test_an_abandoned_message_is_not_delivered(
        self, answers: Answers, settings: Settings
    ) -> None:
        talk = SmtpConversation(settings.MAIL_SERVER)
        talk.prepare(sender="a@x.example", to="b@x.example", content=b"Subject: a\n\nb")

        talk.abandon()

        assert talk.finish(wait_seconds=1) is None
        assert answers.contents == []

    def test_nobody_there_is_a_refusal_before_the_end(self, settings: Settings) -> None:
        url = f"smtp://127.0.0.1:{free_port()}"
        talk = SmtpConversation(mail_server(url, folder=settings.BASE_DIR))

        with pytest.raises(ServerRefusedError) as refusal:
            talk.prepare(sender="a@x.example", to="b@x.example", content=b"a")

        assert refusal.value.reply.step is Step.GREETING
        assert smtp.STEP_SECONDS <= 60


@pytest.mark.django_db
class TestAnswers:
    def test_what_arrives_is_what_was_frozen(self, answers: Answers) -> None:
        delivery = deliver(due())

        assert answers.contents == [bytes(delivery.message.content)]

    @pytest.mark.parametrize(
        ("rcpt", "end", "state", "reason"),
        [
            ("550 5.1.1 unknown", "250 OK", State.FAILED, Reason.REFUSED),
            ("451 4.3.0 later", "250 OK", State.READY, ""),
            ("250 OK", "452 4.2.2 full", State.READY, ""),
            ("250 OK", "554 5.6.0 no", State.FAILED, Reason.REFUSED),
        ],
    )
    def test_decide_where_the_row_stands(
        self, answers: Answers, rcpt: str, end: str, state: State, reason: str
    ) -> None:
        answers.rcpt, answers.end = rcpt, end

        delivery = deliver(due())

        assert (delivery.state, delivery.reason) == (state, reason)
        assert delivery.smtp_code == int((end if rcpt == "250 OK" else rcpt)[:3])

    def test_too_many_temporary_refusals_are_final(self, answers: Answers) -> None:
        answers.rcpt = "451 4.3.0 later"
        delivery = due()
        ReportDelivery.objects.filter(pk=delivery.pk).update(attempts=11)

        assert deliver(delivery).reason == Reason.GIVEN_UP


@pytest.mark.django_db
class TestLateData:
    def test_waits_four_hours_and_then_goes_out_provisional(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late = Freshness(source="acme", latest_on="2026-11-20", is_complete=False)
        monkeypatch.setitem(sections._sources, "acme", lambda _: [late])
        delivery = due()

        waiting = deliver(delivery)
        assert (waiting.state, waiting.attempts) == (State.DUE, 0)

        ReportDelivery.objects.update(next_attempt_at=DUE - timedelta(days=1))
        delivering.deliver_next(at=DUE + timedelta(hours=4))

        delivery.refresh_from_db()
        assert delivery.state == State.SENT
        assert delivery.run is not None
        assert delivery.run.is_provisional


@pytest.mark.django_db
class TestOneConnection:
    """Mails that follow one another share a connection as long as it is good."""

    def owed(self, count: int) -> None:
        definition = make.report()
        for _number in range(count):
            make.subscription(definition, at=DUE - timedelta(days=7))
        planning.plan_due(at=DUE)
        ReportDelivery.objects.update(next_attempt_at=make.EARLY)

    def sent(self) -> int:
        delivering.deliver_waiting(clock=lambda: DUE + timedelta(minutes=1))
        return ReportDelivery.objects.filter(state=State.SENT).count()

    def test_carries_many_mails(self, answers: Answers) -> None:
        self.owed(3)

        assert self.sent() == 3
        assert len({str(peer) for peer in answers.peers}) == 1

    def test_is_new_after_so_many(
        self, answers: Answers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(smtp, "MOST_ON_ONE_LINE", 2)
        self.owed(3)

        assert self.sent() == 3
        assert len(set(answers.peers)) == 2

    def test_is_new_where_the_server_hung_up_between_two_mails(
        self, answers: Answers, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("aiosmtpd.smtp.SMTP.smtp_RSET", hang_up)
        self.owed(3)

        assert self.sent() == 3
        assert len(set(answers.peers)) == 3
        assert len(answers.contents) == 3

    def test_is_not_kept_after_the_server_closes(self, answers: Answers) -> None:
        answers.end = "421 4.3.2 closing"
        self.owed(2)

        assert self.sent() == 0
        assert len(set(answers.peers)) == 2


async def hang_up(server: Any, _arg: str | None) -> None:
    """End the connection without a word, where the client asks to begin anew."""
    server.transport.abort()
