"""Questions about models, scenarios and feedback, as pages and endpoints ask them."""

from partners.ai.queries.coverage import Cell, Coverage, coverage
from partners.ai.queries.figures import WINDOW, PartnerUse, Week, use_of
from partners.ai.queries.pages import (
    CountLine,
    Lines,
    ModelPage,
    derivatives_of,
    lines_of,
    model_page,
    seen_partner_ids,
    seen_partners,
    with_lines,
)
from partners.ai.queries.shares import (
    DerivedShare,
    Unmapped,
    derived_shares,
    share_in_words,
    unmapped_usage,
)

__all__ = [
    "WINDOW",
    "Cell",
    "CountLine",
    "Coverage",
    "DerivedShare",
    "Lines",
    "ModelPage",
    "PartnerUse",
    "Unmapped",
    "Week",
    "coverage",
    "derivatives_of",
    "derived_shares",
    "lines_of",
    "model_page",
    "seen_partner_ids",
    "seen_partners",
    "share_in_words",
    "unmapped_usage",
    "use_of",
    "with_lines",
]
