from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.web import navigation

PAGES = (
    (_("Reports"), "reportdefinition", "summarize"),
    (_("Subscriptions"), "reportsubscription", "subscriptions"),
    (_("Frozen reports"), "reportrun", "lab_profile"),
    (_("Deliveries"), "reportdelivery", "outgoing_mail"),
    (_("Suppressed addresses"), "suppression", "unsubscribe"),
    (_("Sending"), "sendingplace", "send"),
)


class ReportsConfig(AppConfig):
    name = "crm.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from crm.reports import figure_sections  # noqa: PLC0415  # models are loaded only now

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
        figure_sections.offer()
