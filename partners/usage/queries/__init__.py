"""Questions about usage, as screens, reports, gates and endpoints ask them."""

from partners.usage.queries.accounts import (
    Unassigned,
    unassigned_spend,
    unassigned_sums,
)
from partners.usage.queries.cooperations import (
    CooperationDay,
    CooperationFigures,
    Spending,
    cooperation_days,
    cooperation_figures,
)
from partners.usage.queries.deliveries import (
    Comparison,
    Progress,
    comparison_of,
    progress_of,
)
from partners.usage.queries.figures import (
    Line,
    Sums,
    cost_of,
    currencies_of,
    freshness_of,
    growths,
    in_currency,
    lines_of,
    movers_of,
    scope_seen,
    series_of,
)
from partners.usage.queries.freshness import Freshness, complete_days, freshness
from partners.usage.queries.line_items import SHOWN as LINE_ITEM_COLUMNS
from partners.usage.queries.line_items import (
    LineItems,
    Owned,
    line_items,
    owned_accounts,
)
from partners.usage.queries.series import (
    Dimension,
    Point,
    Scope,
    daily_usage,
    monthly_spend,
    spend_series,
    storage_mean,
    top_movers,
    top_partners,
    usage_days,
)
from partners.usage.queries.signals import Sign, signs
from partners.usage.queries.waiting import waiting_loads, waiting_rerolls
from partners.usage.queries.whose import (
    Basis,
    Countable,
    Whose,
    countable,
    whose_usage,
)

__all__ = [
    "LINE_ITEM_COLUMNS",
    "Basis",
    "Comparison",
    "CooperationDay",
    "CooperationFigures",
    "Countable",
    "Dimension",
    "Freshness",
    "Line",
    "LineItems",
    "Owned",
    "Point",
    "Progress",
    "Scope",
    "Sign",
    "Spending",
    "Sums",
    "Unassigned",
    "Whose",
    "comparison_of",
    "complete_days",
    "cooperation_days",
    "cooperation_figures",
    "cost_of",
    "countable",
    "currencies_of",
    "daily_usage",
    "freshness",
    "freshness_of",
    "growths",
    "in_currency",
    "line_items",
    "lines_of",
    "monthly_spend",
    "movers_of",
    "owned_accounts",
    "progress_of",
    "scope_seen",
    "series_of",
    "signs",
    "spend_series",
    "storage_mean",
    "top_movers",
    "top_partners",
    "unassigned_spend",
    "unassigned_sums",
    "usage_days",
    "waiting_loads",
    "waiting_rerolls",
    "whose_usage",
]
