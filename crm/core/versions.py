"""Lost updates refused in the database: the version stands in the WHERE of the UPDATE."""

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from crm.core.errors import StaleVersionError

Row = TypeVar("Row", bound=models.Model)


def advance(row: Row, *, expected: int | None, **changes: Any) -> Row:
    """Write the changes and the next version in one UPDATE; return the row as it is now.

    :param row: a stored row of a model with a whole-number column `version`.
    :param expected: the version the caller last saw; None means the one in `row`.
    :raises StaleVersionError: when the stored version is another (or the row is gone).
    """
    seen: int = row.version if expected is None else expected  # type: ignore[attr-defined]  # any model with that column
    rows = type(row)._default_manager.filter(pk=row.pk)
    updated = rows.filter(version=seen).update(
        version=models.F("version") + 1, **changes
    )
    if not updated:
        current = rows.values_list("version", flat=True).first() or 0
        raise StaleVersionError(
            _("Somebody else changed this in the meantime."), current=current
        )
    for name, value in {**changes, "version": seen + 1}.items():
        setattr(row, name, value)
    return row


def check(row: models.Model, *, expected: int | None) -> None:
    """Refuse when the row, locked by the caller, is not of the version last seen.

    :param expected: the version the caller last saw; None means any.
    :raises StaleVersionError: when it is another.
    """
    current: int = row.version  # type: ignore[attr-defined]  # any model with that column
    if expected is not None and current != expected:
        raise StaleVersionError(
            _("Somebody else changed this in the meantime."), current=current
        )
