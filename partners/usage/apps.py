"""Cloud usage as an application of its own; registers the evidence it can give."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from partners import gates, happenings

EVIDENCE = {
    "cloud_account": (
        "cloud_account",
        _("Cloud account assigned"),
        {"min_count", "environment"},
    ),
    "usage_days": (
        "usage_days_seen",
        _("Days with usage"),
        {"window", "window_days", "min_days", "min_share", "environment"},
    ),
    "usage_consecutive_days": (
        "usage_consecutive_days",
        _("Days with usage in a row"),
        {"days", "environment"},
    ),
    "usage_spend_ratio": (
        "usage_spend_ratio",
        _("Spend against its baseline"),
        {"window_days", "baseline_days", "min_ratio"},
    ),
}
"""Kind: the function that looks, its name, the parameters it knows."""


HAPPENINGS = {
    "usage.account-assigned": _("Cloud account assigned"),
    "usage.account-unassigned": _("Cloud account taken away"),
    "usage.cooperation-rule-added": _("Usage counted for the cooperation"),
    "usage.cooperation-rule-ended": _("Usage counted no longer"),
    "usage.cooperation-rule-removed": _("Usage never counted"),
}
"""What entries about usage are called in timelines."""


class UsageConfig(AppConfig):
    name = "partners.usage"
    label = "usage"
    verbose_name = _("Cloud usage")

    def ready(self) -> None:
        happenings.name_kinds(HAPPENINGS)
        from partners.operations import merging  # noqa: PLC0415  needs loaded models
        from partners.usage.operations import (  # noqa: PLC0415  needs loaded models
            cooperation_rules,
        )
        from partners.usage.queries import evidence  # noqa: PLC0415  needs loaded models

        merging.ask_before_merge(cooperation_rules.rules_that_clash)

        for kind, (look, name, parameters) in EVIDENCE.items():
            gates.register(
                kind,
                getattr(evidence, look),
                name=name,
                parameters=frozenset(parameters),
            )
