"""Models, scenarios and feedback as an application of its own; what its people own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.accounts.handover import Belonging
from crm.web import navigation
from crm.web.navigation import Group, Page
from partners import happenings

PAGES = (
    Page(
        group=Group.MODELS,
        title=_("Coverage map"),
        url_name="admin:ai_coverage",
        icon="grid_on",
        permission="ai.view_scenario",
        order=10,
        summary=_("Industries and kinds of scenarios: live, planned, still empty."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Scenarios"),
        url_name="admin:ai_scenario_changelist",
        icon="explore",
        permission="ai.view_scenario",
        order=20,
        summary=_("What models really do at partners, and what that is worth."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Feedback"),
        url_name="admin:ai_feedback_board",
        icon="feedback",
        permission="ai.view_feedback",
        order=30,
        summary=_("What scenarios ask of models, until the partner has verified it."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Base models"),
        url_name="admin:ai_basemodel_changelist",
        icon="memory",
        permission="ai.view_basemodel",
        order=40,
        summary=_("Who uses which model, how much, and what waits for it."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Derived models"),
        url_name="admin:ai_derivedmodel_changelist",
        icon="account_tree",
        permission="ai.view_derivedmodel",
        order=50,
        summary=_("What partners made of models, and how far it is."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Model families"),
        url_name="admin:ai_modelfamily_changelist",
        icon="family_history",
        permission="ai.view_modelfamily",
        order=60,
        summary=_("Lines of models, and how many derivatives the public counts."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Model aliases"),
        url_name="admin:ai_modelalias_changelist",
        icon="link",
        permission="ai.view_modelalias",
        order=70,
        summary=_("Which model a text of usage means, and what means none yet."),
    ),
    Page(
        group=Group.MODELS,
        title=_("Scenario kinds"),
        url_name="admin:ai_scenariokind_changelist",
        icon="category",
        permission="ai.change_scenariokind",
        order=80,
        summary=_("The columns of the coverage map."),
    ),
)

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


HAPPENINGS = {
    "scenario.planned": _("Scenario planned"),
    "scenario.edited": _("Scenario changed"),
    "scenario.started": _("Scenario went live"),
    "scenario.ended": _("Scenario ended"),
    "scenario.measured": _("Value of the scenario measured"),
    "scenario.model-added": _("Model added to the scenario"),
    "scenario.model-removed": _("Model taken from the scenario"),
    "scenario.owner-changed": _("Owner of the scenario changed"),
    "feedback.raised": _("Feedback raised"),
    "feedback.edited": _("Feedback changed"),
    "feedback.accepted": _("Feedback accepted"),
    "feedback.declined": _("Feedback declined"),
    "feedback.shipped": _("Feedback shipped in a version"),
    "feedback.verified": _("Feedback verified by the partner"),
    "feedback.reopened": _("Feedback reopened"),
    "feedback.owner-changed": _("Owner of the feedback changed"),
    "derived-model.registered": _("Derived model registered"),
    "derived-model.edited": _("Derived model changed"),
    "derived-model.moved": _("Derived model moved on"),
    "derived-model.parent-added": _("Origin of the derived model added"),
    "derived-model.parent-removed": _("Origin of the derived model taken away"),
    "derived-model.owner-changed": _("Owner of the derived model changed"),
    "model-alias.mapped": _("Alias of a model mapped"),
    "model-alias.ended": _("Alias of a model ended"),
    "model-alias.removed": _("Alias of a model taken back"),
}
"""What entries of the journal are called in timelines."""


class AiConfig(AppConfig):
    name = "partners.ai"
    label = "ai"
    verbose_name = _("Models and scenarios")

    def ready(self) -> None:
        happenings.name_kinds(HAPPENINGS)
        for belonging in BELONGINGS:
            handover.register(belonging)
        for page in PAGES:
            navigation.add(page)
