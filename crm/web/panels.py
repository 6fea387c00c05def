"""Panels: what other packages show on the page of one row.

A package that reads another one registers here, beside its own pages, what it knows about
a row of that one; the page shows it without knowing who told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from crm.web.acting import acting_user

Content = Callable[[Any, Any, datetime], Mapping[str, Any] | None]
"""row, person, now → what the template is given; None shows nothing."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel on the pages of a model.

    :ivar model: label of the model, as `partners.cooperation`.
    :ivar permission: who lacks it never sees the panel, and `content` is not asked.
    :ivar content: what the template shows; it need not ask whether the row may be seen,
        the page did.
    """

    model: str
    template: str
    permission: str
    content: Content
    order: int = 50


_panels: dict[tuple[str, str], Panel] = {}


def add(panel: Panel) -> None:
    """Show this panel on the pages of its model; once, however often it is said."""
    _panels[panel.model, panel.template] = panel


def shown(
    request: HttpRequest, row: models.Model
) -> list[tuple[Panel, Mapping[str, Any]]]:
    """Return the panels that this person may see on the page of this row, in order."""
    by, at = acting_user(request), timezone.now()
    found = sorted(
        (p for p in _panels.values() if p.model == row._meta.label_lower),
        key=lambda panel: panel.order,
    )
    contents = (
        (panel, panel.content(row, by, at))
        for panel in found
        if by.has_perm(panel.permission)
    )
    return [(panel, content) for panel, content in contents if content is not None]
