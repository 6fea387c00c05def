"""What a person may choose about themself: languages, time zones, currencies that exist."""

from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global
from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a person edits about themself; the same words as on the person."""

    name: str
    language: str
    time_zone: str
    currency: str


@cache
def currencies() -> frozenset[str]:
    """Return the ISO 4217 codes that are legal tender somewhere today (CLDR's table)."""
    return frozenset(
        code
        for used in get_global("territory_currencies").values()
        for code, _start, end, is_tender in used
        if is_tender and end is None
    )


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the time zone database that stand for a place, or UTC."""
    return frozenset(
        name
        for name in available_timezones()
        if name == "UTC" or ("/" in name and not name.startswith(("Etc/", "posix/")))
    )


def faults(profile: Profile) -> tuple[str, ...]:
    """Return the names of the fields that hold something impossible."""
    checks = {
        "name": bool(profile.name.strip()) and len(profile.name.strip()) <= 120,
        "language": profile.language in dict(settings.LANGUAGES),
        "time_zone": profile.time_zone in time_zones(),
        "currency": profile.currency in currencies(),
    }
    return tuple(field for field, is_good in checks.items() if not is_good)
