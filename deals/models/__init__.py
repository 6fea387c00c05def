"""Everything this package stores; import models from here."""

from deals.models.agreement import Agreement
from deals.models.deal import Deal
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

__all__ = [
    "Agreement",
    "AgreementReminder",
    "AgreementStatusChange",
    "AgreementVersion",
    "AttributionCredit",
    "Deal",
    "DealExternalId",
    "DealLine",
    "DealSnapshot",
    "DealStageChange",
    "DealStageWeight",
]
