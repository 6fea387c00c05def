"""Amendments: what they will change, and changing it when they become active."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from deals.agreements import IN_FORCE, AgreementType
from deals.models import Agreement
from deals.operations.agreements import (
    AgreementInputError,
    AgreementRefusedError,
    advance,
    draft_agreement,
)
from partners.operations import parties
from partners.operations.changes import Act
from partners.operations.locks import lock

TERMS = (
    "expires_on",
    "auto_renews",
    "renewal_months",
    "notice_days",
    "value",
    "currency",
)
PARTY = ("legal_name", "country")
"""Fields of the partner that a framework freezes; an amendment names them as partner.X."""

COVERED = "cooperations"
ALLOWED = frozenset([*TERMS, *(f"partner.{name}" for name in PARTY), COVERED])


@transaction.atomic
def draft_amendment(
    *,
    agreement: Agreement,
    changes: Mapping[str, Any],
    by: User,
    at: datetime,
    title: str = "",
    values: Mapping[str, Any] | None = None,
) -> Agreement:
    """Begin the paper that will change an agreement in force.

    :param changes: terms by field (`expires_on`, `value`, …), `partner.legal_name`,
        `partner.country`, or `cooperations` as ids; applied when the amendment is active.
    :raises AgreementRefusedError: unless the agreement is in force.
    :raises AgreementInputError: when it would change nothing, or what it cannot.
    """
    amended = lock(agreement)
    if amended.status not in IN_FORCE:
        raise AgreementRefusedError(
            _("“%(title)s” is %(status)s; only what is in force is amended.")
            % {"title": amended, "status": amended.get_status_display()},
            code="agreement.not-in-force",
        )
    _check_changes(changes)
    amendment = draft_agreement(
        partner=amended.partner,
        agreement_type=AgreementType.AMENDMENT,
        title=title or _("Amendment to %(title)s") % {"title": amended},
        by=by,
        at=at,
        cooperations=amended.cooperations.all(),
        values={**_like(amended), **(values or {})},
    )
    advance(amendment, {"amends": {k: stored(v) for k, v in changes.items()}})
    return amendment


def _check_changes(changes: Mapping[str, Any]) -> None:
    strange = sorted(set(changes) - ALLOWED)
    if strange or not changes:
        raise AgreementInputError(
            _("An amendment changes terms or parties; not: %(names)s.")
            % {"names": ", ".join(strange) or "–"},
            code="agreement.nothing-amended",
        )


def _like(amended: Agreement) -> dict[str, Any]:
    """Return what an amendment takes over from what it amends."""
    return {
        "parent": amended,
        "owner": amended.owner,
        "team": amended.team,
        "currency": amended.currency,
    }


def apply_amendment(*, amendment: Agreement, by: User | None, at: datetime) -> None:
    """Change the amended agreement, and the frozen names of the partner, as signed.

    :raises AgreementInputError: when the changed terms do not fit together.
    """
    if amendment.parent is None or not amendment.amends:
        return
    amended = lock(amendment.parent)
    terms = {
        name: restored(name, amendment.amends[name])
        for name in TERMS
        if name in amendment.amends
    }
    old = {name: getattr(amended, name) for name in terms}
    if terms:
        advance(amended, terms)
    if COVERED in amendment.amends:
        old[COVERED] = sorted(amended.cooperations.values_list("pk", flat=True))
        amended.cooperations.set(amendment.amends[COVERED])
    Act(by, at, amended.partner_id).record(
        "agreement.amended",
        amended,
        old=old,
        new={**amendment.amends, "amendment": amendment.pk},
    )
    party = {
        name: amendment.amends[f"partner.{name}"]
        for name in PARTY
        if f"partner.{name}" in amendment.amends
    }
    if party:
        parties.rename_party(partner=amended.partner, values=party, by=by, at=at)


def stored(value: Any) -> Any:
    """Return a term as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restored(name: str, value: Any) -> Any:
    """Return a term as its column takes it."""
    if value is None:
        return None
    if name == "expires_on":
        return date.fromisoformat(value)
    return Decimal(value) if name == "value" else value


def frozen_by_frameworks(partner_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return which fields an active strategic agreement freezes of each partner, and why.

    Registered with `partners.freezing`; asked whenever partners are edited or imported.
    """
    frameworks = Agreement.objects.filter(
        partner__in=partner_ids,
        status="active",
        agreement_type=AgreementType.STRATEGIC,
    ).order_by("-pk")
    words = _("“%(title)s” is active: an amendment to it changes this.")
    return {
        each.partner_id: dict.fromkeys(PARTY, words % {"title": each})
        for each in frameworks
    }
