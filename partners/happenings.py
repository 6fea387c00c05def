"""What journal entries about partners are called where people read them; no database."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.stages import Stage

TITLES: Final[Mapping[str, Promise]] = {
    "partner.registered": _("Partner registered"),
    "partner.edited": _("Partner changed"),
    "partner.archived": _("Partner archived"),
    "partner.restored": _("Partner restored"),
    "partner.merged": _("Another partner merged into it"),
    "partner.split": _("Split off again"),
    "partner.owner-changed": _("Owner of the partner changed"),
    "partner.sponsor-changed": _("Our sponsor changed"),
    "contact.registered": _("Contact added"),
    "contact.edited": _("Contact changed"),
    "contact.erased": _("Contact erased"),
    "cooperation.begun": _("Cooperation begun"),
    "cooperation.edited": _("Cooperation changed"),
    "cooperation.closed": _("Cooperation ended"),
    "cooperation.stage-moved": _("Stage moved"),
    "cooperation.stage-confirmed": _("Stage confirmed"),
    "cooperation.move-refused": _("Move refused by the gate"),
    "cooperation.step-approved": _("Step approved"),
    "cooperation.criterion-waived": _("Criterion waived"),
    "cooperation.put-on-hold": _("Put on hold"),
    "cooperation.resumed": _("Resumed"),
    "cooperation.reopened": _("Cooperation reopened"),
    "cooperation.contact-assigned": _("Contact assigned"),
    "cooperation.contact-released": _("Contact released"),
    "cooperation.owner-changed": _("Owner of the cooperation changed"),
    "cooperation.sponsor-changed": _("Our sponsor of the cooperation changed"),
    "activity.logged": _("Activity logged"),
    "activity.edited": _("Activity corrected"),
    "activity.meeting": _("Meeting"),
    "activity.call": _("Call"),
    "activity.mail": _("Mail"),
    "activity.note": _("Note"),
    "activity.document": _("Document"),
    "action-item.added": _("Action item added"),
    "action-item.edited": _("Action item changed"),
    "action-item.done": _("Action item done"),
    "action-item.dropped": _("Action item dropped"),
    "action-item.reopened": _("Action item reopened"),
    "risk.raised": _("Risk raised"),
    "risk.edited": _("Risk judged anew"),
    "risk.closed": _("Risk closed"),
    "attachment.added": _("Document attached"),
    "attachment.removed": _("Document removed"),
    "poc.planned": _("PoC planned"),
    "poc.edited": _("PoC changed"),
    "poc.metrics-agreed": _("PoC metrics agreed"),
    "poc.started": _("PoC started"),
    "poc.metric-measured": _("PoC metric measured"),
    "poc.extended": _("PoC extended"),
    "poc.decided": _("PoC decided"),
    "poc.cancelled": _("PoC cancelled"),
    "proposal.made": _("Move proposed"),
    "proposal.accepted": _("Proposal accepted"),
    "proposal.dismissed": _("Proposal dismissed"),
    "proposal.lapsed": _("Proposal lapsed"),
    "review.recorded": _("Business review recorded"),
    "review.edited": _("Business review corrected"),
}
"""Kind → what people call it."""

TOLD = ("title", "file_name", "metric", "reason", "closed_reason")
"""Members of an entry that say something to a reader as they are."""


_others: dict[str, str | Promise] = {}


def name_kinds(titles: Mapping[str, str | Promise]) -> None:
    """Say what entries of a package above are called; its `apps.py` does."""
    _others.update(titles)


def title_of(kind: str) -> str:
    """Return what people call an entry of this kind; its own words when nobody said."""
    title = TITLES.get(kind) or _others.get(kind)
    return str(title or kind.replace(".", ": ").replace("-", " "))


def details_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return what an entry says beyond its kind: the stages of a step, titles, reasons."""
    steps = [_stage(old.get("stage")), _stage(new.get("stage") or new.get("to"))]
    parts = [" → ".join(step for step in steps if step)]
    parts += [str(new[name]) for name in TOLD if isinstance(new.get(name), str)]
    return " · ".join(part for part in parts if part)


def _stage(code: object) -> str:
    return str(Stage(code).label) if code in Stage.values else ""
