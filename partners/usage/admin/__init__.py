"""Admin pages of cloud usage: each change is one call of an operation."""

from partners.usage.admin.cooperation_usage import CooperationUsageAdmin
from partners.usage.admin.events import MeteredEventAdmin

__all__ = ["CooperationUsageAdmin", "MeteredEventAdmin"]
