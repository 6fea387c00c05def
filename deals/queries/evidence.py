"""Evidence that agreements and deals give to the gates; `apps.py` registers it."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from deals.agreements import AgreementStatus, AgreementType
from deals.models import Agreement, Deal
from deals.pipeline import OPEN, DealStage, DealType
from partners.gates import Case, Finding, missing, passed

STATES: Mapping[str, tuple[str, ...]] = {
    "open": OPEN,
    "won": (DealStage.LAUNCHED,),
    "lost": (DealStage.CLOSED_LOST,),
}
SHOWN = 5


def agreement(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when a paper of one of the types is in one of the states (`active` unless told).

    It covers the cooperation by name, or the whole partner by naming none. An active one
    must not have run out on the day of the question.
    """
    cooperation = case.cooperation
    states = tuple(parameters.get("states", [AgreementStatus.ACTIVE]))
    day = case.at.date()
    papers = (
        Agreement.objects.filter(
            Q(cooperations__isnull=True) | Q(cooperations=cooperation.pk),
            Q(expires_on__isnull=True) | Q(expires_on__gte=day),
            partner=cooperation.partner_id,
            agreement_type__in=parameters["types"],
            status__in=states,
        )
        .order_by("pk")
        .distinct()
    )
    found = [
        {
            "id": each.pk,
            "type": each.agreement_type,
            "status": each.status,
            "expires_on": each.expires_on and each.expires_on.isoformat(),
        }
        for each in papers[:SHOWN]
    ]
    if found:
        return passed(_("The paper is there."), agreements=found)
    names = ", ".join(str(AgreementType(kind).label) for kind in parameters["types"])
    wanted = ", ".join(str(AgreementStatus(state).label) for state in states)
    return missing(
        _("No paper is there of the kind %(names)s that is %(states)s.")
        % {"names": names, "states": wanted},
        agreements=[],
    )


def deal(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when a deal of one of the types is in one of the states: open, won or lost."""
    types = parameters.get("types", DealType.values)
    states = parameters.get("states", ["open", "won"])
    stages = [stage for state in states for stage in STATES[state]]
    rows = Deal.objects.filter(
        cooperation=case.cooperation.pk, deal_type__in=types, stage__in=stages
    ).order_by("pk")
    found = [
        {"id": each.pk, "type": each.deal_type, "stage": each.stage}
        for each in rows[:SHOWN]
    ]
    if found:
        return passed(_("The deal is there."), deals=found)
    names = ", ".join(str(DealType(kind).label) for kind in types)
    return missing(
        _("No deal of the kind %(names)s is open or won.") % {"names": names}
        if "lost" not in states
        else _("No deal of the kind %(names)s is there.") % {"names": names},
        deals=[],
    )
