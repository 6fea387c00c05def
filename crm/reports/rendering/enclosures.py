"""Files that many mails carry: encoded once, and put into each where a mark stands."""

import hashlib
from base64 import b64encode, encodebytes
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Enclosure:
    """One file, ready to stand in a mail in base64."""

    content: bytes

    @cached_property
    def mark(self) -> bytes:
        """What is attached in place of the file; no other content has the same."""
        return hashlib.sha256(self.content).digest()

    @cached_property
    def lines(self) -> bytes:
        """The content in base64, line by line as the `email` package writes it."""
        return encodebytes(self.content).replace(b"\n", b"\r\n")


def put_in(message: bytes, enclosures: Iterable[Enclosure]) -> bytes:
    """Return the message with the files where their marks stand.

    The bytes are those of a message to which the files themselves were attached.
    """
    for each in enclosures:
        message = message.replace(b64encode(each.mark) + b"\r\n", each.lines)
    return message
