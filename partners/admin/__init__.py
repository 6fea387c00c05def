"""Admin pages of the registry: each change is one call of an operation."""

from partners.admin.contacts import ContactAdmin
from partners.admin.cooperations import CooperationAdmin
from partners.admin.imports import ImportBatchAdmin
from partners.admin.partners import PartnerAdmin

__all__ = ["ContactAdmin", "CooperationAdmin", "ImportBatchAdmin", "PartnerAdmin"]
