"""Which fields of a partner are settled by papers that other packages keep; no database.

A package above this one names a function in its `apps.py`; editing a partner asks them all
and refuses what is settled. This module imports none of them.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.module_loading import import_string

Freeze = Callable[[Any], Mapping[str, str]]
"""Given a partner: field → why it is settled, in words."""

_freezes: list[str] = []


def register(freeze: str) -> None:
    """Let this function settle fields of partners.

    :param freeze: dotted path of a `Freeze`; text, because an `apps.py` says it before
        models can be imported.
    """
    if freeze not in _freezes:
        _freezes.append(freeze)


def frozen(partner: Any) -> dict[str, str]:
    """Return the settled fields of a partner, with the reason of each."""
    found: dict[str, str] = {}
    for path in _freezes:
        found |= _loaded(path)(partner)
    return found


@lru_cache(maxsize=32)
def _loaded(path: str) -> Freeze:
    freeze: Freeze = import_string(path)
    return freeze
