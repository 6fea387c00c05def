"""The number of a request: in the answer, the log lines, the journal and tasks."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from celery import current_app
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from crm.core.queue import enqueue
from crm.journal import operations as journal
from crm.journal.models import Event
from crm.web.request_log import public_path
from tests import make

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def write(_request: HttpRequest) -> HttpResponse:
    person = make.user()
    journal.record(
        kind="a.b", subject=person, by=None, at=person.created_at, new={"a": 1}
    )
    enqueue("core.ping", nonce="n")
    return HttpResponse("done")


def whoami(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


def fail(_request: HttpRequest, word: str) -> HttpResponse:
    raise ValueError(word)


urlpatterns = [
    path("write/", write),
    path("whoami/", whoami),
    path("fail/<str:word>/", fail),
]


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as captured:
        yield captured


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls(__name__)
class TestNumber:
    def test_of_the_caller_is_kept(self, client: Client, lines: list[Any]) -> None:
        answer = client.get("/write/", headers={"x-request-id": "caller-42.A_b"})

        assert answer.headers["X-Request-ID"] == "caller-42.A_b"
        assert Event.objects.get().request_id == "caller-42.A_b"
        finished = next(line for line in lines if line["event"] == "request_finished")
        assert finished["request_id"] == "caller-42.A_b"
        assert finished["request"] == "GET /write/"
        assert finished["code"] == 200

    def test_travels_into_the_task(self, client: Client, lines: list[Any]) -> None:
        current_app.control.purge()

        client.get("/write/", headers={"x-request-id": "caller-42"})

        with current_app.connection_for_read() as connection:
            message = connection.SimpleQueue("celery").get(block=False)
        headers: Any = message.headers
        assert headers["__django_structlog__"]["request_id"] == "caller-42"

    @pytest.mark.parametrize(
        "given",
        ["", "short", "a" * 65, "with blank in it", "<script>alert", "-dashes-"],
    )
    def test_is_made_where_none_is_well_formed(
        self, client: Client, given: str
    ) -> None:
        answer = client.get("/write/", headers={"x-request-id": given})

        assert UUID.fullmatch(answer.headers["X-Request-ID"])
        assert Event.objects.get().request_id == answer.headers["X-Request-ID"]

    def test_stands_beside_the_number_of_the_person_and_no_name(
        self, client: Client, lines: list[Any]
    ) -> None:
        person = make.user(name="Wang Fang")
        client.force_login(person)

        client.get("/whoami/")

        finished = next(line for line in lines if line["event"] == "request_finished")
        assert finished["user_id"] == person.pk
        assert "Wang" not in str(lines)

    def test_is_forgotten_after_the_request(self, client: Client) -> None:
        client.get("/write/")

        assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestFailure:
    def test_is_told_with_the_number_and_without_the_query(
        self, lines: list[Any]
    ) -> None:
        client = Client(raise_request_exception=False)

        answer = client.get(
            "/fail/a/?email=a@example.com", headers={"x-request-id": "caller-42"}
        )

        assert answer.status_code == 500
        assert answer.headers["X-Request-ID"] == "caller-42"
        failed = next(line for line in lines if line["event"] == "request_failed")
        assert (failed["request_id"], failed["request"]) == (
            "caller-42",
            "GET /fail/a/",
        )

    def test_an_unknown_page_costs_no_query(
        self, client: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            answer = client.get("/nowhere/")

        assert answer.status_code == 404
        assert UUID.fullmatch(answer.headers["X-Request-ID"])


class TestPublicPath:
    @pytest.mark.parametrize(
        ("path", "public"),
        [
            ("/partners/7/change/", "/partners/7/change/"),
            (
                "/reset/MQ/c8s2fv-8c0c0a3b9d1e2f3a4b5c6d7e8f9a0b1c/",
                "/reset/MQ/[hidden]/",
            ),
            ("/a-very-long-name-without-any-digits/", None),
        ],
    )
    def test_hides_what_looks_like_a_secret(
        self, path: str, public: str | None
    ) -> None:
        assert public_path(path) == (public or path)
