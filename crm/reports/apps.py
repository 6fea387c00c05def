from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "crm.reports"
    label = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from crm.reports import partner_sections, sections  # noqa: PLC0415  # models are loaded only now

        sections.add(
            "portfolio", title=_("Portfolio"), build=partner_sections.portfolio
        )
        sections.add("changes", title=_("What changed"), build=partner_sections.changes)
        sections.add(
            "next-steps", title=_("Next 30 days"), build=partner_sections.next_steps
        )
