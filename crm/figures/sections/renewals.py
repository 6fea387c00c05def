"""The renewal window: agreements that end soon, and notices that fall due."""

from django.utils.translation import gettext as _

from crm.figures import blocks, links
from crm.figures.blocks import Align, Block, Figure, Value
from crm.figures.facts import Facts
from crm.figures.renewals import HORIZONS, NOTICE_DAYS, Ending

MOST_ROWS = 100


def renewals(facts: Facts) -> list[Block]:
    """Return how many agreements end within 30 to 180 days, and each of them."""
    found = facts.renewals
    if not found.rows:
        return []
    figures = [
        Figure(
            label=_("Expiring within %(days)d days") % {"days": days},
            value=blocks.count(len(found.within(days))),
        )
        for days in HORIZONS
    ]
    figures.append(
        Figure(
            label=_("Notice deadline within %(days)d days") % {"days": NOTICE_DAYS},
            value=blocks.count(len(found.notices)),
            url=links.page("admin:deals_agreement_changelist"),
        )
    )
    columns: list[tuple[str, Align]] = [
        (_("Partner"), "left"),
        (_("Agreement"), "left"),
        (_("Expires"), "right"),
        (_("Notice until"), "right"),
        (_("What follows"), "left"),
        (_("Owner"), "left"),
    ]
    table = blocks.table(
        columns,
        [_row(row) for row in found.rows[:MOST_ROWS]],
        title="",
        total_count=len(found.rows),
        empty="",
    )
    return [table, blocks.figures(figures)]


def _row(row: Ending) -> list[Value]:
    agreement = row.agreement
    deadline = agreement.notice_deadline_on
    return [
        blocks.text(agreement.partner.display_name),
        blocks.text(
            agreement.title,
            url=links.page("admin:deals_agreement_change", agreement.pk),
        ),
        blocks.day(row.expires_on),
        blocks.text("") if deadline is None else blocks.day(deadline),
        blocks.text(what_follows(row)),
        blocks.text(str(agreement.owner or "")),
    ]


def what_follows(row: Ending) -> str:
    """Return what becomes of an agreement at its end, as far as anybody has seen to it."""
    agreement = row.agreement
    if agreement.notice_given_on is not None:
        return _("notice was given")
    if row.has_renewal:
        return _("renewal deal is open")
    if agreement.auto_renews:
        return _("renews by itself for %(months)d months") % {
            "months": agreement.renewal_months or 0
        }
    return _("nothing yet")
