"""How often one caller may ask: a token bucket in Redis, one atomic call a request.

When Redis is away the limits step aside (and say so in the log): an integration that goes
on working is worth more than an exact count.
"""

import logging
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from crm.core import addresses

log = logging.getLogger(__name__)

DEFAULT = "default"
FAILURES = "token-failures"
SECONDS_TO_WAIT = 0.25
SECONDS_BETWEEN_TRIES = 5.0
BUCKET = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local window, quota = tonumber(ARGV[1]) * 1000, tonumber(ARGV[2])
local each = window / quota
local empty_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), at)
local next_empty_at = empty_at + each
local is_allowed = next_empty_at - at <= window
if is_allowed then
  empty_at = next_empty_at
  redis.call('SET', KEYS[1], string.format('%.3f', empty_at), 'PX', math.ceil(empty_at - at) + 1000)
end
local left = math.floor((window - (empty_at - at)) / each + 0.000001)
local wait = is_allowed and 0 or math.ceil(next_empty_at - at - window)
return {is_allowed and 1 or 0, left, math.ceil(empty_at - at), wait}
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests in so many seconds; unused ones pile up to that number."""

    name: str
    count: int
    seconds: int

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, name: str, text: str) -> "Quota | None":
        """Read `600/60` as 600 requests in 60 s; empty text means no limit."""
        if not text:
            return None
        count, seconds = text.split("/")
        return cls(name, int(count), int(seconds))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands: what is left, when the quota is full again, how long to wait."""

    quota: Quota
    is_allowed: bool
    left: int
    full_in: int
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """Return the header fields of the IETF draft `RateLimit header fields for HTTP`."""
        name, quota = self.quota.name, self.quota
        return {
            "RateLimit-Policy": f'"{name}";q={quota.count};w={quota.seconds}',
            "RateLimit": f'"{name}";r={self.left};t={self.full_in}',
        }


class _Line(threading.local):
    """The connection to Redis that a thread has to itself."""

    connection: Any = None


class Buckets:
    """The buckets in one Redis; skips it for a while after it failed to answer."""

    def __init__(self, url: str) -> None:
        client = redis.Redis.from_url(
            addresses.redis_client_url(url),
            socket_timeout=SECONDS_TO_WAIT,
            socket_connect_timeout=SECONDS_TO_WAIT,
        )
        self._client = client
        self._script = client.register_script(BUCKET)
        self._line = _Line()
        self._skip_until = 0.0

    def take(self, quota: Quota, caller: str) -> Standing | None:
        """Take one from the caller's bucket; None when Redis does not answer."""
        if time.monotonic() < self._skip_until:
            return None
        try:
            result = self._ask(quota, f"rate:{quota.name}:{caller}")
        except (redis.RedisError, OSError) as error:
            self._skip_until = time.monotonic() + SECONDS_BETWEEN_TRIES
            log.warning("rate limits are off, Redis does not answer: %s", error)
            return None
        is_allowed, left, full_in, wait = (int(number) for number in result)
        return Standing(
            quota, bool(is_allowed), left, ceil(full_in / 1000), ceil(wait / 1000)
        )

    def _ask(self, quota: Quota, key: str) -> Any:
        """Run the script by one message there and one back; where that fails, as the client does."""
        line = self._line
        if line.connection is None:
            line.connection = self._client.connection_pool.make_connection()
        words = ("EVALSHA", self._script.sha, "1", key, quota.seconds, quota.count)
        try:
            line.connection.send_packed_command([_packed(words)], check_health=False)
            return line.connection.read_response()
        except (redis.ConnectionError, redis.exceptions.NoScriptError):
            # hung up since the last time, or it has forgotten the script
            return self._script(keys=[key], args=[quota.seconds, quota.count])

    def forget(self, caller: str) -> None:
        """Give the caller full buckets again."""
        names = [f"rate:{name}:{caller}" for name in (DEFAULT, FAILURES)]
        self._client.delete(*names)


def _packed(words: tuple[Any, ...]) -> bytes:
    """Return a command as Redis reads it."""
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        text = str(word).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return b"".join(parts)


@lru_cache(maxsize=4)
def buckets(url: str) -> Buckets:
    """Return the buckets of this Redis; the connection is made at the first use."""
    return Buckets(url)


def take(quota_name: str, text: str, caller: str) -> Standing | None:
    """Take one from a bucket of the product's Redis; None when there is no limit or no Redis."""
    quota = Quota.of(quota_name, text)
    if quota is None:
        return None
    return buckets(settings.REDIS_URL).take(quota, caller)


def caller_of(request: Request) -> str:
    """Return who asks: the token, else the person."""
    token_id = getattr(request.user, "acting_token_id", None)
    return f"token:{token_id}" if token_id else f"user:{request.user.pk}"


class CallerRate(BaseThrottle):
    """Counts every request of a token, or of a person in a browser, against API_RATE."""

    standing: Standing | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Tell whether the caller has requests left, and note the standing for the headers."""
        standing = take(DEFAULT, settings.API_RATE, caller_of(request))
        if standing is None:
            return True
        self.standing = standing
        view.standing = standing
        return standing.is_allowed

    def wait(self) -> float | None:
        """Return the seconds until the next request would be let through."""
        return float(self.standing.wait) if self.standing else None
