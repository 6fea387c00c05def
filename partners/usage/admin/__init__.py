"""Admin pages of cloud usage: each change is one call of an operation."""

from partners.usage.admin import panels
from partners.usage.admin.accounts import AccountAssignmentAdmin, CloudAccountAdmin
from partners.usage.admin.cooperation_usage import CooperationUsageAdmin
from partners.usage.admin.deliveries import UsageDeliveryAdmin
from partners.usage.admin.events import MeteredEventAdmin
from partners.usage.admin.loads import UsageLoadAdmin
from partners.usage.admin.sources import BillingSourceAdmin
from partners.usage.admin.usage_pages import UsagePages

__all__ = [
    "AccountAssignmentAdmin",
    "BillingSourceAdmin",
    "CloudAccountAdmin",
    "CooperationUsageAdmin",
    "MeteredEventAdmin",
    "UsageDeliveryAdmin",
    "UsageLoadAdmin",
    "UsagePages",
    "panels",
]
