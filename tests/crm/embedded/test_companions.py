"""Which command lines need servers."""

import pytest

from crm.embedded import companions, servers


class TestNeedsServers:
    @pytest.mark.parametrize(
        "line", ["migrate", "shell -c pass", "load_usage file.csv"]
    )
    def test_those_that_may_touch_the_database(self, line: str) -> None:
        assert companions.needs_servers(["manage.py", *line.split()])

    @pytest.mark.parametrize(
        "line", ["", "help", "check --deploy", "makemigrations", "up", "migrate --help"]
    )
    def test_not_those_that_do_not(self, line: str) -> None:
        assert not companions.needs_servers(["manage.py", *line.split()])


class TestEmbeddedParts:
    @pytest.mark.parametrize(
        ("named", "embedded"),
        [
            ({}, {"postgres", "valkey"}),
            ({"DATABASE_URL": "postgresql://h/d"}, {"valkey"}),
            ({"REDIS_URL_FILE": "/run/secrets/redis"}, {"postgres"}),
            ({"DATABASE_URL": ""}, {"postgres", "valkey"}),
        ],
    )
    def test_are_those_that_nobody_named(
        self, monkeypatch: pytest.MonkeyPatch, named: dict[str, str], embedded: set[str]
    ) -> None:
        for url in servers.URLS.values():
            monkeypatch.delenv(url, raising=False)
        for name, value in named.items():
            monkeypatch.setenv(name, value)

        assert servers.embedded_parts() == embedded
