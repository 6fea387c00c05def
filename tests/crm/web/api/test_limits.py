"""Rate limits against a real Redis, and without one."""

import logging
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.test import Client

from crm.accounts.models import User
from crm.web.api import limits
from crm.web.api.limits import Buckets, Quota
from tests.crm.web.api.conftest import program

TEAMS = "/api/v1/teams/"


@pytest.fixture
def own_limits(settings: Any, socket_enabled: Any) -> Any:  # noqa: ARG001 - opens sockets
    """Limit requests to three an hour, counted by callers nobody else counts."""
    settings.API_RATE = "3/3600"
    return settings


class TestQuota:
    def test_reads_requests_and_seconds(self) -> None:
        assert Quota.of("default", "600/60") == Quota("default", 600, 60)

    def test_nothing_means_no_limit(self) -> None:
        assert Quota.of("default", "") is None


@pytest.mark.usefixtures("socket_enabled")
class TestBuckets:
    def test_let_the_quota_through_and_then_say_how_long_to_wait(
        self, settings: Any
    ) -> None:
        buckets, caller = Buckets(settings.REDIS_URL), str(uuid4())
        quota = Quota("test", 3, 60)

        standings = [buckets.take(quota, caller) for _number in range(4)]

        assert [each.is_allowed for each in standings if each] == [True] * 3 + [False]
        assert [each.left for each in standings if each] == [2, 1, 0, 0]
        assert standings[3] is not None
        assert 0 < standings[3].wait <= 20

    def test_callers_do_not_share(self, settings: Any) -> None:
        buckets, quota = Buckets(settings.REDIS_URL), Quota("test", 1, 60)

        first = buckets.take(quota, str(uuid4()))
        second = buckets.take(quota, str(uuid4()))

        assert first is not None
        assert second is not None
        assert first.is_allowed
        assert second.is_allowed

    def test_step_aside_and_say_so_when_redis_is_away(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        buckets = Buckets("redis://127.0.0.1:1/0")

        with caplog.at_level(logging.WARNING):
            answers = [buckets.take(Quota("test", 1, 60), "x") for _try in range(3)]

        assert answers == [None, None, None]
        assert len(caplog.records) == 1
        assert "Redis does not answer" in caplog.text

    @pytest.mark.parametrize("fault", ["hung up", "script forgotten"])
    def test_go_on_counting_when_redis_was_restarted(
        self, settings: Any, fault: str
    ) -> None:
        client = redis.Redis.from_url(settings.REDIS_URL)
        buckets, quota, caller = (
            Buckets(settings.REDIS_URL),
            Quota("test", 3, 60),
            str(uuid4()),
        )
        buckets.take(quota, caller)
        if fault == "hung up":
            client.client_kill_filter(_type="normal", skipme=True)
        else:
            client.script_flush()

        standings = [buckets.take(quota, caller) for _number in range(2)]

        assert [each.left for each in standings if each] == [1, 0]


class TestAnswers:
    def test_say_where_the_caller_stands(self, anna: User, own_limits: Any) -> None:
        own_limits.API_RATE = "3/3600"
        sync = program(anna)
        limits.buckets(own_limits.REDIS_URL).forget(f"token:{token_of(anna)}")

        response = sync.get(TEAMS)

        assert response.headers["RateLimit-Policy"] == '"default";q=3;w=3600'
        assert response.headers["RateLimit"] == '"default";r=2;t=1200'

    def test_refuse_when_nothing_is_left(self, anna: User, own_limits: Any) -> None:
        sync = program(anna)
        limits.buckets(own_limits.REDIS_URL).forget(f"token:{token_of(anna)}")

        statuses = [sync.get(TEAMS).status_code for _number in range(4)]
        refused = sync.get(TEAMS)

        assert statuses == [200, 200, 200, 429]
        assert refused.json()["type"].endswith("#quota-exceeded")
        assert refused.json()["violated-policies"] == ["default"]
        assert 0 < int(refused.headers["Retry-After"]) <= 1200

    def test_many_wrong_tokens_are_paused(
        self, db: None, settings: Any, socket_enabled: Any
    ) -> None:
        settings.API_FAILURE_RATE = "2/3600"
        stranger = Client(REMOTE_ADDR="198.51.100.7")
        limits.buckets(settings.REDIS_URL).forget("198.51.100.7")
        wrong = {"Authorization": "Bearer crm_wrong"}

        statuses = [
            stranger.get(TEAMS, headers=wrong).status_code for _number in range(3)
        ]

        assert statuses == [401, 401, 429]


def token_of(user: User) -> int:
    return user.api_tokens.get().pk
