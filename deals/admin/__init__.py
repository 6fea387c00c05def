"""Pages of agreements and deals; each change is one call of an operation."""

from deals.admin.agreements import AgreementAdmin
from deals.admin.commitments import CommitmentAdmin
from deals.admin.contracts import ContractCommitmentAdmin
from deals.admin.deals import DealAdmin
from deals.admin.imports import DealImportAdmin
from deals.admin.stage_names import DealStageNameAdmin
from deals.admin.targets import TargetAdmin
from deals.admin.weights import DealStageWeightAdmin

__all__ = [
    "AgreementAdmin",
    "CommitmentAdmin",
    "ContractCommitmentAdmin",
    "DealAdmin",
    "DealImportAdmin",
    "DealStageNameAdmin",
    "DealStageWeightAdmin",
    "TargetAdmin",
]
