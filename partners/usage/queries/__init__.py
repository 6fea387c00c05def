"""Questions about usage, as screens, reports, gates and endpoints ask them."""

from partners.usage.queries.accounts import Unassigned, unassigned_spend
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

__all__ = [
    "Dimension",
    "Freshness",
    "LineItems",
    "Point",
    "Scope",
    "Unassigned",
    "complete_days",
    "daily_usage",
    "freshness",
    "line_items",
    "monthly_spend",
    "spend_series",
    "storage_mean",
    "top_movers",
    "top_partners",
    "unassigned_spend",
    "usage_days",
]
