"""Everything this package stores; import models from here."""

from deals.models.agreement import Agreement
from deals.models.commitment import (
    Commitment,
    CommitmentEligibility,
    CommitmentMilestone,
)
from deals.models.contract import (
    ContractApplication,
    ContractCommitment,
    ContractReading,
)
from deals.models.deal import Deal
from deals.models.imports import (
    DealImport,
    DealImportJob,
    DealImportRow,
    DealStageName,
)
from deals.models.ledger import (
    CommitmentAmendment,
    DrawdownEntry,
    DrawdownState,
    EntryKind,
)
from deals.models.paper import (
    AgreementReminder,
    AgreementStatusChange,
    AgreementVersion,
)
from deals.models.parts import (
    AttributionCredit,
    DealExternalId,
    DealLine,
    DealSnapshot,
    DealStageChange,
    DealStageWeight,
)
from deals.models.reminder import CommitmentReminder
from deals.models.target import Metric, Target

__all__ = [
    "Agreement",
    "AgreementReminder",
    "AgreementStatusChange",
    "AgreementVersion",
    "AttributionCredit",
    "Commitment",
    "CommitmentAmendment",
    "CommitmentEligibility",
    "CommitmentMilestone",
    "CommitmentReminder",
    "ContractApplication",
    "ContractCommitment",
    "ContractReading",
    "Deal",
    "DealExternalId",
    "DealImport",
    "DealImportJob",
    "DealImportRow",
    "DealLine",
    "DealSnapshot",
    "DealStageChange",
    "DealStageName",
    "DealStageWeight",
    "DrawdownEntry",
    "DrawdownState",
    "EntryKind",
    "Metric",
    "Target",
]
