"""Admin pages of the registry: each change is one call of an operation."""

from partners.admin.activities import ActionItemAdmin, ActivityAdmin
from partners.admin.contacts import ContactAdmin
from partners.admin.cooperations import CooperationAdmin
from partners.admin.documents import AttachmentAdmin
from partners.admin.imports import ImportBatchAdmin
from partners.admin.ladder import StageDefinitionAdmin, StageTransitionRuleAdmin
from partners.admin.partners import PartnerAdmin
from partners.admin.pocs import PocAdmin
from partners.admin.proposals import ProposalAdmin
from partners.admin.records import (
    ApprovalAdmin,
    GateCheckAdmin,
    HoldAdmin,
    WaiverAdmin,
)
from partners.admin.reviews import BusinessReviewAdmin
from partners.admin.risks import RiskAdmin

__all__ = [
    "ActionItemAdmin",
    "ActivityAdmin",
    "ApprovalAdmin",
    "AttachmentAdmin",
    "BusinessReviewAdmin",
    "ContactAdmin",
    "CooperationAdmin",
    "GateCheckAdmin",
    "HoldAdmin",
    "ImportBatchAdmin",
    "PartnerAdmin",
    "PocAdmin",
    "ProposalAdmin",
    "RiskAdmin",
    "StageDefinitionAdmin",
    "StageTransitionRuleAdmin",
    "WaiverAdmin",
]
