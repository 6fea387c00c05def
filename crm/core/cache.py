"""A cache that is allowed to be away: pages work without it, only slower."""

import logging
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

UNREACHABLE = (RedisError, OSError)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while the server is away nothing is found and nothing kept.

    What counts or locks (`add`, `incr`, `touch`) still raises: there, a silent answer
    would be a wrong one.
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except UNREACHABLE as error:
            self._tell(error)
            return default

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        try:
            return super().get_many(keys, version)
        except UNREACHABLE as error:
            self._tell(error)
            return {}

    def set(
        self,
        key: Any,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        try:
            super().set(key, value, timeout, version)
        except UNREACHABLE as error:
            self._tell(error)

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return super().delete(key, version)
        except UNREACHABLE as error:
            self._tell(error)
            return False

    @staticmethod
    def _tell(error: Exception) -> None:
        log.warning("the cache is away: %s", type(error).__name__)
