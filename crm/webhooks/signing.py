"""Signing by Standard Webhooks: what is sent can be proved to come from here.

A secret is never stored. It is derived from a random salt in the database and the pepper of this
installation, so a copy of the database alone signs nothing.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
SALT_BYTES = 32
SECRET_BYTES = 32


def new_salt() -> str:
    """Return a fresh salt from the system's source of randomness."""
    return secrets.token_hex(SALT_BYTES)


def secret_of(salt: str, *, pepper: str) -> str:
    """Return the secret as the receiver keeps it: `whsec_` and 32 bytes in base64."""
    text = f"crm.webhooks.signing:{salt}".encode()
    digest = hmac.new(pepper.encode(), text, hashlib.sha512).digest()
    return PREFIX + base64.b64encode(digest[:SECRET_BYTES]).decode()


def headers(
    body: bytes, *, message_id: str, at: datetime, secrets_in_use: Iterable[str]
) -> dict[str, str]:
    """Return the three headers; every secret in use signs, so that rotation has an overlap.

    :param message_id: the same for every attempt. :param at: of this attempt.
    """
    moment, text = at.astimezone(UTC), body.decode()
    signatures = [
        Webhook(secret).sign(message_id, moment, text) for secret in secrets_in_use
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
