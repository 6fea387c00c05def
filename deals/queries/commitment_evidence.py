"""What commitments have to say at a stage gate."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from deals.models import Commitment
from partners.gates import Case, Finding, missing, passed


def commitment(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Look for commitments of the cooperation that were not cancelled.

    That there is explicitly none is said on the cooperation itself, by another kind.
    """
    wanted = int(parameters.get("min_count", 1))
    rows = commitments_of(case).exclude(status="cancelled")
    if kinds := parameters.get("kinds"):
        rows = rows.filter(kind__in=kinds)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:50])
    seen = {"commitments": ids, "count": len(ids), "wanted": wanted}
    if len(ids) >= wanted:
        return passed(
            _("%(count)d commitments are recorded.") % {"count": len(ids)}, **seen
        )
    return missing(_("No commitment is recorded."), **seen)


def commitments_settled(case: Case, _parameters: Mapping[str, Any]) -> Finding:
    """Look whether any commitment of the cooperation is still open."""
    rows = commitments_of(case).running().order_by("pk")
    codes = list(rows.values_list("code", flat=True)[:50])
    if codes:
        return missing(
            _("Commitments are still open: %(codes)s.") % {"codes": ", ".join(codes)},
            open=codes,
        )
    return passed(_("No commitment is open."), open=[])


def commitments_of(case: Case) -> Any:
    """Return the commitments that concern a cooperation.

    A paper that names cooperations concerns only these; one that names none, and a
    commitment without a paper, concern every cooperation with the partner.
    """
    rows: QuerySet[Commitment] = Commitment.objects.filter(
        partner_id=case.cooperation.partner_id
    )
    return rows.filter(
        Q(agreement=None)
        | Q(agreement__cooperations=case.cooperation)
        | Q(agreement__cooperations=None)
    ).distinct()
