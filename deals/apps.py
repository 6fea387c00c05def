"""The app of deals; registers its evidence, its pages and what its people own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.accounts.handover import Belonging
from crm.web import navigation
from crm.web.navigation import Group, Page
from partners import freezing, gates, happenings

EVIDENCE = {
    "agreement": (_("Agreement in a state"), {"types", "states"}),
    "deal": (_("Deal in a state"), {"types", "states"}),
}
"""Kind → its name and the parameters it knows; the function of the same name looks."""

COMMITMENT_EVIDENCE = {
    "commitment": (_("Commitment recorded"), {"kinds", "min_count"}),
    "commitments_settled": (_("No commitment open"), set[str]()),
}
"""As above, of commitments; the cooperation itself says that there is explicitly none."""

COMMITMENT_PAGES = (
    Page(
        group=Group.DEALS,
        title=_("Commitments"),
        url_name="admin:deals_commitment_changelist",
        icon="contract",
        permission="deals.view_commitment",
        order=35,
        summary=_("What was promised, how fast it is drawn, and what will lack."),
    ),
    Page(
        group=Group.DEALS,
        title=_("Forecast"),
        url_name="admin:deals_forecast",
        icon="monitoring",
        permission="deals.view_deal",
        order=40,
        summary=_("What is likely to be won, and how right we were before."),
    ),
    Page(
        group=Group.DEALS,
        title=_("Targets"),
        url_name="admin:deals_target_changelist",
        icon="flag",
        permission="deals.view_target",
        order=50,
        summary=_("What teams, owners and regions shall reach."),
    ),
    Page(
        group=Group.DEALS,
        title=_("FOCUS commitments"),
        url_name="admin:deals_contractcommitment_changelist",
        icon="receipt_long",
        permission="deals.view_contractcommitment",
        order=60,
        summary=_("Commitments as billing exports tell them, beside ours."),
    ),
)

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
    Belonging(
        model="deals.Commitment",
        field="owner",
        label=_("Commitments"),
        kind="commitment.owner-changed",
        partner_field="partner_id",
        only={"status__in": ("scheduled", "active")},
    ),
)
"""What somebody leaves behind: it is handed over, never orphaned."""


PAGES = (
    Page(
        group=Group.DEALS,
        title=_("Board"),
        url_name="admin:deals_deal_board",
        icon="view_kanban",
        permission="deals.view_deal",
        order=10,
        summary=_("What is being sold, by stage."),
    ),
    Page(
        group=Group.DEALS,
        title=_("Deals"),
        url_name="admin:deals_deal_changelist",
        icon="sell",
        permission="deals.view_deal",
        order=20,
        summary=_("Every deal, with the total of what is filtered."),
    ),
    Page(
        group=Group.DEALS,
        title=_("Agreements"),
        url_name="admin:deals_agreement_changelist",
        icon="contract",
        permission="deals.view_agreement",
        order=30,
        summary=_("What is on paper, who signed it, and when it runs out."),
    ),
    Page(
        group=Group.DEALS,
        title=_("Imports of deals"),
        url_name="admin:deals_dealimport_changelist",
        icon="upload_file",
        permission="deals.add_dealimport",
        order=70,
        summary=_("Exports of Salesforce and HubSpot: looked at first, then done."),
    ),
    Page(
        group=Group.ADMINISTRATION,
        title=_("Stage names"),
        url_name="admin:deals_dealstagename_changelist",
        icon="translate",
        permission="deals.change_dealstagename",
        order=61,
        summary=_("What other systems call the stages of deals."),
    ),
    Page(
        group=Group.ADMINISTRATION,
        title=_("Stages of deals"),
        url_name="admin:deals_dealstageweight_changelist",
        icon="percent",
        permission="deals.change_dealstageweight",
        order=60,
        summary=_("How surely a deal of each stage counts."),
    ),
)


HAPPENINGS = {
    "agreement.drafted": _("Agreement drafted"),
    "agreement.edited": _("Agreement changed"),
    "agreement.amended": _("Agreement amended"),
    "agreement.signed": _("Agreement signed"),
    "agreement.status-moved": _("Status of the agreement moved"),
    "agreement.version-added": _("Version of the agreement added"),
    "agreement.notice-given": _("Notice given"),
    "agreement.renewed": _("Agreement renewed"),
    "agreement.ended": _("Agreement ended"),
    "agreement.owner-changed": _("Owner of the agreement changed"),
    "deal.opened": _("Deal opened"),
    "deal.edited": _("Deal changed"),
    "deal.lines-set": _("Lines of the deal set"),
    "deal.stage-moved": _("Stage of the deal moved"),
    "deal.forecast-overridden": _("Forecast of the deal overridden"),
    "deal.override-ended": _("Override of the forecast ended"),
    "deal.credit-given": _("Credit for the deal given"),
    "deal.credit-withdrawn": _("Credit for the deal withdrawn"),
    "deal.won": _("Deal won"),
    "deal.lost": _("Deal lost"),
    "deal.reopened": _("Deal reopened"),
    "deal.removed": _("Deal removed"),
    "deal.owner-changed": _("Owner of the deal changed"),
    "commitment.recorded": _("Commitment recorded"),
    "commitment.edited": _("Commitment changed"),
    "commitment.amended": _("Commitment amended"),
    "commitment.begun": _("Commitment begun"),
    "commitment.drawn": _("Usage drew on the commitment"),
    "commitment.milestone-reached": _("Milestone reached"),
    "commitment.milestone-missed": _("Milestone missed"),
    "commitment.settled": _("Commitment settled"),
    "commitment.ended": _("Commitment ended"),
    "commitment.cancelled": _("Commitment cancelled"),
    "commitment.owner-changed": _("Owner of the commitment changed"),
    "contract-commitment.imported": _("FOCUS commitment imported"),
    "contract-commitment.changed": _("FOCUS commitment changed"),
    "contract-commitment.linked": _("FOCUS commitment linked to ours"),
}
"""What entries of the journal are called in timelines."""


class DealsConfig(AppConfig):
    name = "deals"
    label = "deals"
    verbose_name = _("Deals")

    def ready(self) -> None:
        happenings.name_kinds(HAPPENINGS)
        from deals.queries import (  # noqa: PLC0415  needs loaded models
            commitment_evidence,
            evidence,
        )

        for room, kinds in (
            (evidence, EVIDENCE),
            (commitment_evidence, COMMITMENT_EVIDENCE),
        ):
            for kind, (name, parameters) in kinds.items():
                gates.register(
                    kind,
                    getattr(room, kind),
                    name=name,
                    parameters=frozenset(parameters),
                )
        freezing.register("deals.operations.amendments.frozen_by_frameworks")
        for page in (*PAGES, *COMMITMENT_PAGES):
            navigation.add(page)
        for belonging in BELONGINGS:
            handover.register(belonging)
