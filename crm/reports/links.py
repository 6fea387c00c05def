"""Subject: signed links that let a reader unsubscribe without logging in."""

from dataclasses import dataclass

from django.core import signing

SALT = "crm.reports.preferences"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader of one subscription: what a link identifies."""

    subscription_id: int
    person_id: int


def token_of(reading: Reading) -> str:
    """Return the token that stands in links and headers of this reader's mails."""
    signer = signing.Signer(salt=SALT)
    return signer.sign(f"{reading.subscription_id}.{reading.person_id}")


def reading_of(token: str) -> Reading | None:
    """Return what a token identifies; None when it was not made here."""
    signer = signing.Signer(salt=SALT)
    try:
        subscription_id, person_id = signer.unsign(token).split(".")
    except (signing.BadSignature, ValueError):
        return None
    return Reading(int(subscription_id), int(person_id))
