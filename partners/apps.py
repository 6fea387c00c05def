"""The app of partners; registers the evidence it can give and what its people own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

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
