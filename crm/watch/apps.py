"""The app of the watch; adds its pages to the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.web import navigation
from crm.web.navigation import Group, Page
from partners import happenings

PAGES = (
    Page(
        group=Group.PORTFOLIO,
        title=_("At risk"),
        url_name="admin:watch_at_risk",
        icon="crisis_alert",
        permission="watch.view_alert",
        order=24,
        summary=_("Cooperations in danger, with the number that says so."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Health"),
        url_name="admin:watch_healthsnapshot_changelist",
        icon="monitor_heart",
        permission="watch.view_healthsnapshot",
        order=26,
        summary=_("How cooperations fare, and why."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Alerts"),
        url_name="admin:watch_alert_changelist",
        icon="notifications",
        permission="watch.view_alert",
        order=28,
        summary=_("What needs somebody today."),
    ),
    Page(
        group=Group.ADMINISTRATION,
        title=_("Alert rules"),
        url_name="admin:watch_alertrule_changelist",
        icon="rule",
        permission="watch.change_alertrule",
        order=60,
        summary=_("Thresholds, clean days, and who hears of it."),
    ),
    Page(
        group=Group.ADMINISTRATION,
        title=_("Health schemes"),
        url_name="admin:watch_healthscheme_changelist",
        icon="balance",
        permission="watch.add_healthscheme",
        order=62,
        summary=_("Weights by stage, and the numbers of the formulas."),
    ),
)


HAPPENINGS = {
    "alert.opened": _("Alert opened"),
    "alert.acknowledged": _("Somebody cares for the alert"),
    "alert.snoozed": _("Alert snoozed"),
    "alert.resolved": _("Alert resolved"),
    "alert.subject-gone": _("Alert resolved, its subject is gone"),
    "alert.owner-changed": _("Owner of the alert changed"),
    "health.overridden": _("Health scored by hand"),
    "health.override-withdrawn": _("Health scored by hand no longer"),
}
"""What entries of the journal are called in timelines."""


class WatchConfig(AppConfig):
    name = "crm.watch"
    label = "watch"
    verbose_name = _("Watch")

    def ready(self) -> None:
        happenings.name_kinds(HAPPENINGS)
        handover.register(
            handover.Belonging(
                model="watch.Alert",
                field="owner",
                label=_("Alerts"),
                kind="alert.owner-changed",
                partner_field="partner_id",
                only={"resolved_at__isnull": True},
            )
        )
        for page in PAGES:
            navigation.add(page)
