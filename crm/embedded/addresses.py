"""The address of the web server: takes a free port at once, so that no one else can."""

import errno
import fcntl
import socket

USUAL_PORT = 8000
TRIED = 100
LOWEST_NUMBER = 100
"""The number of the inherited socket lies above all that supervisord closes."""

BACKLOG = 512


class AddressRefusedError(Exception):
    """The port or host cannot be used; the text says why."""


def listen(host: str, *, port: int | None) -> socket.socket:
    """Return a listening socket, inherited by children under a number above 100.

    :param port: the port asked for by name, 0 for any free one; None for the usual one,
        or the next that is free.
    :raises AddressRefusedError: when it is taken or may not be used.
    """
    wanted = [port] if port is not None else range(USUAL_PORT, USUAL_PORT + TRIED)
    for number in wanted:
        try:
            return _bind(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise AddressRefusedError(
                    f"{host}:{number} cannot be used: {error.strerror or error}."
                ) from None
    if port is not None:
        raise AddressRefusedError(
            f"Port {port} is taken. Name another one with CRM_PORT or --port, or none: "
            "then a free one is found."
        )
    raise AddressRefusedError(
        f"No port from {USUAL_PORT} to {USUAL_PORT + TRIED - 1} is free. "
        "Name one with CRM_PORT or --port."
    )


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
        number = fcntl.fcntl(bound.fileno(), fcntl.F_DUPFD_CLOEXEC, LOWEST_NUMBER)
        return socket.socket(fileno=number)
