"""The embedded cluster: what the product may do in it, and which one is refused."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crm.embedded import places, postgres
from crm.embedded.servers import ServerRefusedError, Servers

BOTH = frozenset({"postgres", "valkey"})
pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def where(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[places.Places]:
    monkeypatch.setenv(
        "CRM_STATE_DIR", str(tmp_path / getattr(request, "param", "a b"))
    )
    found = places.find(base=tmp_path)
    yield found
    shutil.rmtree(found.sockets, ignore_errors=True)


class TestServers:
    @pytest.mark.parametrize("where", ['a b%"c"', "a,b"], indirect=True)
    def test_offer_a_database_to_its_owner(self, where: places.Places) -> None:
        servers = Servers(where, parts=BOTH, durable=False)
        servers.start()
        try:
            with psycopg.connect(where.database_url) as connection:
                connection.execute("CREATE EXTENSION pg_trgm")
                (letters,) = (
                    connection.execute("SELECT show_trgm('中国移动')").fetchone() or ()
                )
                (is_super,) = (
                    connection.execute(
                        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
                    ).fetchone()
                    or ()
                )
        finally:
            servers.stop()

        assert len(letters) == 5
        assert is_super is False

    def test_say_why_they_do_not_start(self, where: places.Places) -> None:
        servers = Servers(where, parts=BOTH, durable=False)
        servers.start()
        servers.stop()
        (where.database / "postgresql.conf").write_text("max_connections = many")

        with pytest.raises(ServerRefusedError, match="max_connections"):
            servers.start()


class TestMakeCluster:
    def test_refuses_one_of_another_version(self, where: places.Places) -> None:
        where.database.mkdir(parents=True)
        (where.database / "PG_VERSION").write_text("9\n")

        with pytest.raises(postgres.PostgresRefusedError, match="made by PostgreSQL 9"):
            postgres.make_cluster(where, postgres.find())

    @pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
    def test_refuses_one_of_another_person(self, where: places.Places) -> None:
        where.database.mkdir(parents=True)
        os.chown(where.database, 12345, 12345)

        with pytest.raises(postgres.PostgresRefusedError, match="somebody else"):
            postgres.make_cluster(where, postgres.find())

    def test_begins_anew_what_was_interrupted(self, where: places.Places) -> None:
        halfway = where.state / "postgres.new"
        halfway.mkdir(parents=True)
        (halfway / "PG_VERSION").write_text("17\n")

        postgres.make_cluster(where, postgres.find())

        assert (where.database / "global").is_dir()
        assert not halfway.exists()


class TestFind:
    def test_says_what_to_do_when_there_is_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(postgres, "_folders", lambda: iter(()))

        with pytest.raises(postgres.PostgresRefusedError, match="DATABASE_URL"):
            postgres.find()
