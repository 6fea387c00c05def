"""Who may read which entries: the packages above say it, each for what is theirs.

The journal knows partners and people only as numbers, so it cannot decide. An entry is read
by those whom at least one condition lets through; without any, by nobody.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils.module_loading import import_string

Condition = Callable[[Any], Q]
"""Given a person, which entries: `Q(partner_id__in=Partner.objects.visible_to(user).values("pk"))`."""

_conditions: list[str] = []


def provide(condition: str) -> None:
    """Let people read the entries that meet this condition.

    :param condition: dotted path of a `Condition`; text, because an `apps.py` says it
        before models can be imported.
    """
    if condition not in _conditions:
        _conditions.append(condition)


def entries_seen_by(user: Any) -> Q:
    """Return the condition of entries this person may read."""
    seen = Q(pk__in=())
    for path in _conditions:
        seen |= _loaded(path)(user)
    return seen


@lru_cache(maxsize=32)
def _loaded(path: str) -> Condition:
    condition: Condition = import_string(path)
    return condition
