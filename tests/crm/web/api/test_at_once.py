"""Two callers at the same moment: one write, one answer that says so."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from crm.core import versions
from crm.core.errors import StaleVersionError
from crm.web.api import writes
from crm.web.api.parsing import JSONParser
from crm.web.api.problems import ProblemError
from crm.web.models import KeptAnswer
from partners.models import Partner
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def keyed(key: str) -> Request:
    made = APIRequestFactory().post(
        "/api/v1/x/", {"a": 1}, format="json", headers={"Idempotency-Key": key}
    )
    request = Request(made, parsers=[JSONParser()])
    request.user = SimpleNamespace(pk=7, acting_token_id=None)  # type: ignore[assignment]  # all the kit asks of a person
    return request


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class TestIdempotencyKey:
    def test_is_refused_while_the_first_request_runs_and_replayed_after(self) -> None:
        started, may_end = threading.Event(), threading.Event()

        def slow() -> HttpResponse:
            started.set()
            may_end.wait(5)
            return HttpResponse(b"{}", status=201)

        first = in_thread(lambda: writes.perform(keyed("k"), slow))
        started.wait(5)
        with pytest.raises(ProblemError) as refused:
            writes.perform(keyed("k"), slow)
        may_end.set()
        first.join()
        replayed = writes.perform(keyed("k"), slow)

        assert (refused.value.status, refused.value.code) == (
            409,
            "idempotency-running",
        )
        assert replayed.status_code == 201
        assert replayed.headers["Idempotency-Replayed"] == "true"
        assert KeptAnswer.objects.count() == 1

    def test_a_crash_leaves_nothing_behind(self) -> None:
        def broken() -> HttpResponse:
            raise RuntimeError

        with pytest.raises(RuntimeError):
            writes.perform(keyed("k"), broken)

        assert KeptAnswer.objects.count() == 0


class TestVersions:
    def test_of_many_writers_with_the_same_version_one_wins(self) -> None:
        partner = make.partner()
        results: list[str] = []

        def write(name: str) -> None:
            try:
                mine = Partner.objects.get(pk=partner.pk)
                versions.advance(mine, expected=partner.version, legal_name=name)
                results.append("written")
            except StaleVersionError as stale:
                results.append(f"stale {stale.current}")

        threads = [in_thread(lambda n=n: write(f"n{n}")) for n in range(6)]  # type: ignore[misc]  # a default is how a loop is bound
        for thread in threads:
            thread.join()

        after = partner.version + 1
        assert sorted(results) == [f"stale {after}"] * 5 + ["written"]


class TestForgetting:
    def test_takes_answers_of_a_day_ago_and_leaves_younger_ones(self) -> None:
        now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        for key, age in (("old", timedelta(hours=24)), ("young", timedelta(hours=23))):
            KeptAnswer.objects.create(
                caller="user:7", key=key, status=201, body=b"", at=now - age
            )

        assert writes.forget_old_answers(at=now) == 1
        assert KeptAnswer.objects.get().key == "young"
