"""Addresses of servers as the libraries want them, read from one URL each."""

from urllib.parse import parse_qsl, quote, unquote, urlencode

from crm.env import SettingError

REDIS_KINDS = frozenset({"redis", "rediss", "unix", "socket", "redis+socket"})


class AddressError(SettingError):
    """The URL of a server cannot be used; the text says why, without its password."""


def redis_client_url(url: str) -> str:
    """Return the URL in the form of redis-py: redis://, rediss:// or unix://PATH?db=0.

    :raises AddressError: when it is no address of a Redis or Valkey server.
    """
    if _kind(url) in {"redis", "rediss"}:
        return url
    path, options = _socket(url)
    return f"unix://{quote(path)}?{urlencode({'db': 0} | options)}"


def redis_broker_url(url: str) -> str:
    """Return the URL in the form of Celery's transport.

    A socket becomes redis+socket://PATH?virtual_host=0. An encrypted connection asks
    for the server's certificate unless the URL says otherwise.

    :raises AddressError: when it is no address of a Redis or Valkey server.
    """
    kind = _kind(url)
    if kind == "redis":
        return url
    if kind == "rediss":
        server, _, query = url.partition("?")
        options = {"ssl_cert_reqs": "required"} | dict(parse_qsl(query))
        return f"{server}?{urlencode(options)}"
    path, options = _socket(url)
    database = options.pop("db", "0")
    query = urlencode({"virtual_host": database} | options)
    return f"redis+socket://{quote(path)}?{query}"


def _kind(url: str) -> str:
    kind = url.partition("://")[0]
    if kind not in REDIS_KINDS:
        raise AddressError(
            "REDIS_URL must begin with redis://, rediss:// or unix://, "
            f"not with {kind.partition(':')[0][:20]!r}."
        )
    return kind


def _socket(url: str) -> tuple[str, dict[str, str]]:
    """Return path (decoded) and options of a socket's URL; `virtual_host` means `db`."""
    rest, _, query = url.partition("://")[2].partition("?")
    if not rest.startswith("/"):
        raise AddressError("REDIS_URL: a socket needs an absolute path: unix:///path.")
    options = dict(parse_qsl(query))
    if "virtual_host" in options:
        options["db"] = options.pop("virtual_host")
    return unquote(rest), options
