"""Fetch and lock what an operation is about to judge, as it stands in the database now."""

from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from crm.core import versions
from crm.core.errors import DomainError
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
    rows: models.QuerySet[Row] = models.QuerySet(type(row))
    fresh = rows.select_for_update(of=("self",)).filter(pk=row.pk).first()
    return _checked(fresh, expected_version)


def lock_cooperation(
    cooperation: Cooperation, *, expected_version: int | None = None
) -> Cooperation:
    """Return the cooperation locked, with the partner, stage and teams that rules ask about.

    The bare row is locked first: a lock over joins loses a row whose joined key (the stage)
    changed while waiting, and would call it gone.
    """
    lock(cooperation, expected_version=expected_version)
    return (
        Cooperation.objects.select_related("partner", "partner__team", "stage", "team")
    ).get(pk=cooperation.pk)


def _checked(fresh: Row | None, expected_version: int | None) -> Row:
    if fresh is None:
        raise GoneRefusedError(_("It does not exist any more."))
    if expected_version is not None:
        versions.check(fresh, expected=expected_version)
    return fresh
