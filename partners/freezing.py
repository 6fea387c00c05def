"""Which fields of a partner are settled by papers that other packages keep; no database.

A package above this one names a function in its `apps.py`; editing a partner asks them all
and refuses what is settled. This module imports none of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from django.utils.module_loading import import_string

Frozen = Mapping[int, Mapping[str, str]]
Freeze = Callable[[Collection[int]], Frozen]
"""Given ids of partners: id → field → why it is settled, in words."""

_freezes: list[str] = []


def register(freeze: str) -> None:
    """Let this function settle fields of partners.

    :param freeze: dotted path of a `Freeze`; text, because an `apps.py` says it before
        models can be imported.
    """
    if freeze not in _freezes:
        _freezes.append(freeze)


def frozen(partner_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the settled fields of each of these partners that has any."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for path in _freezes:
        for partner_id, fields in _loaded(path)(partner_ids).items():
            found[partner_id] |= fields
    return dict(found)


@lru_cache(maxsize=32)
def _loaded(path: str) -> Freeze:
    freeze: Freeze = import_string(path)
    return freeze
