"""Admin pages of reports: each change is one call of an operation."""

from crm.reports.admin.definitions import ReportDefinitionAdmin, SubscriptionAdmin
from crm.reports.admin.deliveries import (
    DeliveryAdmin,
    RunAdmin,
    SendingPlaceAdmin,
    SuppressionAdmin,
)

__all__ = [
    "DeliveryAdmin",
    "ReportDefinitionAdmin",
    "RunAdmin",
    "SendingPlaceAdmin",
    "SubscriptionAdmin",
    "SuppressionAdmin",
]
