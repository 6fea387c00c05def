"""The one way out: what it refuses before and after a name is resolved, and for how long it waits."""

import ast
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from crm.core import outbound
from crm.core.outbound import OutboundRefusedError, UnreachableError

ROOT = Path(__file__).parents[3]
CLIENTS = ("requests", "httpx", "urllib3", "aiohttp", "urllib.request", "http.client")
OWN_SERVER_ONLY = {
    "crm/core/outbound.py",
    "crm/embedded/health.py",  # asks the product's own web server whether it lives
    "crm/embedded/supervision.py",  # speaks to the supervisor's socket
}
REFUSED = (
    "http://example.com/",
    "ftp://example.com/",
    "//example.com/",
    "https:///path",
    "https://",
    "https://user:pass@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com/#part",
    "https://example.com:22/",
    "https://example.com:99999/",
    "https://localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://10.0.0.8/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[fd00:ec2::254]/",
    "https://exa mple.com/",
    "https://example.com/\r\nHost: other",
    "https://ｅxample.com/",
    "https://example.com/" + "a" * 2_000,
)


class TestCheckUrl:
    @pytest.mark.parametrize("url", REFUSED)
    def test_refuses(self, url: str) -> None:
        with pytest.raises(OutboundRefusedError):
            outbound.check_url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://example.com/hooks?a=b",
            "https://hooks.example.co.uk:8443/x",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1::1]/",
        ],
    )
    def test_lets_public_servers_pass(self, url: str) -> None:
        outbound.check_url(url)

    def test_keeps_to_the_list_of_the_installation(self, settings: Any) -> None:
        settings.OUTBOUND_ALLOWED_HOSTS = ["example.com"]

        outbound.check_url("https://hooks.example.com/")
        with pytest.raises(OutboundRefusedError):
            outbound.check_url("https://notexample.com/")

    def test_loopback_needs_the_setting(self, settings: Any) -> None:
        settings.OUTBOUND_ALLOW_LOOPBACK = True

        outbound.check_url("http://127.0.0.1:8001/hook")
        for url in ("http://10.0.0.1/", "ftp://127.0.0.1/", "gopher://localhost/"):
            with pytest.raises(OutboundRefusedError):
                outbound.check_url(url)


class TestResolved:
    @pytest.mark.parametrize(
        "found",
        [
            ["127.0.0.1"],
            ["93.184.216.34", "10.0.0.1"],
            ["::ffff:10.0.0.1"],
            ["169.254.169.254"],
        ],
    )
    def test_a_name_that_leads_inside_is_refused_whatever_else_it_says(
        self, monkeypatch: pytest.MonkeyPatch, found: list[str]
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", answering(found))

        with pytest.raises(OutboundRefusedError) as refusal:
            outbound.post("https://rebound.example.com/", body=b"", headers={})

        assert refusal.value.code == "outbound.private"

    def test_the_connection_goes_to_the_address_that_was_judged(
        self, monkeypatch: pytest.MonkeyPatch, socket_enabled: Any
    ) -> None:
        asked: list[str] = []
        public, inside = answering(["93.184.216.34"]), answering(["127.0.0.1"])

        def rebinding(host: str, *rest: Any, **named: Any) -> Any:
            asked.append(host)
            return (public if len(asked) == 1 else inside)(host, *rest, **named)

        reached: list[Any] = []

        class Deaf(socket.socket):
            def connect(self, address: Any) -> None:
                reached.append(address)
                raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        monkeypatch.setattr(socket, "socket", Deaf)
        with pytest.raises(UnreachableError):
            outbound.post("https://rebound.example.com/", body=b"", headers={})

        assert len(asked) == 1
        assert reached == [("93.184.216.34", 443)]

    def test_no_name_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def failing(*_given: Any, **_named: Any) -> Any:
            raise socket.gaierror

        monkeypatch.setattr(socket, "getaddrinfo", failing)

        with pytest.raises(UnreachableError) as error:
            outbound.post("https://gone.example.com/", body=b"", headers={})

        assert error.value.code == "name"


def answering(addresses: list[str]) -> Any:
    def answer(_host: str, port: int, **_named: Any) -> list[Any]:
        return [
            (
                socket.AF_INET6
                if ipaddress.ip_address(each).version == 6
                else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (each, port),
            )
            for each in addresses
        ]

    return answer


class Talker:
    """Answers every connection with the same bytes, dripping when asked to."""

    def __init__(self, said: bytes, *, context: Any = None, pause: float = 0) -> None:
        self.heard = b""
        self._said, self._context, self._pause = said, context, pause
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        sock, _peer = self._listening.accept()
        try:
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            self.heard = sock.recv(65_536)
            for start in range(0, len(self._said), 4 if self._pause else 1 << 20):
                sock.sendall(
                    self._said[start : start + (4 if self._pause else 1 << 20)]
                )
                time.sleep(self._pause)
        except OSError:
            return
        finally:
            sock.close()
            self._listening.close()


@pytest.mark.usefixtures("socket_enabled")
class TestPost:
    @pytest.fixture(autouse=True)
    def at_home(self, settings: Any) -> None:
        settings.OUTBOUND_ALLOW_LOOPBACK = True

    def test_sends_and_returns_the_answer(self) -> None:
        talker = Talker(
            b"HTTP/1.1 202 Accepted\r\nX-Note: yes\r\nContent-Length: 2\r\n\r\nok"
        )

        answer = outbound.post(
            f"http://127.0.0.1:{talker.port}/hook?a=1",
            body=b"{}",
            headers={"content-type": "application/json"},
        )

        assert (answer.status, answer.body) == (202, b"ok")
        assert answer.headers["x-note"] == "yes"
        assert talker.heard.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
        assert f"Host: 127.0.0.1:{talker.port}".encode() in talker.heard

    def test_does_not_follow_a_redirect(self) -> None:
        talker = Talker(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )

        answer = outbound.post(f"http://127.0.0.1:{talker.port}/", body=b"", headers={})

        assert answer.status == 302

    def test_cuts_an_answer_that_only_drips(self) -> None:
        talker = Talker(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000, pause=0.05)
        start = time.monotonic()

        with pytest.raises(UnreachableError) as error:
            outbound.post(
                f"http://127.0.0.1:{talker.port}/", body=b"", headers={}, timeout=0.4
            )

        assert error.value.code == "timeout"
        assert time.monotonic() - start < 2

    def test_asks_nobody_when_the_time_is_over(self) -> None:
        talker = Talker(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        with pytest.raises(UnreachableError) as error:
            outbound.post(
                f"http://127.0.0.1:{talker.port}/", body=b"", headers={}, timeout=0
            )

        assert (error.value.code, talker.heard) == ("timeout", b"")

    def test_a_cut_before_and_after_the_connection_harms_nothing(self) -> None:
        talker = Talker(b"")
        until = time.monotonic() + 5
        found = [(socket.AF_INET, "127.0.0.1")]
        connection = outbound._Pinned(
            "127.0.0.1", talker.port, found, until, is_tls=False
        )

        connection.cut()
        connection.connect()
        connection.cut()
        connection.cut()
        connection.close()

        assert connection.is_cut

    def test_reads_no_more_than_64_kb(self) -> None:
        talker = Talker(
            b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000
        )

        answer = outbound.post(f"http://127.0.0.1:{talker.port}/", body=b"", headers={})

        assert len(answer.body) == 65_536

    def test_nobody_there(self) -> None:
        with pytest.raises(UnreachableError) as error:
            outbound.post("http://127.0.0.1:1/", body=b"", headers={})

        assert error.value.code == "connect"

    def test_believes_only_certificates_of_the_name(
        self, settings: Any, tmp_path: Path
    ) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        settings.OUTBOUND_CA_FILE = str(tmp_path / "ca.pem")
        answers = []
        for name in ("127.0.0.1", "other.example.com"):
            talker = Talker(
                b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                context=server_context(authority, name),
            )
            try:
                answers.append(
                    str(
                        outbound.post(
                            f"https://127.0.0.1:{talker.port}/", body=b"", headers={}
                        ).status
                    )
                )
            except UnreachableError as error:
                answers.append(error.code)

        assert answers == ["200", "tls"]


def server_context(authority: trustme.CA, name: str) -> Any:

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


class TestNoOtherClient:
    def test_nothing_else_imports_an_http_client(self) -> None:
        found = [
            f"{name}: {module}"
            for package in ("crm", "partners", "deals")
            for path in (ROOT / package).rglob("*.py")
            if (name := str(path.relative_to(ROOT))) not in OWN_SERVER_ONLY
            for module in imported(path)
            if module.startswith(CLIENTS)
        ]

        assert found == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{each.name}" for each in node.names)
