"""What changed in the period: moves with their evidence, what is new, what ended."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import blocks, ladder, links, words
from crm.figures.blocks import Block, Move, Tone
from crm.figures.facts import Facts
from partners.gates import Verdict
from partners.models import GateCheck, Partner, StageTransition
from partners.stages import MoveKind

TONES: dict[str, Tone] = {
    MoveKind.ADVANCE: "good",
    MoveKind.SKIP: "good",
    MoveKind.COMPLETE: "good",
    MoveKind.REGRESS: "bad",
    MoveKind.TERMINATE: "bad",
}
THROUGH = (Verdict.PASSED, Verdict.WAIVED)


def changes(facts: Facts) -> list[Block]:
    """Return the stage moves with gate evidence, new cooperations and new partners."""
    if not facts.frame.partner_ids:
        return []
    empty = _("No cooperation changed its stage in this period.")
    moved = [_move(row) for row in facts.moves.rows]
    told = [blocks.moves(moved, title="", empty=empty)]
    new = [
        *(_begun(row) for row in facts.transitions.begun),
        *(_registered(each) for each in ladder.new_partners(facts.frame)),
    ]
    if new:
        told.append(blocks.moves(new, title=_("New"), empty=""))
    return told


def _move(row: StageTransition) -> Move:
    cooperation = row.cooperation
    return Move(
        title=f"{cooperation.partner.display_name}: {cooperation.title}",
        text=f"{row.from_stage} → {row.to_stage} ({row.get_kind_display()})",
        tone=TONES.get(row.kind, "plain"),
        evidence=evidence_of(row),
        url=links.cooperation(cooperation.pk),
    )


def evidence_of(row: StageTransition) -> list[str]:
    """Return who moved it and why, and what the gate looked at."""
    who = f"{row.by}: {row.reason}" if row.reason else str(row.by)
    looked: list[GateCheck] = getattr(row, "looked", [])
    return [who, *filter(None, [_counted(looked), _waived(looked)])]


def _counted(looked: list[GateCheck]) -> str:
    if not looked:
        return ""
    passed = sum(check.verdict in THROUGH for check in looked)
    return ngettext(
        "Gate: %(passed)d of %(all)d criterion through",
        "Gate: %(passed)d of %(all)d criteria through",
        len(looked),
    ) % {"passed": passed, "all": len(looked)}


def _waived(looked: list[GateCheck]) -> str:
    waived = [
        str(check.criterion or check.code)
        for check in looked
        if check.verdict == Verdict.WAIVED
    ]
    if not waived:
        return ""
    return _("Waived: %(criteria)s") % {"criteria": words.clauses(waived)}


def _begun(row: StageTransition) -> Move:
    cooperation = row.cooperation
    return Move(
        title=f"{cooperation.partner.display_name}: {cooperation.title}",
        text=_("New cooperation, %(stage)s") % {"stage": row.to_stage},
        tone="plain",
        evidence=[str(row.by)],
        url=links.cooperation(cooperation.pk),
    )


def _registered(partner: Partner) -> Move:
    return Move(
        title=partner.display_name,
        text=_("New partner"),
        tone="plain",
        url=links.partner(partner.pk),
    )
