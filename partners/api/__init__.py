"""REST doors of the registry; each write is one call of an operation."""

from partners.api import (
    activities,
    contacts,
    cooperations,
    documents,
    imports,
    ladder,
    partner_acts,
    partners,
    pocs,
    proposals,
    reviews,
    risks,
    steps,
    team,
    timelines,
)

urlpatterns = [
    *partners.urlpatterns,
    *partner_acts.urlpatterns,
    *contacts.urlpatterns,
    *cooperations.urlpatterns,
    *steps.urlpatterns,
    *team.urlpatterns,
    *timelines.urlpatterns,
    *activities.urlpatterns,
    *risks.urlpatterns,
    *pocs.urlpatterns,
    *documents.urlpatterns,
    *reviews.urlpatterns,
    *proposals.urlpatterns,
    *imports.urlpatterns,
    *ladder.urlpatterns,
]
