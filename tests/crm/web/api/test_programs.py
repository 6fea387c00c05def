"""The short way of programs: whatever the long way gives, without what only browsers need."""

import gzip
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from crm.accounts.models import User
from crm.web.api import programs
from tests import make
from tests.crm.web.api.conftest import caller, program

TEAMS = "/api/v1/teams/"
UNLIKE = {"Content-Security-Policy", "X-Request-ID"}


class TestAnswer:
    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            (TEAMS, {}),
            (f"{TEAMS}?limit=0", {}),
            (f"{TEAMS}?format=csv", {}),
            (f"{TEAMS}999999/", {"Accept-Language": "zh-CN"}),
            (TEAMS[:-1], {}),
            ("/api/v1/nowhere/", {}),
            (TEAMS, {"Accept": "text/csv"}),
            (TEAMS, {"Accept": "image/png"}),
            (TEAMS, {"Host": "evil.example"}),
        ],
    )
    def test_is_that_of_the_long_way(
        self,
        anna: User,
        path: str,
        headers: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        sync = program(anna)

        short = sync.get(path, headers=headers)
        monkeypatch.setattr(programs, "is_program", lambda _request: False)
        long = sync.get(path, headers=headers)

        assert short.status_code == long.status_code
        assert short.getvalue() == long.getvalue()
        assert _plain(short) == _plain(long)

    def test_forbids_a_browser_everything(self, anna: User) -> None:
        policy = program(anna).get(TEAMS).headers["Content-Security-Policy"]

        assert policy == "default-src 'none'; frame-ancestors 'none'"

    def test_is_compressed_for_who_asks(self, anna: User) -> None:
        path = "/api/v1/users/"
        make.user(name="x" * 120)
        sync = program(anna)

        plain = sync.get(path)
        packed = sync.get(path, headers={"Accept-Encoding": "gzip"})

        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.content) == plain.content
        assert int(packed.headers["Content-Length"]) == len(packed.content)
        assert int(plain.headers["Content-Length"]) == len(plain.content)

    def test_tells_browsers_to_come_by_https(
        self, anna: User, settings: Settings
    ) -> None:
        settings.SECURE_HSTS_SECONDS = 60

        answer = program(anna).get(TEAMS, secure=True)

        assert answer.headers["Strict-Transport-Security"].startswith("max-age=60")

    def test_to_one_language_is_none_to_the_next(self, anna: User) -> None:
        sync = program(anna)

        chinese = sync.get(TEAMS, headers={"Accept-Language": "zh-CN"})

        assert chinese.headers["Content-Language"] == "zh-hans"
        assert sync.get(TEAMS).headers["Content-Language"] == "en"


class TestWay:
    @pytest.mark.parametrize(
        ("path", "header", "expected"),
        [
            (TEAMS, "Bearer x", True),
            (TEAMS, "bearer x", True),
            (TEAMS, "Basic eDp5", False),
            (TEAMS, "Bearerx", False),
            (TEAMS, "", False),
            ("/api/schema/", "Bearer x", False),
            ("/admin/", "Bearer x", False),
        ],
    )
    def test_is_short_with_a_bearer_token(
        self, rf: Any, path: str, header: str, *, expected: bool
    ) -> None:
        request = rf.get(path, headers={"Authorization": header} if header else {})

        assert programs.is_program(request) is expected

    def test_does_not_look_at_the_session(self, anna: User) -> None:
        browser, carla = caller(anna), make.user()

        answer = browser.get(
            "/api/v1/tokens/",
            headers={"Authorization": program(carla).defaults["HTTP_AUTHORIZATION"]},
        )

        assert [row["owner_id"] for row in answer.json()["results"]] == [carla.pk]

    def test_with_a_wrong_token_ends_there_whoever_is_logged_in(
        self, anna: User
    ) -> None:
        answer = caller(anna).get(TEAMS, headers={"Authorization": "Bearer wrong"})

        assert answer.status_code == 401
        assert answer.json()["code"] == "token.unknown"

    def test_faults_of_ours_are_problems(
        self, anna: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sync = program(anna)
        sync.raise_request_exception = False
        monkeypatch.setattr("crm.web.api.lists.answer", _broken)

        answer = sync.get(TEAMS)

        assert answer.status_code == 500
        assert answer.json()["code"] == "server-error"
        assert "the secret" not in answer.content.decode()


def _broken(*_: object) -> None:
    raise RuntimeError("the secret")


def _plain(answer: Any) -> dict[str, Any]:
    headers = {name: answer.headers[name] for name in answer.headers.keys() - UNLIKE}
    headers["Vary"] = set(headers.get("Vary", "").split(", ")) - {"Accept-Encoding"}
    return headers


class TestBrowser:
    def test_goes_the_long_way(self, anna: User) -> None:
        answer = caller(anna).get(TEAMS)

        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]

    def test_needs_its_csrf_token_as_ever(self, anna: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(anna)

        assert browser.post("/api/v1/partners/", {}).status_code == 403
