"""Sources, loads and deliveries; cloud accounts and whose they are; meters and usage."""

from partners.usage.models.account import (
    AccountAssignment,
    AccountOwnership,
    CloudAccount,
    Environment,
)
from partners.usage.models.consumption import DailyUsage, MonthlyUsage, UsageMeter
from partners.usage.models.cooperation_usage import CooperationUsage
from partners.usage.models.delivery import (
    DeliveryStatus,
    LoadState,
    UsageDelivery,
    UsageLoad,
)
from partners.usage.models.event import MeteredEvent
from partners.usage.models.incoming import (
    ArrivalState,
    UploadState,
    UsageArrival,
    UsageReroll,
    UsageUpload,
)
from partners.usage.models.signal import SignalKind, UsageSignal
from partners.usage.models.source import BillingSource, DeliveryMode

__all__ = [
    "AccountAssignment",
    "AccountOwnership",
    "ArrivalState",
    "BillingSource",
    "CloudAccount",
    "CooperationUsage",
    "DailyUsage",
    "DeliveryMode",
    "DeliveryStatus",
    "Environment",
    "LoadState",
    "MeteredEvent",
    "MonthlyUsage",
    "SignalKind",
    "UploadState",
    "UsageArrival",
    "UsageDelivery",
    "UsageLoad",
    "UsageMeter",
    "UsageReroll",
    "UsageSignal",
    "UsageUpload",
]
