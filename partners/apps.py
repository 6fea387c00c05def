"""The app of partners; registers its evidence, its pages and what its people own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.accounts.handover import Belonging
from crm.journal import visibility
from crm.web import navigation
from crm.web.navigation import Group, Page
from partners import gates

EVIDENCE = {
    "field": (_("Fields filled in"), {"fields", "min_length"}),
    "field_equals": (_("Field has a value"), {"field", "value"}),
    "contact": (_("Contact with a role"), {"min_count", "roles"}),
    "sponsors": (_("Sponsors on both sides"), {"roles"}),
    "activity": (_("Logged activity"), {"kinds", "min_count", "within_days"}),
    "attachment": (_("Document attached"), {"purposes", "min_count"}),
    "linked_object": (_("Linked object in a state"), {"object", "states", "min_count"}),
    "approval": (_("Approval by a role"), {"role"}),
    "poc_decision": (_("PoC decided"), {"decision"}),
    "poc_metrics": (_("PoC metrics met"), {"min_count"}),
}
"""Kind → its name and the parameters it knows; the function of the same name looks."""


PAGES = (
    Page(
        group=Group.PORTFOLIO,
        title=_("Partners"),
        url_name="admin:partners_partner_changelist",
        icon="handshake",
        permission="partners.view_partner",
        order=10,
        summary=_("Who we work with: names, people, cooperations."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Cooperations"),
        url_name="admin:partners_cooperation_changelist",
        icon="stairs",
        permission="partners.view_cooperation",
        order=20,
        summary=_("How far each one is, and what its next gate asks for."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Contacts"),
        url_name="admin:partners_contact_changelist",
        icon="contacts",
        permission="partners.view_contact",
        order=30,
        summary=_("The people over there."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Activities"),
        url_name="admin:partners_activity_changelist",
        icon="event_note",
        permission="partners.view_activity",
        order=40,
        summary=_("What happened with whom, the latest first."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Action items"),
        url_name="admin:partners_actionitem_changelist",
        icon="checklist",
        permission="partners.view_actionitem",
        order=50,
        summary=_("What is due, on our side and on theirs."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Imports"),
        url_name="admin:partners_importbatch_changelist",
        icon="upload_file",
        permission="partners.view_importbatch",
        order=90,
        summary=_("Bring partners and contacts in from a sheet, and take them back."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Board"),
        url_name="admin:partners_cooperation_board",
        icon="view_kanban",
        permission="partners.view_cooperation",
        order=21,
        summary=_("Cooperations by stage; drag one to its next stage."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Proposals"),
        url_name="admin:partners_proposal_changelist",
        icon="lightbulb",
        permission="partners.view_proposal",
        order=22,
        summary=_("What the evidence suggests; you decide."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("PoCs"),
        url_name="admin:partners_poc_changelist",
        icon="science",
        permission="partners.view_poc",
        order=24,
        summary=_("Proofs under way: metrics, credits, decisions."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Business reviews"),
        url_name="admin:partners_businessreview_changelist",
        icon="reviews",
        permission="partners.view_businessreview",
        order=55,
        summary=_("When both sides looked at the whole, and when the next is due."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Risks"),
        url_name="admin:partners_risk_changelist",
        icon="warning",
        permission="partners.view_risk",
        order=60,
        summary=_("What may go wrong, and what is done about it."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Documents"),
        url_name="admin:partners_attachment_changelist",
        icon="attach_file",
        permission="partners.view_attachment",
        order=65,
        summary=_("What was attached to partners and cooperations."),
    ),
    Page(
        group=Group.ADMINISTRATION,
        title=_("Stages"),
        url_name="admin:partners_stagedefinition_changelist",
        icon="stairs_2",
        permission="partners.change_stagedefinition",
        order=30,
        summary=_("The ladder: what a stage means and how long it may take."),
    ),
    Page(
        group=Group.ADMINISTRATION,
        title=_("Steps and gates"),
        url_name="admin:partners_stagetransitionrule_changelist",
        icon="door_open",
        permission="partners.change_stagetransitionrule",
        order=31,
        summary=_("Which steps are allowed, who approves, what each gate asks for."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Gate checks"),
        url_name="admin:partners_gatecheck_changelist",
        icon="fact_check",
        permission="partners.view_gatecheck",
        order=70,
        summary=_("Every look at every criterion, with what it saw."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Waivers"),
        url_name="admin:partners_waiver_changelist",
        icon="gavel",
        permission="partners.view_waiver",
        order=71,
        summary=_("What was let off, by whom and why."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Approvals"),
        url_name="admin:partners_approval_changelist",
        icon="approval",
        permission="partners.view_approval",
        order=72,
        summary=_("Who said yes to which step."),
    ),
    Page(
        group=Group.PORTFOLIO,
        title=_("Holds"),
        url_name="admin:partners_hold_changelist",
        icon="pause_circle",
        permission="partners.view_hold",
        order=73,
        summary=_("When cooperations rested, and why."),
    ),
)


BELONGINGS = (
    Belonging(
        model="partners.Partner",
        field="owner",
        label=_("Partners"),
        kind="partner.owner-changed",
        partner_field="pk",
        only={"archived_at__isnull": True},
    ),
    Belonging(
        model="partners.Partner",
        field="our_sponsor",
        label=_("Partners sponsored"),
        kind="partner.sponsor-changed",
        partner_field="pk",
        only={"archived_at__isnull": True},
    ),
    Belonging(
        model="partners.Cooperation",
        field="owner",
        label=_("Cooperations"),
        kind="cooperation.owner-changed",
        partner_field="partner_id",
        only={"closed_at__isnull": True},
    ),
    Belonging(
        model="partners.Cooperation",
        field="our_sponsor",
        label=_("Cooperations sponsored"),
        kind="cooperation.sponsor-changed",
        partner_field="partner_id",
        only={"closed_at__isnull": True},
    ),
    Belonging(
        model="partners.ActionItem",
        field="owner",
        label=_("Action items"),
        kind="action-item.owner-changed",
        partner_field="partner_id",
        only={"status": "open"},
    ),
    Belonging(
        model="partners.Risk",
        field="owner",
        label=_("Risks"),
        kind="risk.owner-changed",
        partner_field="partner_id",
        only={"status": "open"},
    ),
)
"""What somebody leaves behind: it is handed over, never orphaned."""


class PartnersConfig(AppConfig):
    name = "partners"
    label = "partners"
    verbose_name = _("Portfolio")

    def ready(self) -> None:
        from partners.queries import evidence  # noqa: PLC0415  needs loaded models

        for kind, (name, parameters) in EVIDENCE.items():
            gates.register(
                kind,
                getattr(evidence, kind),
                name=name,
                parameters=frozenset(parameters),
            )
        for page in PAGES:
            navigation.add(page)
        for belonging in BELONGINGS:
            handover.register(belonging)
        visibility.provide("partners.queries.entries.of_partners_seen")
