"""The history of one row as pages show it; the journal provides the entries.

The journal stands above this package, so it registers itself here (its apps.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field before and after."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened: when, what, by whom, and what it changed."""

    at: datetime
    kind: str
    by: str
    changes: tuple[Change, ...] = ()


Source = Callable[[HttpRequest, models.Model, int, int], list[Entry]]
"""request, subject, how many to skip, how many to return; latest entry on top."""

_sources: list[Source] = []


def provide(source: Source) -> None:
    """Make this the place where histories come from."""
    _sources[:] = [source]


def entries_of(
    request: HttpRequest, subject: models.Model, *, skip: int, limit: int
) -> list[Entry]:
    """Return what happened to this row, latest on top; nothing without a journal."""
    return [
        entry for source in _sources for entry in source(request, subject, skip, limit)
    ]
