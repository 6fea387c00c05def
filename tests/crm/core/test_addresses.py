"""One REDIS_URL in the forms of two libraries."""

import pytest
import redis
from kombu import Connection

from crm.core import addresses
from tests.crm.core.conftest import Valkey


class TestSocket:
    @pytest.mark.parametrize("kind", ["unix", "redis+socket", "socket"])
    @pytest.mark.parametrize("database", ["db", "virtual_host"])
    def test_both_libraries_reach_a_path_with_a_blank(
        self, valkey: Valkey, kind: str, database: str
    ) -> None:
        url = valkey.url.replace("unix", kind, 1).replace("db=0", f"{database}=3")

        with redis.from_url(addresses.redis_client_url(url)) as client:
            client.set("a", "b")
        with Connection(addresses.redis_broker_url(url)) as connection:
            connection.SimpleQueue("q").put({"n": 1})

        assert valkey.client().info("keyspace")["db3"]["keys"] >= 2
        assert list(valkey.client().info("keyspace")) == ["db3"]

    def test_a_raw_blank_is_understood_too(self) -> None:
        assert addresses.redis_client_url("unix:///a b/v?db=1") == (
            "unix:///a%20b/v?db=1"
        )

    def test_the_database_is_the_first_by_default(self) -> None:
        assert addresses.redis_client_url("unix:///v.sock") == "unix:///v.sock?db=0"
        assert (
            addresses.redis_broker_url("unix:///v.sock")
            == "redis+socket:///v.sock?virtual_host=0"
        )

    def test_a_relative_path_is_refused(self) -> None:
        with pytest.raises(addresses.AddressError, match="absolute path"):
            addresses.redis_client_url("unix://v.sock")


class TestNetwork:
    def test_stays_as_it_is(self) -> None:
        url = "redis://:pass@redis.example:6380/2"

        assert addresses.redis_client_url(url) == url
        assert addresses.redis_broker_url(url) == url

    def test_an_encrypted_connection_asks_for_the_certificate(self) -> None:
        url = addresses.redis_broker_url("rediss://redis.example/0")

        assert url == "rediss://redis.example/0?ssl_cert_reqs=required"
        assert addresses.redis_client_url("rediss://h/0") == "rediss://h/0"

    def test_the_administrator_may_say_otherwise(self) -> None:
        url = addresses.redis_broker_url("rediss://h/0?ssl_cert_reqs=none")

        assert url == "rediss://h/0?ssl_cert_reqs=none"

    @pytest.mark.parametrize("url", ["", "amqp://a:secret@b", "localhost:6379"])
    def test_anything_else_is_refused_without_showing_secrets(self, url: str) -> None:
        with pytest.raises(addresses.AddressError, match="REDIS_URL") as refusal:
            addresses.redis_broker_url(url)

        assert "secret" not in str(refusal.value)
