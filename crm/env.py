"""Typed readers of the environment: text, flag, number, words, secret. Loud when missing."""

import contextlib
import os
import secrets
from pathlib import Path

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingError(Exception):
    """A setting is missing or unusable; the text names the variable and what to do."""


def text(name: str, default: str | None = None) -> str:
    """Return the variable's text, or the default.

    :raises SettingError: when the variable is not set and there is no default.
    """
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(f"{name} is not set. Set it in the environment.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return the variable as yes or no.

    :raises SettingError: when the text is neither.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise SettingError(f"{name} must be yes or no (true/false, 1/0), not {value!r}.")


def number(name: str, default: int) -> int:
    """Return the variable as a whole number.

    :raises SettingError: when the text is not a whole number.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    """Return the variable's comma-separated words, without blanks."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str) -> str | None:
    """Return the secret in NAME, or in the file that NAME_FILE names, or None.

    :raises SettingError: when the file cannot be read or is empty.
    """
    value = os.environ.get(name)
    if value:
        return value
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return None
    try:
        value = Path(file).read_text().strip()
    except OSError as error:
        raise SettingError(f"{name}_FILE: cannot read {file}: {error}.") from None
    if not value:
        raise SettingError(f"{name}_FILE: {file} is empty.")
    return value


def kept_secret(path: Path) -> str:
    """Return the random key kept in this file (0600), making it at first use.

    For development only: two processes that start together agree on one key, since
    only one of them can create the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()
