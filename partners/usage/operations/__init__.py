"""All changes of cloud usage: sources, loads, deliveries, accounts and whose they are."""

from partners.usage.operations.accounts import (
    AssignmentRefusedError,
    assign_account,
    end_assignment,
    set_environment,
)
from partners.usage.operations.cooperation_rules import (
    CooperationUsageRefusedError,
    add_cooperation_rule,
    end_cooperation_rule,
    remove_cooperation_rule,
)
from partners.usage.operations.deliveries import (
    DeliveryRefusedError,
    release_delivery,
    restore_delivery,
    withdraw_delivery,
)
from partners.usage.operations.loads import (
    LoadRefusedError,
    cancel_load,
    clean_up_loads,
    request_load,
)
from partners.usage.operations.rerolls import reroll_source
from partners.usage.operations.running import run_load
from partners.usage.operations.sources import find_or_create_source

__all__ = [
    "AssignmentRefusedError",
    "CooperationUsageRefusedError",
    "DeliveryRefusedError",
    "LoadRefusedError",
    "add_cooperation_rule",
    "assign_account",
    "cancel_load",
    "clean_up_loads",
    "end_assignment",
    "end_cooperation_rule",
    "find_or_create_source",
    "release_delivery",
    "remove_cooperation_rule",
    "request_load",
    "reroll_source",
    "restore_delivery",
    "run_load",
    "set_environment",
    "withdraw_delivery",
]
