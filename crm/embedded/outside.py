"""Checks servers named by DATABASE_URL and REDIS_URL: there, and new enough."""

import redis
from django.db import NotSupportedError, OperationalError, connection

from crm.embedded import postgres, valkey


class OutsideRefusedError(Exception):
    """A named server cannot be used; the text says why, without its password."""


def check_database() -> None:
    """Refuse a PostgreSQL that does not answer or is too old.

    :raises OutsideRefusedError: for either.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0]) // 10_000
    except (OperationalError, NotSupportedError) as error:
        raise OutsideRefusedError(
            f"The server named by DATABASE_URL cannot be used: {error}"
        ) from None
    if version < postgres.OLDEST:
        raise OutsideRefusedError(
            f"The server named by DATABASE_URL is PostgreSQL {version}. "
            f"PostgreSQL {postgres.OLDEST} or newer is needed."
        )


def check_broker(url: str) -> None:
    """Refuse a Redis that does not answer or is too old; any Valkey is new enough.

    :raises OutsideRefusedError: for either.
    """
    try:
        with redis.Redis.from_url(
            url, socket_timeout=5, socket_connect_timeout=5
        ) as client:
            found = client.info("server")
    except (redis.RedisError, ValueError, OSError) as error:
        raise OutsideRefusedError(
            f"The server named by REDIS_URL does not answer: {error}"
        ) from None
    version = str(found.get("redis_version", "0"))
    if (
        "valkey_version" not in found
        and int(version.split(".", maxsplit=1)[0]) < valkey.OLDEST
    ):
        raise OutsideRefusedError(
            f"The server named by REDIS_URL is Redis {version}. "
            f"Redis {valkey.OLDEST} or newer, or Valkey, is needed."
        )
