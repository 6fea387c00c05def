"""The at-risk list: letter, number that tripped it, owner, next step, weeks, spend."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.figures import blocks, links, words
from crm.figures.blocks import Block, Move
from crm.figures.facts import Facts
from crm.watch.queries.at_risk import AtRisk


def at_risk(facts: Facts) -> list[Block]:
    """Return the cooperations at risk, the longest first."""
    if not facts.frame.partner_ids:
        return []
    listed = [_told(row, facts.frame.language) for row in facts.risks.rows]
    return [blocks.moves(listed, title="", empty=_("No cooperation is at risk."))]


def _told(row: AtRisk, language: str) -> Move:
    cooperation = row.cooperation
    weeks = max(row.weeks, 1)
    said = [
        str(cooperation.owner or _("nobody owns it")),
        ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks},
    ]
    if row.spend is not None:
        amount = words.amount(*row.spend, language)
        said.append(_("%(amount)s of spend a year") % {"amount": amount})
    step = _("Next: %(step)s") % {"step": cooperation.next_step}
    if cooperation.next_step_due_on is not None:
        step = _("%(step)s, due %(day)s") % {
            "step": step,
            "day": words.day(cooperation.next_step_due_on, language),
        }
    return Move(
        title=f"{cooperation.partner.display_name}: {cooperation.title}",
        text=words.clauses(f"({each.letter}) {each.words}" for each in row.reasons),
        tone="bad",
        evidence=[" · ".join(said), step],
        url=links.cooperation(cooperation.pk),
    )
