"""What every request goes through: transport, sessions, caching, error pages, login."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from pytest_django import Settings

from crm.web import clients
from tests import make

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def secure(settings: Settings) -> None:
    settings.USE_HTTPS = settings.SECURE_SSL_REDIRECT = True


class TestTransport:
    def test_api_fails_on_plain_http_instead_of_redirecting(
        self, client: Client, secure: None
    ) -> None:
        answer = client.get("/api/v1/partners/")

        assert answer.status_code == 403
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "https_required"

    def test_pages_redirect_to_https(self, client: Client, secure: None) -> None:
        answer = client.get("/admin/login/")

        assert answer.status_code == 301
        assert answer.headers["Location"] == "https://testserver/admin/login/"

    @pytest.mark.django_db
    def test_https_is_served(self, client: Client, secure: None) -> None:
        assert client.get("/admin/login/", secure=True).status_code == 200

    def test_scheme_told_by_a_client_is_not_believed(
        self, client: Client, secure: None
    ) -> None:
        answer = client.get("/api/v1/", headers={"X-Forwarded-Proto": "https"})

        assert answer.status_code == 403


@pytest.mark.django_db
class TestSession:
    @pytest.mark.parametrize(
        ("visits", "is_inside"),
        [
            ([timedelta(minutes=120)], True),
            ([timedelta(minutes=120, seconds=1)], False),
            ([timedelta(hours=1) * n for n in range(1, 13)], True),
            ([timedelta(hours=1) * n for n in range(1, 14)], False),
        ],
        ids=["at the edge of idle", "idle", "at the edge of age", "too old"],
    )
    def test_ends_when_idle_or_old(
        self, client: Client, visits: list[timedelta], is_inside: bool
    ) -> None:
        with time_machine.travel(NOW, tick=False):
            client.force_login(make.user())
            client.get("/admin/")

        codes = [visited(client, at=NOW + visit) for visit in visits]

        assert (codes[-1] == 200) is is_inside


def visited(client: Client, *, at: datetime) -> int:
    """Return how the first page answers at this moment."""
    with time_machine.travel(at, tick=False):
        return client.get("/admin/").status_code


@pytest.mark.django_db
class TestCaching:
    @pytest.mark.parametrize("path", ["/", "/admin/", "/admin/login/", "/nowhere"])
    def test_nothing_is_stored(self, client: Client, path: str) -> None:
        client.force_login(make.user())

        assert "no-store" in client.get(path).headers["Cache-Control"]


@pytest.mark.django_db
class TestErrors:
    def test_absent_page_is_ours(self, client: Client) -> None:
        answer = client.get("/nowhere")

        assert answer.status_code == 404
        assert "There is nothing here" in answer.content.decode()

    def test_speaks_chinese(self, client: Client) -> None:
        answer = client.get("/nowhere", headers={"Accept-Language": "zh-CN"})

        assert "找不到内容" in answer.content.decode()

    def test_wrong_host_is_refused_without_repeating_it(self, client: Client) -> None:
        answer = client.get("/admin/", headers={"Host": "evil.example"})

        assert answer.status_code == 400
        assert "evil.example" not in answer.content.decode()

    def test_fault_of_ours_leaks_nothing(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("crm.home.first_page.fill", broken)
        client = Client(raise_request_exception=False)
        client.force_login(make.user())

        answer = client.get("/admin/")

        assert answer.status_code == 500
        assert "Something went wrong on our side" in answer.content.decode()
        assert "the secret" not in answer.content.decode()


def broken(*_: object) -> dict[str, Any]:
    raise RuntimeError("the secret")


@pytest.mark.django_db
class TestLogin:
    def fail(self, client: Client, email: str, **extra: Any) -> int:
        return client.post(
            "/admin/login/", {"username": email, "password": "wrong"}, **extra
        ).status_code

    def test_pauses_after_five_failures(self, client: Client) -> None:
        person = make.user(password=PASSWORD)

        answers = [self.fail(client, person.email) for _ in range(5)]

        assert answers[:4] == [200] * 4
        paused = client.post(
            "/admin/login/", {"username": person.email, "password": PASSWORD}
        )
        assert paused.status_code == 429
        assert paused.headers["Retry-After"] == "900"
        assert "Wait 15 minutes" in paused.content.decode()

    def test_goes_on_after_the_pause(self, client: Client) -> None:
        person = make.user(password=PASSWORD)
        with time_machine.travel(NOW, tick=False):
            for _ in range(6):
                self.fail(client, person.email)

        with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
            answer = client.post(
                "/admin/login/", {"username": person.email, "password": PASSWORD}
            )

        assert answer.status_code == 302

    def test_spelling_does_not_get_around_it(self, client: Client) -> None:
        person = make.user(email="anna@example.com", password=PASSWORD)
        for email in ("ANNA@example.com", "Anna@example.com ", "anna@EXAMPLE.com"):
            self.fail(client, email)
        self.fail(client, person.email)
        self.fail(client, person.email)

        assert self.fail(client, person.email) == 429

    def test_another_person_and_another_address_are_free(self, client: Client) -> None:
        person, other = make.user(password=PASSWORD), make.user(password=PASSWORD)
        for _ in range(6):
            self.fail(client, person.email)

        assert self.fail(client, other.email) == 200
        assert self.fail(client, person.email, REMOTE_ADDR="192.0.2.9") == 200

    def test_header_of_a_client_does_not_get_around_it(self, client: Client) -> None:
        person = make.user(password=PASSWORD)
        for number in range(5):
            self.fail(client, person.email, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")

        assert self.fail(client, person.email) == 429


class TestAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "198.51.100.7", "127.0.0.1"),
            (1, "198.51.100.7", "198.51.100.7"),
            (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
            (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
            (2, "198.51.100.7", "127.0.0.1"),
            (1, "", "127.0.0.1"),
        ],
    )
    def test_believes_only_what_our_proxies_wrote(
        self,
        settings: Settings,
        rf: RequestFactory,
        proxies: int,
        forwarded: str,
        address: str,
    ) -> None:
        settings.TRUSTED_PROXY_COUNT = proxies

        request = rf.get("/", headers={"X-Forwarded-For": forwarded})

        assert clients.address_of(request) == address
