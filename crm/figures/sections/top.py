"""The headline as a block."""

from crm.figures import blocks
from crm.figures.blocks import Block
from crm.figures.facts import Facts
from crm.figures.headline import headline


def headline_figures(facts: Facts) -> list[Block]:
    """Return the numbers of the headline; nothing without partners to tell of."""
    if not facts.frame.partner_ids:
        return []
    return [blocks.figures(headline(facts))]
