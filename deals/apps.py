"""The app of deals; registers its evidence, its pages and what its people own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.accounts.handover import Belonging

OPEN_STAGES = (
    "Prospect",
    "Qualified",
    "Technical Validation",
    "Business Validation",
    "Committed",
)
BELONGINGS = (
    Belonging(
        model="deals.Agreement",
        field="owner",
        label=_("Agreements"),
        kind="agreement.owner-changed",
        partner_field="partner_id",
    ),
    Belonging(
        model="deals.Deal",
        field="owner",
        label=_("Deals"),
        kind="deal.owner-changed",
        partner_field="partner_id",
        only={"stage__in": OPEN_STAGES},
    ),
)
"""What somebody leaves behind: it is handed over, never orphaned."""


class DealsConfig(AppConfig):
    name = "deals"
    label = "deals"
    verbose_name = _("Deals")

    def ready(self) -> None:
        for belonging in BELONGINGS:
            handover.register(belonging)
