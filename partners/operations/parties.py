"""Change what a paper settles about a partner, as a signed amendment says."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from partners import freezing
from partners.import_plan import PlannedRow
from partners.models import Partner
from partners.operations import search
from partners.operations.changes import Act, change
from partners.operations.locks import lock
from partners.operations.marks import PartnerRefusedError


@transaction.atomic
def rename_party(
    *, partner: Partner, values: Mapping[str, Any], by: User | None, at: datetime
) -> Partner:
    """Set the settled fields of a partner to what both sides have signed.

    :param by: who made the amendment active; None when the product did on its day.
    """
    locked = lock(partner)
    act = Act(by, at, locked.pk)
    if change(locked, values, kind="partner.amended", act=act):
        search.refresh_search(partner_ids=[locked.pk])
    return locked


def refuse_frozen(partner: Partner, changes: Mapping[str, Any]) -> None:
    """Refuse changes of what a paper settles.

    :raises PartnerRefusedError: naming the fields and the paper.
    """
    if not changes:
        return
    frozen = freezing.frozen([partner.pk]).get(partner.pk, {})
    settled = [name for name in changes if name in frozen]
    if settled:
        fields = {field.name: field for field in Partner._meta.fields}
        names = [str(fields[name].verbose_name) for name in settled]
        raise PartnerRefusedError(
            _("An agreement settles: %(names)s.") % {"names": ", ".join(names)},
            code="partner.frozen",
            missing=tuple(dict.fromkeys(frozen[name] for name in settled)),
        )


def refuse_frozen_rows(planned: Iterable[PlannedRow]) -> None:
    """Let rows of an import that would change what a paper settles be refused."""
    updates = {
        each.partner_id: each
        for each in planned
        if each.outcome == "update" and each.partner_id is not None and each.changes
    }
    for partner_id, fields in freezing.frozen(tuple(updates)).items():
        each = updates[partner_id]
        faults = [fields[name] for name in each.changes if name in fields]
        if faults:
            each.outcome = "refused"
            each.faults += dict.fromkeys(faults)
