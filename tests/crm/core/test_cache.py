"""The cache while its server is there, and while it is away."""

import pytest
import redis

from crm.core import addresses
from crm.core.cache import ForgivingRedisCache
from tests.crm.core.conftest import Valkey


@pytest.fixture
def cache(valkey: Valkey) -> ForgivingRedisCache:
    url = addresses.redis_client_url(valkey.url)
    return ForgivingRedisCache(url, {"KEY_PREFIX": "crm"})


class TestThere:
    def test_keeps_what_it_was_given(self, cache: ForgivingRedisCache) -> None:
        cache.set("a", {"b": 1}, 60)

        assert cache.get("a") == {"b": 1}
        assert cache.get_many(["a", "c"]) == {"a": {"b": 1}}
        assert cache.get("c", "default") == "default"
        assert cache.delete("a")
        assert cache.get("a") is None

    def test_its_keys_have_a_prefix(
        self, cache: ForgivingRedisCache, valkey: Valkey
    ) -> None:
        cache.set("a", 1)

        assert valkey.client().keys() == [b"crm:1:a"]


class TestAway:
    @pytest.fixture(autouse=True)
    def gone(self, cache: ForgivingRedisCache, valkey: Valkey) -> None:
        cache.set("a", 1)
        valkey.stop()

    def test_nothing_is_found_and_nothing_kept(
        self, cache: ForgivingRedisCache, caplog: pytest.LogCaptureFixture
    ) -> None:
        cache.set("b", 1)

        assert cache.get("a", "default") == "default"
        assert cache.get_many(["a"]) == {}
        assert not cache.delete("a")
        assert caplog.text.count("the cache is away: ConnectionError") == 4

    def test_what_counts_or_locks_still_tells(self, cache: ForgivingRedisCache) -> None:
        with pytest.raises(redis.ConnectionError):
            cache.add("lock", 1)
        with pytest.raises(redis.ConnectionError):
            cache.incr("a")
