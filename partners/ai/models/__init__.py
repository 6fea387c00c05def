"""What is stored about models, scenarios and the feedback between them."""

from partners.ai.models.catalogue import (
    AliasKind,
    BaseModel,
    CountMethod,
    CountRelation,
    DerivativeCount,
    Modality,
    ModelAlias,
    ModelFamily,
)
from partners.ai.models.derived import DerivedKind, DerivedModel, ModelParent
from partners.ai.models.feedback import Feedback, FeedbackTopic, Priority
from partners.ai.models.scenario import (
    Scenario,
    ScenarioKind,
    ScenarioMeasure,
    ScenarioModel,
)

__all__ = [
    "AliasKind",
    "BaseModel",
    "CountMethod",
    "CountRelation",
    "DerivativeCount",
    "DerivedKind",
    "DerivedModel",
    "Feedback",
    "FeedbackTopic",
    "Modality",
    "ModelAlias",
    "ModelFamily",
    "ModelParent",
    "Priority",
    "Scenario",
    "ScenarioKind",
    "ScenarioMeasure",
    "ScenarioModel",
]
