"""Alerts with their rules and notices; health with its schemes and overrides; the nightly look."""

from crm.watch.models.alert import (
    Alert,
    AlertChoice,
    AlertNotice,
    AlertRule,
)
from crm.watch.models.health import (
    GateLook,
    HealthOverride,
    HealthScheme,
    HealthSnapshot,
)
from crm.watch.models.stocktaking import Stocktaking

__all__ = [
    "Alert",
    "AlertChoice",
    "AlertNotice",
    "AlertRule",
    "GateLook",
    "HealthOverride",
    "HealthScheme",
    "HealthSnapshot",
    "Stocktaking",
]
