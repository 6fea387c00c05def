"""Which port the web server gets."""

import pytest

from crm.embedded import addresses
from crm.embedded.addresses import AddressRefusedError

pytestmark = pytest.mark.enable_socket
HOST = "127.0.0.1"


class TestListen:
    def test_takes_the_port_asked_for(self) -> None:
        with addresses.listen(HOST, port=0) as free:
            port = free.getsockname()[1]

        with addresses.listen(HOST, port=port) as listening:
            assert listening.getsockname() == (HOST, port)
            assert listening.fileno() >= addresses.LOWEST_NUMBER

    def test_refuses_a_taken_port_asked_for_by_name(self) -> None:
        with addresses.listen(HOST, port=0) as other:
            port = other.getsockname()[1]

            with pytest.raises(AddressRefusedError, match=f"Port {port} is taken"):
                addresses.listen(HOST, port=port)

    def test_takes_the_next_free_one_otherwise(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with addresses.listen(HOST, port=0) as other:
            taken = other.getsockname()[1]
            monkeypatch.setattr(addresses, "USUAL_PORT", taken)

            with addresses.listen(HOST, port=None) as listening:
                assert listening.getsockname()[1] > taken

    def test_refuses_when_all_are_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with addresses.listen(HOST, port=0) as other:
            monkeypatch.setattr(addresses, "USUAL_PORT", other.getsockname()[1])
            monkeypatch.setattr(addresses, "TRIED", 1)

            with pytest.raises(AddressRefusedError, match="No port"):
                addresses.listen(HOST, port=None)

    def test_refuses_an_address_of_another_machine(self) -> None:
        with pytest.raises(AddressRefusedError, match=r"192\.0\.2\.1:0 cannot be used"):
            addresses.listen("192.0.2.1", port=0)
