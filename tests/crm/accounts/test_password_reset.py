"""Password reset by mail: throttled, silent about who exists, single use."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from crm.accounts import operations, tasks
from crm.accounts.models import User
from crm.core.mail import MailNotSentError
from crm.journal.models import Event
from tests import make

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PASSWORD = "a fine long sentence"
NEW = "another long sentence"


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def link() -> str:
    text = str(mail.outbox[-1].body)
    found = next(line for line in text.splitlines() if "/people/password/" in line)
    return "/" + found.split("/", 3)[3]


class TestSend:
    def test_mails_in_the_persons_language(self) -> None:
        anna = make.user(password=PASSWORD, language="zh-hans")

        tasks.send_password_reset(person_id=anna.pk)

        assert "密码" in mail.outbox[0].subject
        assert anna.email in mail.outbox[0].to[0]

    def test_sends_one_mail_in_five_minutes(self) -> None:
        anna = make.user(password=PASSWORD)
        pause = timedelta(minutes=5)
        moments = [NOW, NOW + pause - timedelta(microseconds=1), NOW + pause]

        sent = [
            operations.send_password_reset(person_id=anna.pk, at=at) for at in moments
        ]

        assert sent == [True, False, True]
        assert len(mail.outbox) == 2

    def test_sends_nothing_to_strangers_leavers_and_the_invited(self) -> None:
        invited = make.user(password=None)
        left = make.user(password=PASSWORD, is_active=False)

        for number in (0, left.pk, invited.pk):
            assert not operations.send_password_reset(person_id=number, at=NOW)
        assert mail.outbox == []

    def test_that_the_server_refuses_may_be_tried_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        anna = make.user(password=PASSWORD)

        def away(*_: object) -> int:
            raise ConnectionRefusedError

        with monkeypatch.context() as patch:
            patch.setattr(EmailBackend, "send_messages", away)
            with pytest.raises(MailNotSentError):
                operations.send_password_reset(person_id=anna.pk, at=NOW)
        assert operations.send_password_reset(person_id=anna.pk, at=NOW)


class TestPages:
    @pytest.mark.parametrize("address", ["/people/password/", "/admin/password_reset/"])
    def test_answer_the_same_for_friend_and_stranger(
        self, address: str, django_capture_on_commit_callbacks: Any
    ) -> None:
        make.user(email="anna@example.com", password=PASSWORD)
        answers = []
        for email in ("ANNA@example.com", "nobody@example.com"):
            with django_capture_on_commit_callbacks() as callbacks:
                answer = Client().post(address, {"email": email})
            answers.append(
                (answer.status_code, answer.headers["Location"], len(callbacks))
            )

        assert answers[0] == answers[1]
        assert answers[0] == (302, "/people/password/asked/", 1)

    def test_cost_the_same_queries_for_friend_and_stranger(
        self, django_assert_num_queries: Any
    ) -> None:
        make.user(email="anna@example.com")

        for email in ("anna@example.com", "nobody@example.com"):
            with django_assert_num_queries(1):
                Client().post("/people/password/", {"email": email})

    def test_are_throttled_by_address_of_the_client(self) -> None:
        client = Client()
        codes = [
            client.post("/people/password/", {"email": "x@example.com"}).status_code
            for _ in range(11)
        ]

        assert codes == [302] * 10 + [429]

    def test_are_offered_by_the_login_page(self) -> None:
        assert 'href="/admin/password_reset/"' in Client().get("/admin/login/").text

    def test_change_the_password_once_and_end_sessions(self) -> None:
        anna = make.user(password=PASSWORD)
        elsewhere = Client()
        elsewhere.force_login(anna, backend=settings.AUTHENTICATION_BACKENDS[-1])
        operations.send_password_reset(person_id=anna.pk, at=NOW)
        address, client = link(), Client()

        redirected = client.get(address)
        assert redirected.headers["Location"] == "/people/password/choose/"
        assert client.get("/people/password/choose/").status_code == 200
        answer = client.post(
            "/people/password/choose/", {"password": NEW, "again": NEW}
        )

        assert answer.headers["Location"] == "/people/password/chosen/"
        assert User.objects.get().check_password(NEW)
        assert elsewhere.get("/admin/").status_code == 302
        assert Event.objects.get(kind="person.password-changed").by_id == anna.pk
        client.get(address)
        again = client.post(
            "/people/password/choose/", {"password": "x" * 20, "again": "x" * 20}
        )
        assert again.status_code == 410
        assert User.objects.get().check_password(NEW)

    def test_say_what_comes_next_and_what_is_missing(self) -> None:
        client = Client()

        asked = client.post("/people/password/", {"email": "no address"})

        assert asked.status_code == 200
        assert "Send me a link" in asked.text
        assert client.get("/people/password/").status_code == 200
        for address, told in (("asked", "spam folder"), ("chosen", "Log in")):
            assert told in client.get(f"/people/password/{address}/").text

    def test_show_why_a_password_is_too_weak(self) -> None:
        anna = make.user(password=PASSWORD)
        operations.send_password_reset(person_id=anna.pk, at=NOW)
        client = Client()
        client.get(link())

        answer = client.post(
            "/people/password/choose/", {"password": "short", "again": "short"}
        )

        differing = client.post(
            "/people/password/choose/", {"password": NEW, "again": PASSWORD}
        )

        assert "12 characters" in answer.text
        assert "differ" in differing.text
        assert User.objects.get().check_password(PASSWORD)

    @pytest.mark.parametrize(
        "address", ["/people/password/x/y/", "/people/password/MQ/y/"]
    )
    def test_refuse_links_that_are_none(self, address: str) -> None:
        client = Client()
        client.get(address)

        assert client.get("/people/password/choose/").status_code == 410

    def test_refuse_the_link_after_the_person_left(self) -> None:
        anna = make.user(password=PASSWORD)
        operations.send_password_reset(person_id=anna.pk, at=NOW)
        client = Client()
        client.get(link())
        operations.deactivate_person(person=anna, by=None, at=NOW)

        assert client.get("/people/password/choose/").status_code == 410
