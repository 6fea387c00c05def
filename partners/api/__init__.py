"""REST doors of the registry; each write is one call of an operation."""

from partners.api import contacts, cooperations, ladder, partner_acts, partners, steps

urlpatterns = [
    *partners.urlpatterns,
    *partner_acts.urlpatterns,
    *contacts.urlpatterns,
    *cooperations.urlpatterns,
    *steps.urlpatterns,
    *ladder.urlpatterns,
]
