"""Pages of models, scenarios and feedback: each change is one call of an operation."""

from partners.ai.admin.aliases import ModelAliasAdmin
from partners.ai.admin.catalogue import (
    BaseModelAdmin,
    DerivativeCountAdmin,
    ModelFamilyAdmin,
    ScenarioKindAdmin,
)
from partners.ai.admin.derived import DerivedModelAdmin
from partners.ai.admin.feedback import FeedbackAdmin
from partners.ai.admin.scenarios import ScenarioAdmin

__all__ = [
    "BaseModelAdmin",
    "DerivativeCountAdmin",
    "DerivedModelAdmin",
    "FeedbackAdmin",
    "ModelAliasAdmin",
    "ModelFamilyAdmin",
    "ScenarioAdmin",
    "ScenarioKindAdmin",
]
