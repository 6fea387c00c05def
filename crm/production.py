"""What an installation must have before it may call itself production."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from crm.env import SettingError

SECRET_KEY_CHARACTERS = 50
SECRET_KEY_DISTINCT = 12
DEFAULT_SECRETS = frozenset({"changeme", "change-me", "secret", "development-only"})
DEFAULT_MARKS = ("django-insecure", "insecure", "changeme", "change-me", "example")

REQUIRED = {
    "SECRET_KEY": "a random text of 50 characters or more (or SECRET_KEY_FILE)",
    "DATABASE_URL": "postgresql://user:password@host/database",
    "REDIS_URL": "rediss://:password@host:6379/0",
    "ALLOWED_HOSTS": "the host names people use, separated by commas",
    "PUBLIC_URL": "the address people open, https://crm.company",
    "EMAIL_URL": "smtps://user:password@host:465",
}
"""Variables that production refuses to start without, each with what it wants."""


def refuse_unless_ready(given: Mapping[str, str | None], *, debug: bool) -> None:
    """Refuse to go on with a missing or default setting; name all of them at once.

    :param given: the variables of REQUIRED as found in the environment.
    :raises SettingError: when one is missing, empty, default or unsafe.
    """
    problems = [
        f"{name} is not set; it wants {wanted}"
        for name, wanted in REQUIRED.items()
        if not given.get(name)
    ]
    problems += [
        problem
        for problem in (
            weakness_of_key(given.get("SECRET_KEY") or ""),
            weakness_of_hosts(_words(given.get("ALLOWED_HOSTS"))),
            weakness_of_address(given.get("PUBLIC_URL") or ""),
            weakness_of_database(given.get("DATABASE_URL") or ""),
            weakness_of_mail(given.get("EMAIL_URL") or ""),
            "DEBUG must be off in production" if debug else "",
        )
        if problem
    ]
    if problems:
        raise SettingError(
            "Production cannot start. "
            + ". ".join(problems)
            + ". See docs/settings.md."
        )


def weakness_of_key(key: str) -> str:
    """Return why this signing key may not be used, or nothing; empty is not judged."""
    if not key:
        return ""
    lowered = key.lower()
    if lowered in DEFAULT_SECRETS or lowered.startswith(DEFAULT_MARKS):
        return "SECRET_KEY is a default value; make a random one"
    if len(key) < SECRET_KEY_CHARACTERS or len(set(key)) < SECRET_KEY_DISTINCT:
        return (
            f"SECRET_KEY is too weak; it needs {SECRET_KEY_CHARACTERS} characters "
            f"or more, {SECRET_KEY_DISTINCT} of them different"
        )
    return ""


def weakness_of_hosts(hosts: Collection[str]) -> str:
    """Return why these host names are unsafe, or nothing."""
    return "ALLOWED_HOSTS must not contain *" if "*" in hosts else ""


def weakness_of_address(address: str) -> str:
    """Return why people may not be sent to this address, or nothing."""
    if address and not address.startswith("https://"):
        return "PUBLIC_URL must start with https://"
    return ""


def weakness_of_database(url: str) -> str:
    """Return why this is no database of the product, or nothing."""
    if url and not url.startswith(("postgres://", "postgresql://")):
        return "DATABASE_URL must start with postgresql://"
    return ""


def weakness_of_mail(url: str) -> str:
    """Return why mails may not go this way, or nothing."""
    if url.startswith("file:"):
        return "EMAIL_URL must be a mail server, not a folder"
    parts = urlsplit(url)
    if parts.scheme == "smtp" and parts.hostname not in {
        "localhost",
        "127.0.0.1",
        "::1",
    }:
        return "EMAIL_URL must be encrypted: smtps:// or smtp+starttls://"
    return ""


def _words(value: str | None) -> list[str]:
    return [word.strip() for word in (value or "").split(",")]
