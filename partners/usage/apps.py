"""Cloud usage as an application of its own; registers the evidence it can give."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.web import navigation
from crm.web.navigation import Group, Page
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
    "usage.anomaly-noticed": _("Usage out of its pattern"),
    "usage.events-reported": _("Usage reported by events"),
}
"""What entries about usage are called in timelines."""


PAGES = (
    Page(
        group=Group.USAGE,
        title=_("Usage of partners"),
        url_name="admin:usage_monthlyusage_changelist",
        icon="monitoring",
        permission="usage.view_monthlyusage",
        order=10,
        summary=_("Who consumes what, in money, tokens and GPU hours."),
    ),
    Page(
        group=Group.USAGE,
        title=_("Loads"),
        url_name="admin:usage_usageload_changelist",
        icon="upload_file",
        permission="usage.view_usageload",
        order=20,
        summary=_("Hand billing exports in and watch them being loaded."),
    ),
    Page(
        group=Group.USAGE,
        title=_("Deliveries"),
        url_name="admin:usage_usagedelivery_changelist",
        icon="receipt_long",
        permission="usage.view_usagedelivery",
        order=30,
        summary=_("What counts for each billing month, and what waits."),
    ),
    Page(
        group=Group.USAGE,
        title=_("Spend of nobody"),
        url_name="admin:usage_cloudaccount_unassigned",
        icon="person_search",
        permission="usage.add_accountassignment",
        order=40,
        summary=_("Accounts that belong to no partner yet, most money first."),
    ),
    Page(
        group=Group.USAGE,
        title=_("Cloud accounts"),
        url_name="admin:usage_cloudaccount_changelist",
        icon="cloud",
        permission="usage.view_cloudaccount",
        order=50,
        summary=_("Found in the exports; whose they are, from when to when."),
    ),
    Page(
        group=Group.USAGE,
        title=_("Billing sources"),
        url_name="admin:usage_billingsource_changelist",
        icon="cloud_download",
        permission="usage.view_billingsource",
        order=60,
        summary=_("Which exports come, and how far each reaches."),
    ),
)


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

        for page in PAGES:
            navigation.add(page)
        merging.ask_before_merge(cooperation_rules.rules_that_clash)

        for kind, (look, name, parameters) in EVIDENCE.items():
            gates.register(
                kind,
                getattr(evidence, look),
                name=name,
                parameters=frozenset(parameters),
            )
