"""Change the plain fields of a row: what differs, the next version, and the journal."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.journal import operations as journal


class FieldsRefusedError(DomainError):
    """Fields were sent that cannot be set."""

    code = "fields.unknown"
    is_input = True


@dataclass(frozen=True)
class Act:
    """Who does something, when, and about which partner (None: about none).

    `cooperation_id` goes into the entry.
    """

    by: User | None
    at: datetime
    partner_id: int | None
    cooperation_id: int | None = None

    def record(
        self,
        kind: str,
        subject: models.Model,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the entry; rows become their ids."""
        extra: dict[str, Any] = {}
        if self.cooperation_id is not None:
            extra["cooperation"] = self.cooperation_id
        journal.record(
            kind=kind,
            subject=subject,
            by=self.by,
            at=self.at,
            partner_id=self.partner_id,
            old=plain(old or {}),
            new=plain(new or {}) | extra,
        )


def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as the journal takes them: rows as ids."""
    return {
        name: value.pk if isinstance(value, models.Model) else value
        for name, value in fields.items()
    }


def check_fields(values: Mapping[str, Any], editable: Collection[str]) -> None:
    """Refuse fields that only other operations set.

    :raises FieldsRefusedError: naming them.
    """
    strange = sorted(set(values) - set(editable))
    if strange:
        raise FieldsRefusedError(
            _("These fields cannot be set: %(names)s.") % {"names": ", ".join(strange)}
        )


def change(
    row: models.Model, values: Mapping[str, Any], *, kind: str, act: Act
) -> bool:
    """Write what differs on a locked row with a version; tell whether anything did."""
    new = {k: v for k, v in values.items() if getattr(row, k) != v}
    if not new:
        return False
    old = {name: getattr(row, name) for name in new}
    versions.advance(row, expected=None, **new)
    act.record(kind, row, old=old, new=new)
    return True
