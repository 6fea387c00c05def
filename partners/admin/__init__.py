"""Admin pages of the registry: each change is one call of an operation."""

from partners.admin.activities import ActionItemAdmin, ActivityAdmin
from partners.admin.contacts import ContactAdmin
from partners.admin.cooperations import CooperationAdmin
from partners.admin.imports import ImportBatchAdmin
from partners.admin.partners import PartnerAdmin

__all__ = [
    "ActionItemAdmin",
    "ActivityAdmin",
    "ContactAdmin",
    "CooperationAdmin",
    "ImportBatchAdmin",
    "PartnerAdmin",
]
