"""Questions about partners and their cooperations, as screens and mails ask them."""

from partners.queries.ladder import (
    Gate,
    Look,
    gates_of,
    next_gate,
    open_stay,
    rules_from,
)
from partners.queries.roles import owner_id_of, roles_held

__all__ = [
    "Gate",
    "Look",
    "gates_of",
    "next_gate",
    "open_stay",
    "owner_id_of",
    "roles_held",
    "rules_from",
]
