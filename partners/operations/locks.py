"""Fetch and lock what an operation is about to judge, as it stands in the database now."""

from typing import TypeVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext as _

from crm.core.errors import DomainError, StaleVersionError
from partners.models import Cooperation

Row = TypeVar("Row", bound=models.Model)


class GoneRefusedError(DomainError):
    """The row was deleted in the meantime."""

    code = "gone"


def lock(row: Row, *, expected_version: int | None = None) -> Row:
    """Return the row locked and fresh.

    :param expected_version: the version that was read before; None when it does not matter.
    :raises StaleVersionError: when somebody changed it since that version.
    :raises GoneRefusedError: when it is no longer there.
    """
    fresh = (
        models.QuerySet(type(row))
        .select_for_update(of=("self",))
        .filter(pk=row.pk)
        .first()
    )
    return checked(fresh, expected_version)


def lock_cooperation(
    cooperation: Cooperation, *, expected_version: int | None = None
) -> Cooperation:
    """Return the cooperation locked, with the partner, stage and teams that rules ask about."""
    fresh = (
        Cooperation.objects.select_for_update(of=("self",))
        .select_related("partner", "partner__team", "stage", "team")
        .filter(pk=cooperation.pk)
        .first()
    )
    return checked(fresh, expected_version)


def checked(fresh: Row | None, expected_version: int | None) -> Row:
    """Return what was found, unless it is not what the person looked at."""
    if fresh is None:
        raise GoneRefusedError(_("It does not exist any more."))
    current = getattr(fresh, "version", None)
    if expected_version is not None and current != expected_version:
        raise StaleVersionError(
            _("“%(object)s” was changed in the meantime; look at it again.")
            % {"object": str(fresh)},
            **({} if current is None else {"current": current}),
        )
    return fresh


def store(row: models.Model, **values: object) -> None:
    """Write these values and count the version up, on the row and in the database."""
    columns = {**values, "version": F("version") + 1}
    models.QuerySet(type(row)).filter(pk=row.pk).update(**columns)
    for name, value in values.items():
        setattr(row, name, value)
    row.version = row.version + 1  # type: ignore[attr-defined]  # rows with a version only
