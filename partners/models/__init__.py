"""Everything the partner registry stores; import models from here."""

from partners.models.activity import (
    ActionItem,
    Activity,
    ActivityKind,
    Attachment,
    Risk,
    Side,
)
from partners.models.contact import Contact, ContactRole, CooperationContact
from partners.models.cooperation import Cooperation, CooperationType, Hold
from partners.models.gate import Approval, GateCheck, GateCriterion, Proposal, Waiver
from partners.models.imports import ImportBatch, ImportJob, ImportRow
from partners.models.partner import (
    Confidentiality,
    ExternalId,
    Lifecycle,
    Partner,
    PartnerAlias,
    PartnerDomain,
    PartnerType,
    RegistrationId,
    Segment,
    Tier,
)
from partners.models.poc import Poc, PocDecision, PocMetric
from partners.models.review import BusinessReview
from partners.models.search import PartnerSearch
from partners.models.stage import (
    StageDefinition,
    StageTransition,
    StageTransitionRule,
)

__all__ = [
    "ActionItem",
    "Activity",
    "ActivityKind",
    "Approval",
    "Attachment",
    "BusinessReview",
    "Confidentiality",
    "Contact",
    "ContactRole",
    "Cooperation",
    "CooperationContact",
    "CooperationType",
    "ExternalId",
    "GateCheck",
    "GateCriterion",
    "Hold",
    "ImportBatch",
    "ImportJob",
    "ImportRow",
    "Lifecycle",
    "Partner",
    "PartnerAlias",
    "PartnerDomain",
    "PartnerSearch",
    "PartnerType",
    "Poc",
    "PocDecision",
    "PocMetric",
    "Proposal",
    "RegistrationId",
    "Risk",
    "Segment",
    "Side",
    "StageDefinition",
    "StageTransition",
    "StageTransitionRule",
    "Tier",
    "Waiver",
]
