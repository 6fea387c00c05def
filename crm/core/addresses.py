"""Addresses of servers as the libraries want them, read from one URL each."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

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


MAIL_KINDS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
"""Kinds of mail servers with their usual ports: TLS at once, TLS asked for, none."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where mails go: a server, or a folder when `folder` is set."""

    kind: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    folder: Path | None = None

    @property
    def is_private(self) -> bool:
        """Tell whether nobody on the way can read the mails."""
        return self.kind != "smtp" or self.host in LOCAL


def mail_server(url: str, *, folder: Path) -> MailServer:
    """Return the mail server of the URL; without a URL, the folder.

    :param url: smtps://user:password@host:465 (TLS at once), smtp+starttls://… (TLS is
        demanded, never optional), smtp://host:25 (readable), or file:///folder.
    :raises AddressError: when it is none of these, or would send a password readable.
    """
    if not url:
        return MailServer(kind="file", folder=folder)
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _mail_folder(parts)
    if parts.scheme not in MAIL_KINDS:
        raise AddressError(
            "EMAIL_URL must begin with smtps://, smtp+starttls://, smtp:// or file://, "
            f"not with {parts.scheme[:20]!r}."
        )
    try:
        port = parts.port or MAIL_KINDS[parts.scheme]
    except ValueError:
        raise AddressError("EMAIL_URL: the port must be a number.") from None
    server = MailServer(
        kind=parts.scheme,
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
    if not server.host:
        raise AddressError("EMAIL_URL names no host.")
    if server.password and not server.is_private:
        raise AddressError(
            "EMAIL_URL would send the password readable: use smtps:// or "
            "smtp+starttls:// instead of smtp://."
        )
    return server


def _mail_folder(parts: SplitResult) -> MailServer:
    path = Path(unquote(parts.path))
    if parts.netloc or not path.is_absolute():
        raise AddressError("EMAIL_URL: a folder needs an absolute path: file:///path.")
    return MailServer(kind="file", folder=path)
