"""Questions about partners and their cooperations, as screens and mails ask them."""

from partners.queries.headline import with_headline
from partners.queries.ladder import (
    Gate,
    Look,
    gates_of,
    next_gate,
    open_stay,
    rules_from,
)
from partners.queries.pace import (
    TimeInStage,
    stalled,
    times_in_stage,
    unconfirmed,
    with_time_in_stage,
)
from partners.queries.roles import holds_role, owner_id_of
from partners.queries.statistics import StageStatistics, stage_statistics
from partners.queries.steering import governance
from partners.queries.timeline import (
    Happening,
    cooperation_timeline,
    partner_timeline,
)
from partners.queries.tree import ancestor_ids, group_ids

__all__ = [
    "Gate",
    "Happening",
    "Look",
    "StageStatistics",
    "TimeInStage",
    "ancestor_ids",
    "cooperation_timeline",
    "gates_of",
    "governance",
    "group_ids",
    "holds_role",
    "next_gate",
    "open_stay",
    "owner_id_of",
    "partner_timeline",
    "rules_from",
    "stage_statistics",
    "stalled",
    "times_in_stage",
    "unconfirmed",
    "with_headline",
    "with_time_in_stage",
]
