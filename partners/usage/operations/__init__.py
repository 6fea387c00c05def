"""All changes of cloud usage: sources, loads, deliveries, accounts and whose they are."""

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
from partners.usage.operations.running import run_load
from partners.usage.operations.sources import find_or_create_source

__all__ = [
    "DeliveryRefusedError",
    "LoadRefusedError",
    "cancel_load",
    "clean_up_loads",
    "find_or_create_source",
    "release_delivery",
    "request_load",
    "restore_delivery",
    "run_load",
    "withdraw_delivery",
]
