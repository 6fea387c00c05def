"""Derivative models as figures."""

from django.utils.translation import gettext as _

from crm.figures import blocks, links
from crm.figures.blocks import Block, Figure
from crm.figures.facts import Facts
from crm.figures.sections.cooperations import share


def models(facts: Facts) -> list[Block]:
    """Return how many derived models there are, and what they serve."""
    found = facts.derived
    if not found.count and not found.new:
        return []
    served = found.token_share
    return [
        blocks.figures(
            [
                Figure(
                    label=_("Derived models"),
                    value=blocks.count(found.count),
                    note=_("%(count)d new in the period") % {"count": found.new},
                    url=links.page("admin:ai_derivedmodel_changelist"),
                ),
                Figure(
                    label=_("In production"),
                    value=share(found.in_production, found.count),
                ),
                Figure(
                    label=_("Tokens served by derived models"),
                    value=blocks.ratio(None if served is None else round(served, 6)),
                    note=_("28 days"),
                ),
            ]
        )
    ]
