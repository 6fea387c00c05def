"""Agreements: their types, their status machine and their deadlines; no database."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class AgreementType(models.TextChoices):
    """What kind of paper it is."""

    NDA = "nda", _("NDA")
    MOU = "mou", _("MoU")
    STRATEGIC = "strategic", _("Strategic cooperation agreement")
    MSA = "msa", _("Master services agreement")
    DPA = "dpa", _("Data processing agreement")
    SOW = "sow", _("Statement of work")
    ORDER_FORM = "order_form", _("Order form")
    AMENDMENT = "amendment", _("Amendment")


class AgreementStatus(models.TextChoices):
    """Where the paper stands."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    SIGNED = "signed", _("signed")
    ACTIVE = "active", _("active")
    EXPIRED = "expired", _("expired")
    TERMINATED = "terminated", _("terminated")
    SUPERSEDED = "superseded", _("superseded")


class Side(models.TextChoices):
    """Who signs, or who gives notice."""

    OURS = "ours", _("we")
    THEIRS = "theirs", _("they")


NEXT: Mapping[AgreementStatus, tuple[AgreementStatus, ...]] = {
    AgreementStatus.DRAFT: (AgreementStatus.IN_REVIEW, AgreementStatus.TERMINATED),
    AgreementStatus.IN_REVIEW: (
        AgreementStatus.DRAFT,
        AgreementStatus.SIGNED,
        AgreementStatus.TERMINATED,
    ),
    AgreementStatus.SIGNED: (
        AgreementStatus.ACTIVE,
        AgreementStatus.TERMINATED,
        AgreementStatus.SUPERSEDED,
    ),
    AgreementStatus.ACTIVE: (
        AgreementStatus.EXPIRED,
        AgreementStatus.TERMINATED,
        AgreementStatus.SUPERSEDED,
    ),
    AgreementStatus.EXPIRED: (),
    AgreementStatus.TERMINATED: (),
    AgreementStatus.SUPERSEDED: (),
}
"""Which status may follow which."""

NEGOTIATED = (AgreementStatus.DRAFT, AgreementStatus.IN_REVIEW)
"""While it is negotiated everything may be edited; later only an amendment changes it."""

SIGNED_BY_BOTH = (
    AgreementStatus.SIGNED,
    AgreementStatus.ACTIVE,
    AgreementStatus.EXPIRED,
    AgreementStatus.SUPERSEDED,
)
"""A status that nobody reaches without both signatures."""

IN_FORCE = (AgreementStatus.SIGNED, AgreementStatus.ACTIVE)
"""What a deal can be won on."""

FRAMEWORKS = (AgreementType.STRATEGIC, AgreementType.MSA)

REMINDER_DAYS = (180, 90, 60, 30)
"""Days before the end on which the owner is reminded."""

NOTICE_REMINDER_DAYS = (30, 7)
"""Days before the notice deadline on which the owner is reminded."""


def may_become(*, current: AgreementStatus, to: AgreementStatus) -> bool:
    """Tell whether the status may follow."""
    return to in NEXT[current]


def steps() -> tuple[tuple[AgreementStatus, AgreementStatus], ...]:
    """Return every allowed step, for the database to guard."""
    return tuple((one, other) for one, others in NEXT.items() for other in others)


def notice_deadline(*, expires_on: date | None, notice_days: int | None) -> date | None:
    """Return the last day on which notice can be given: expiry − notice days."""
    if expires_on is None or notice_days is None:
        return None
    return expires_on - timedelta(days=notice_days)
