"""Signs of health: alive without the database, ready only with all migrations."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from crm.web import health

NOWHERE = "unix:///nowhere/valkey.sock"


class TestAlive:
    def test_asks_nobody(self, client: Client) -> None:
        answer = client.get("/healthz", headers={"Host": "10.0.0.7"})

        assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
        assert answer.headers["Cache-Control"] == "no-store"

    def test_answers_on_plain_http(self, client: Client, settings: Settings) -> None:
        settings.USE_HTTPS = settings.SECURE_SSL_REDIRECT = True

        assert client.get("/healthz").status_code == 200

    def test_is_only_read(self, client: Client) -> None:
        assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
class TestReady:
    @pytest.mark.enable_socket
    def test_with_everything(self, client: Client) -> None:
        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert answer.json() == {
            "status": "ready",
            "database": "up",
            "migrations": "up",
            "broker": "up",
        }

    def test_is_degraded_without_the_broker(
        self, client: Client, settings: Settings
    ) -> None:
        settings.REDIS_URL = NOWHERE

        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert (answer.json()["status"], answer.json()["broker"]) == (
            "degraded",
            "down",
        )

    def test_is_unavailable_without_the_database(
        self,
        client: Client,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        settings.REDIS_URL = NOWHERE
        parameters: dict[str, Any] = {
            **connection.get_connection_params(),
            "host": "/nowhere",
            "password": "the secret",
        }
        monkeypatch.setattr(connection, "get_connection_params", lambda: parameters)

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["database"] == "down"
        assert "nowhere" not in answer.content.decode()
        assert "the secret" not in answer.content.decode()

    def test_is_unavailable_while_a_migration_is_missing(
        self,
        client: Client,
        settings: Settings,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        settings.REDIS_URL = NOWHERE
        newest = health.latest_migrations() | {("core", "9999_not_applied")}
        monkeypatch.setattr(health, "latest_migrations", lambda: newest)

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert (answer.json()["database"], answer.json()["migrations"]) == (
            "up",
            "down",
        )
