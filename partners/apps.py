"""The app of partners; registers its evidence, its pages and what its people own."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models import Q
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
        visibility.provide("partners.apps.entries_of_partners_seen")


def entries_of_partners_seen(user: Any) -> Q:
    """Return the condition of journal entries about partners this person may see."""
    partners: Any = apps.get_model("partners", "Partner")
    return Q(partner_id__in=partners.objects.visible_to(user).values("pk"))
