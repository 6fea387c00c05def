"""Facts about one cooperation for tables of cases."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.watch.facts import Facts, Usage

TODAY = date(2026, 11, 23)


def usage(**changed: Any) -> Usage:
    """Return fresh usage of a steady cooperation: 2,800 in both windows, used daily."""
    usual: dict[str, Any] = {
        "is_fresh": True,
        "currency": "EUR",
        "now": Decimal(2800),
        "before": Decimal(2800),
        "total_now": Decimal(2800),
        "total_before": Decimal(2800),
        "spend": Decimal(2800),
        "compared_days": 28,
        "complete_days": 28,
        "active_days": 28,
        "quiet_days": 0,
        "first_ai_day": date(2026, 1, 5),
    }
    return Usage(**{**usual, **changed})


def facts(**changed: Any) -> Facts:
    """Return a cooperation in production, on time, with everything in order."""
    usual: dict[str, Any] = {
        "on": TODAY,
        "cooperation_id": 1,
        "partner_id": 1,
        "owner_id": 1,
        "stage": "production",
        "stage_order": 6,
        "days_in_stage": 100.0,
        "expected_days": 180,
        "is_on_hold": False,
        "silent_days": 0.0,
        "gate_passed": 4,
        "gate_total": 4,
        "governance": 4,
        "usage": usage(),
        "proven_share": Decimal(1),
    }
    return Facts(**{**usual, **changed})
