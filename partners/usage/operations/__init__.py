"""All changes of cloud usage: sources, loads, deliveries, accounts and whose they are."""

from partners.usage.operations.accounts import (
    AssignmentRefusedError,
    assign_account,
    end_assignment,
    set_environment,
)
from partners.usage.operations.arrivals import (
    conclude_arrivals,
    look_for_arrivals,
    take_arrival,
)
from partners.usage.operations.cooperation_rules import (
    CooperationUsageRefusedError,
    add_cooperation_rule,
    end_cooperation_rule,
    remove_cooperation_rule,
)
from partners.usage.operations.deliveries import (
    DeliveryRefusedError,
    refuse_delivery,
    release_delivery,
    restore_delivery,
    withdraw_delivery,
)
from partners.usage.operations.events import (
    MeteredEventRefusedError,
    fault_of,
    forget_events,
    reportable_accounts,
    take_events,
)
from partners.usage.operations.loads import (
    OVER,
    LoadRefusedError,
    cancel_load,
    clean_up_loads,
    request_load,
)
from partners.usage.operations.rerolls import (
    request_reroll,
    reroll_source,
    run_reroll,
)
from partners.usage.operations.running import rehearse_load, run_load
from partners.usage.operations.signals import raise_signals
from partners.usage.operations.sources import (
    SourceRefusedError,
    edit_source,
    find_or_create_source,
    is_source,
    register_source,
)
from partners.usage.operations.uploads import (
    OffsetRefusedError,
    UploadRefusedError,
    abandon_upload,
    append_part,
    begin_upload,
    forget_uploads,
    hand_in_file,
    hand_in_upload,
    source_for,
)

__all__ = [
    "OVER",
    "AssignmentRefusedError",
    "CooperationUsageRefusedError",
    "DeliveryRefusedError",
    "LoadRefusedError",
    "MeteredEventRefusedError",
    "OffsetRefusedError",
    "SourceRefusedError",
    "UploadRefusedError",
    "abandon_upload",
    "add_cooperation_rule",
    "append_part",
    "assign_account",
    "begin_upload",
    "cancel_load",
    "clean_up_loads",
    "conclude_arrivals",
    "edit_source",
    "end_assignment",
    "end_cooperation_rule",
    "fault_of",
    "find_or_create_source",
    "forget_events",
    "forget_uploads",
    "hand_in_file",
    "hand_in_upload",
    "is_source",
    "look_for_arrivals",
    "raise_signals",
    "refuse_delivery",
    "register_source",
    "rehearse_load",
    "release_delivery",
    "remove_cooperation_rule",
    "reportable_accounts",
    "request_load",
    "request_reroll",
    "reroll_source",
    "restore_delivery",
    "run_load",
    "run_reroll",
    "set_environment",
    "source_for",
    "take_arrival",
    "take_events",
    "withdraw_delivery",
]
