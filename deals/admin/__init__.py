"""Pages of agreements and deals; each change is one call of an operation."""

from deals.admin.agreements import AgreementAdmin
from deals.admin.deals import DealAdmin
from deals.admin.weights import DealStageWeightAdmin

__all__ = ["AgreementAdmin", "DealAdmin", "DealStageWeightAdmin"]
