"""Questions about models, scenarios and feedback, as pages and endpoints ask them."""

from partners.ai.queries.coverage import Cell, Coverage, coverage
from partners.ai.queries.figures import (
    WINDOW,
    PartnerUse,
    Week,
    use_by_partner,
    use_by_week,
)
from partners.ai.queries.pages import (
    ModelPage,
    derivatives_of,
    model_page,
    seen_partner_ids,
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
    "Coverage",
    "DerivedShare",
    "ModelPage",
    "PartnerUse",
    "Unmapped",
    "Week",
    "coverage",
    "derivatives_of",
    "derived_shares",
    "model_page",
    "seen_partner_ids",
    "share_in_words",
    "unmapped_usage",
    "use_by_partner",
    "use_by_week",
]
