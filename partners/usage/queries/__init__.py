"""Questions about usage, as screens, reports, gates and endpoints ask them."""

from partners.usage.queries.accounts import Unassigned, unassigned_spend
from partners.usage.queries.cooperations import (
    CooperationDay,
    CooperationFigures,
    Spending,
    cooperation_days,
    cooperation_figures,
)
from partners.usage.queries.freshness import Freshness, complete_days, freshness
from partners.usage.queries.line_items import LineItems, line_items
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
    "Basis",
    "CooperationDay",
    "CooperationFigures",
    "Countable",
    "Dimension",
    "Freshness",
    "LineItems",
    "Point",
    "Scope",
    "Sign",
    "Spending",
    "Unassigned",
    "Whose",
    "complete_days",
    "cooperation_days",
    "cooperation_figures",
    "countable",
    "daily_usage",
    "freshness",
    "line_items",
    "monthly_spend",
    "signs",
    "spend_series",
    "storage_mean",
    "top_movers",
    "top_partners",
    "unassigned_spend",
    "usage_days",
    "waiting_loads",
    "waiting_rerolls",
    "whose_usage",
]
