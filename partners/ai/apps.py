"""Models, scenarios and feedback as an application of its own; what its people own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.accounts.handover import Belonging

BELONGINGS = (
    Belonging(
        model="ai.DerivedModel",
        field="owner",
        label=_("Derived models"),
        kind="derived-model.owner-changed",
        partner_field="partner_id",
        only={"retired_on__isnull": True},
    ),
    Belonging(
        model="ai.Scenario",
        field="owner",
        label=_("Scenarios"),
        kind="scenario.owner-changed",
        only={"ended_on__isnull": True},
        reassign="partners.ai.operations.handing_over.hand_over_scenarios",
    ),
    Belonging(
        model="ai.Feedback",
        field="owner",
        label=_("Feedback"),
        kind="feedback.owner-changed",
        only={"state__in": ("open", "accepted", "shipped")},
        reassign="partners.ai.operations.handing_over.hand_over_feedback",
    ),
)
"""What somebody leaves behind: it is handed over, never orphaned."""


class AiConfig(AppConfig):
    name = "partners.ai"
    label = "ai"
    verbose_name = _("Models and scenarios")

    def ready(self) -> None:
        for belonging in BELONGINGS:
            handover.register(belonging)
