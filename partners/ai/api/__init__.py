"""REST doors of models and scenarios; each write is one call of an operation."""

from partners.ai.api import catalogue, derived, feedback, figures, scenarios

urlpatterns = [
    *catalogue.urlpatterns,
    *derived.urlpatterns,
    *scenarios.urlpatterns,
    *feedback.urlpatterns,
    *figures.urlpatterns,
]
