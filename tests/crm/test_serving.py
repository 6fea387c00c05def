"""What gunicorn is told: the time of a statement, and problems before the product sees a request."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.db.utils import OperationalError

from crm import serving
from crm.web.api import problems


@pytest.fixture
def limited() -> Iterator[None]:
    """Limit the statements of this process to one second, in a connection of its own."""
    options = connections.settings["default"].setdefault("OPTIONS", {})
    before = dict(options)
    serving.limit_statements(1)
    connection.close()
    yield
    options.clear()
    options.update(before)
    connection.close()


@pytest.mark.django_db(transaction=True)
class TestLimitStatements:
    def test_ends_a_long_one_and_asks_to_try_again(self, limited: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 50")
            with pytest.raises(OperationalError) as ended:
                cursor.execute("SELECT pg_sleep(5)")

        problem = problems.problem_of(ended.value)
        assert problem is not None
        assert (problem.status, problem.headers) == (503, {"Retry-After": "1"})

    def test_holds_for_new_connections(self, limited: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("1s",)

    def test_none_with_zero(self) -> None:
        before = dict(connections.settings["default"].get("OPTIONS", {}))

        serving.limit_statements(0)

        assert connections.settings["default"].get("OPTIONS", {}) == before


class TestProblem:
    def test_is_a_whole_answer(self) -> None:
        head, _, body = serving.problem(414, "address-too-long", "Too long").partition(
            b"\r\n\r\n"
        )

        assert head.startswith(b"HTTP/1.1 414 ")
        assert f"Content-Length: {len(body)}".encode() in head
        assert json.loads(body)["status"] == 414
