"""The one way out: every HTTP request that the product makes to somebody else's server.

It goes to the public internet only. The name is resolved once, every address is judged, and the
connection is made to the address that was judged, so a name that changes its mind in between
leads nowhere. Redirects are answers, not orders. No other HTTP client may be used (a test looks).
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from crm.core.errors import DomainError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Found = tuple[socket.AddressFamily, str]

TIMEOUT = 20.0
"""Seconds from the first step to the last byte of the answer."""
LONGEST_URL = 2_000
LONGEST_ANSWER = 64 * 1024
HTTPS_PORT = 443
LOWEST_FREE_PORT = 1024
NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
EMBEDS_V4 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""Ways to write an IPv4 address as IPv6; nobody needs them to reach a public server."""


class OutboundRefusedError(DomainError):
    """The product does not send anything to this address."""

    code = "outbound.refused"
    is_input = True


class UnreachableError(Exception):
    """No answer came; `code` says why: name, connect, tls, timeout, protocol."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other server said; the body is cut at 64 kB."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def post(
    url: str, *, body: bytes, headers: Mapping[str, str], timeout: float = TIMEOUT
) -> Answer:
    """Send the body and return the answer, whatever its status; redirects are not followed.

    :param timeout: seconds for everything together.
    :raises OutboundRefusedError: when the address, or what it resolves to, is not allowed.
    :raises UnreachableError: when no complete answer came in time.
    """
    parts = check_url(url)
    host, port = str(parts.hostname), _port_of(parts)
    until = time.monotonic() + timeout
    found = _resolved(host, port)
    connection = _Pinned(host, port, found, until, is_tls=parts.scheme == "https")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    watchdog = threading.Timer(max(until - time.monotonic(), 0.01), connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        return _exchange(connection, path, body, headers)
    except ssl.SSLError as error:
        raise UnreachableError("tls", f"TLS: {error.reason or error}") from error
    except (OSError, http.client.HTTPException) as error:
        if connection.is_cut or isinstance(error, TimeoutError):
            raise UnreachableError("timeout", "No answer in time.") from error
        kind = "protocol" if connection.is_connected else "connect"
        raise UnreachableError(kind, type(error).__name__) from error
    finally:
        watchdog.cancel()
        connection.close()


def check_url(url: str) -> SplitResult:
    """Return the parts of an address that may be asked, before its name is resolved.

    :raises OutboundRefusedError: for anything but https to a named or public host; with
        OUTBOUND_ALLOW_LOOPBACK also http(s) to this machine.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise OutboundRefusedError(_("This is not an address of a server."))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", _port_of(parts)
    except ValueError:
        raise OutboundRefusedError(_("This is not an address of a server.")) from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise OutboundRefusedError(
            _("The address must hold no user, password or fragment.")
        )
    literal = _literal(host)
    is_here = host == "localhost" or (literal is not None and literal.is_loopback)
    if is_here and settings.OUTBOUND_ALLOW_LOOPBACK:
        if parts.scheme not in {"http", "https"}:
            raise OutboundRefusedError(_("The address must begin with https."))
        return parts
    if parts.scheme != "https":
        raise OutboundRefusedError(_("The address must begin with https."))
    if port != HTTPS_PORT and port < LOWEST_FREE_PORT:
        raise OutboundRefusedError(_("This port is not for web servers."))
    _check_host(host, literal)
    return parts


def _check_host(host: str, literal: Address | None) -> None:
    if literal is not None:
        _check_address(literal)
        return
    is_name = HOST.fullmatch(host) and "." in host
    if not is_name or NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise OutboundRefusedError(_("This is not the name of a public server."))
    allowed = settings.OUTBOUND_ALLOWED_HOSTS
    name = host.lower()
    if allowed and not any(name == one or name.endswith(f".{one}") for one in allowed):
        raise OutboundRefusedError(
            _("This installation sends only to hosts that it lists.")
        )


def is_public(address: Address) -> bool:
    """Tell whether the address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None or address.scope_id is not None:
            return False
        if any(address in network for network in EMBEDS_V4):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_address(address: Address) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if plain.is_loopback and settings.OUTBOUND_ALLOW_LOOPBACK:
        return
    if not is_public(address):
        raise OutboundRefusedError(
            _("This address is not on the public internet."), code="outbound.private"
        )


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _port_of(parts: SplitResult) -> int:
    return parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)


def _resolved(host: str, port: int) -> list[Found]:
    """Return the addresses of the host; one that is not public refuses all.

    :raises OutboundRefusedError: see above. :raises UnreachableError: when there is none.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnreachableError("name", "The name cannot be resolved.") from error
    found: list[Found] = [(family, str(place[0])) for family, _, _, _, place in answers]
    for _family, text in found:
        _check_address(ipaddress.ip_address(text))
    return found


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were judged; TLS asks for the name in the URL."""

    def __init__(
        self, host: str, port: int, found: list[Found], until: float, *, is_tls: bool
    ) -> None:
        super().__init__(host, port)
        if is_tls:
            self.default_port = HTTPS_PORT  # what the Host header may leave out
        self._found = found
        self._until = until
        self._is_tls = is_tls
        self.is_cut = False
        self.is_connected = False

    def connect(self) -> None:
        """Connect to the first of the addresses that answers."""
        latest: OSError = ConnectionError("no address")
        for family, address in self._found:
            try:
                self.sock = self._connected(family, address)
            except ssl.SSLError:
                raise
            except OSError as error:
                latest = error
            else:
                return
        raise latest

    def _connected(self, family: socket.AddressFamily, address: str) -> socket.socket:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        made = self.sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.settimeout(left)
            made.connect((address, self.port))
            self.is_connected = True
            if not self._is_tls:
                return made
            context = ssl.create_default_context(cafile=settings.OUTBOUND_CA_FILE)
            return context.wrap_socket(made, server_hostname=self.host)
        except BaseException:
            made.close()
            raise

    def cut(self) -> None:
        """End the exchange: its time is over, however slowly bytes still drip in."""
        self.is_cut = True
        sock = self.sock
        if sock is not None:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


def _exchange(
    connection: _Pinned, path: str, body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection.request("POST", path, body=body, headers=dict(headers))
    response = connection.getresponse()
    said = response.read(LONGEST_ANSWER)
    if connection.is_cut:
        raise TimeoutError
    named = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, named, said)
