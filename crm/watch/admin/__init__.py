"""Admin pages of the watch: alerts, health, their rules, and the at-risk list."""

from crm.watch.admin import panels
from crm.watch.admin.alerts import AlertAdmin
from crm.watch.admin.health import HealthSnapshotAdmin
from crm.watch.admin.rules import AlertRuleAdmin, HealthSchemeAdmin

__all__ = [
    "AlertAdmin",
    "AlertRuleAdmin",
    "HealthSchemeAdmin",
    "HealthSnapshotAdmin",
    "panels",
]
