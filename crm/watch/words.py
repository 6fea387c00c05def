"""What drivers of health and judgements of rules say to a person, in the language of the moment."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.governance import Point

TEXTS: Final = {
    # --- drivers of health
    "gate": gettext_lazy("%(passed)s of %(total)s criteria of the next gate are met."),
    "gate_not_looked_at": gettext_lazy("Nobody has looked at the next gate yet."),
    "late_in_stage": gettext_lazy("%(days)s days in stage, expected are %(expected)s."),
    "governance": gettext_lazy("Governance: %(points)s of 4 points."),
    "no_activity": gettext_lazy("Nothing was ever logged."),
    "latest_activity": gettext_lazy("Latest activity %(days)s days ago."),
    "usage_cannot_be_told": gettext_lazy("Nobody can tell which usage is this one's."),
    "usage_is_late": gettext_lazy("Usage data is late."),
    "no_usage": gettext_lazy("Nothing was used in 28 days."),
    "usage_is_new": gettext_lazy("Usage is new: there is nothing to compare it with."),
    "usage_growth": gettext_lazy(
        "28-day spend changed by %(percent)s %% (%(days)s days compared)."
    ),
    "active_days": gettext_lazy("Used on %(days)s of %(of)s days."),
    "no_return_known": gettext_lazy("No metric, commitment or launched deal yet."),
    "metrics_met": gettext_lazy("%(percent)s %% of the metrics of the proof are met."),
    "commitment_pace": gettext_lazy("Commitment at %(percent)s %% of its plan."),
    "realisation": gettext_lazy("%(percent)s %% of the expected spend came true."),
    # --- judgements of rules
    "ai_spend_down": gettext_lazy(
        "AI spend is down by %(percent)s %% over 28 days (%(days)s days compared)."
    ),
    "nothing_used": gettext_lazy("Nothing was used for %(days)s days."),
    "pace_is_low": gettext_lazy("Pace index %(pace)s of a commitment."),
    "shortfall_ahead": gettext_lazy(
        "Projected shortfall %(percent)s %% with %(left)s %% of the term left."
    ),
    "too_long_in_stage": gettext_lazy(
        "%(days)s days in stage, expected are %(expected)s."
    ),
    "poc_ends_unmeasured": gettext_lazy(
        "“%(title)s” ends in %(days)s days; mandatory metrics not measured: %(count)s."
    ),
    "notice_deadline_near": gettext_lazy(
        "Notice on “%(title)s” is possible until %(on)s (%(days)s days); no renewal deal is open."
    ),
    "sponsor_left": gettext_lazy(
        "Their executive sponsor left %(days)s days ago; nobody follows."
    ),
    "signed_without_usage": gettext_lazy(
        "Signed %(days)s days ago, and no AI was used yet."
    ),
    "spend_down": gettext_lazy(
        "Spend is down by %(percent)s %% over 28 days (%(days)s days compared)."
    ),
    "spend_up": gettext_lazy(
        "Spend is up by %(percent)s %% over 28 days (%(days)s days compared)."
    ),
    "data_is_late": gettext_lazy(
        "The latest complete day is %(latest)s; %(days)s days later than agreed."
    ),
    "no_data": gettext_lazy("Nothing was ever delivered."),
    "delivery_held": gettext_lazy("%(count)s deliveries wait for a decision."),
    "spend_of_nobody": gettext_lazy(
        "%(amount)s %(currency)s since last month belong to no partner."
    ),
    "pace_off_plan": gettext_lazy("Pace index %(pace)s."),
    "deadline_near": gettext_lazy("Notice is possible until %(on)s (%(days)s days)."),
}
"""Code → its sentence."""


def _governance(values: Mapping[str, Any]) -> str:
    labels = [str(Point(code).label) for code in values.get("lost", ())]
    if not labels:
        return ""
    return " " + _("Missing: %(names)s.") % {"names": ", ".join(labels)}


MORE: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "governance": _governance
}


def say(code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a code with its numbers; an unknown code says itself."""
    if code not in TEXTS:
        return code
    more = MORE.get(code)
    return str(TEXTS[code]) % values + (more(values) if more else "")
