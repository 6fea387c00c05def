from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.web import navigation

PAGES = (
    (_("Reports"), "reportdefinition", "summarize"),
    (_("Subscriptions"), "reportsubscription", "subscriptions"),
    (_("Frozen reports"), "reportrun", "lab_profile"),
    (_("Deliveries"), "reportdelivery", "outgoing_mail"),
    (_("Suppressed addresses"), "suppression", "unsubscribe"),
    (_("Sending"), "sendingplace", "send"),
)


OWN_PAGES = (
    navigation.Page(
        group=navigation.Group.REPORTS,
        title=_("Calendar"),
        url_name="report_calendar",
        icon="calendar_month",
        permission="reports.view_reportdelivery",
        order=9,
        summary=_("What became of each report, period by period."),
    ),
)
STORED_MAILS = navigation.Page(
    group=navigation.Group.ADMINISTRATION,
    title=_("Stored mails"),
    url_name="report_mails",
    icon="drafts",
    permission="reports.change_sendingplace",
    order=90,
    summary=_("No mail server is configured: what would have been sent."),
)


class ReportsConfig(AppConfig):
    name = "crm.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from crm.reports import figure_sections  # noqa: PLC0415  # models are loaded only now

        handover.register(
            handover.Belonging(
                model="reports.ReportDefinition",
                field="owner",
                label=_("Reports"),
                kind="report.owner-changed",
            )
        )
        for order, (title, model, icon) in enumerate(PAGES):
            navigation.add(
                navigation.Page(
                    group=navigation.Group.REPORTS,
                    title=title,
                    url_name=f"admin:reports_{model}_changelist",
                    icon=icon,
                    permission=f"reports.view_{model}",
                    order=10 + order,
                )
            )
        for page in OWN_PAGES:
            navigation.add(page)
        if settings.MAIL_FOLDER:
            navigation.add(STORED_MAILS)
        figure_sections.offer()
