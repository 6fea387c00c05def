"""What an API token looks like, how it is kept, and what it may be used for.

`crm_` + 8 public characters + `_` + 40 secret ones, letters and digits: one double click selects
all of it, and secret scanners know it by its beginning. 40 of 62 signs are 238 random bits.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
import string
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PREFIX = "crm_"
PUBLIC_LENGTH = 8
SECRET_LENGTH = 40
SIGNS = string.ascii_letters + string.digits
SHAPE = re.compile(
    rf"crm_([A-Za-z0-9]{{{PUBLIC_LENGTH}}})_[A-Za-z0-9]{{{SECRET_LENGTH}}}"
)

AREAS: dict[str, str | Promise] = {
    "partners": _("partners, contacts, cooperations, activities"),
    "usage": _("cloud accounts, deliveries, usage"),
    "ai": _("models, scenarios, feedback"),
    "deals": _("agreements, deals, commitments"),
    "reports": _("reports, figures, alerts"),
    "journal": _("journal and change feed"),
    "rates": _("exchange rates"),
    "people": _("people and teams"),
    "webhooks": _("webhooks"),
}
"""What the API is divided into, as far as tokens are concerned."""

READ = "read"
WRITE = "write"
SCOPES: tuple[str, ...] = tuple(
    f"{area}:{act}" for area in AREAS for act in (READ, WRITE)
)
"""All scopes; `write` of an area includes reading it."""


class Issued(NamedTuple):
    """A new token's parts: the whole text is shown once and never stored."""

    text: str
    public: str
    digest: str


def generate(*, pepper: str) -> Issued:
    """Make a new token from the system's source of randomness."""
    public = _random(PUBLIC_LENGTH)
    text = f"{PREFIX}{public}_{_random(SECRET_LENGTH)}"
    return Issued(text=text, public=public, digest=digest(text, pepper=pepper))


def digest(text: str, *, pepper: str) -> str:
    """Return what is stored of a secret: HMAC-SHA256 with the pepper as key, in hex.

    A slow password hash is not needed: nobody can try 2^238 secrets, and a copy of the database
    without the pepper does not even allow to test a guess.
    """
    return hmac.new(pepper.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_same(first: str, second: str) -> bool:
    """Compare two digests in a time that does not depend on where they differ."""
    return hmac.compare_digest(first.encode(), second.encode())


def public_part(text: str) -> str | None:
    """Return the public characters of a token, or None when it cannot be one."""
    found = SHAPE.fullmatch(text)
    return found.group(1) if found else None


def allows(scopes: Iterable[str], *, area: str, act: str, is_read_only: bool) -> bool:
    """Tell whether these scopes open this act in this area.

    :param act: `read` or `write`; a read-only token never writes, whatever its scopes.
    """
    if act == WRITE:
        return not is_read_only and f"{area}:{WRITE}" in scopes
    return f"{area}:{READ}" in scopes or f"{area}:{WRITE}" in scopes


def unknown_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return those that are no scope, sorted."""
    return tuple(sorted(set(scopes) - set(SCOPES)))


def network(text: str) -> str:
    """Return a network in one spelling: `10.1.0.0/16`, `2001:db8::/32`; an address is a small one.

    :raises ValueError: when the text is none, or has bits set outside the mask.
    """
    return str(ipaddress.ip_network(text.strip()))


def is_inside(address: str, networks: Iterable[str]) -> bool:
    """Tell whether the address is in one of the networks; no networks means everywhere.

    An IPv4 address written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.
    """
    allowed = [ipaddress.ip_network(text) for text in networks]
    if not allowed:
        return True
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(asked, "ipv4_mapped", None) or asked
    return any(plain in place for place in allowed)


def _random(length: int) -> str:
    return "".join(secrets.choice(SIGNS) for _position in range(length))
