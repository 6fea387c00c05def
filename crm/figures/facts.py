"""All facts of one frame, each read once and only when somebody asks for it."""

from functools import cached_property

from crm.figures import (
    derived,
    freshness,
    ladder,
    pipeline,
    promises,
    risks,
    usage,
)
from crm.figures.derived import DerivedModels
from crm.figures.frame import Frame
from crm.figures.freshness import Coverage
from crm.figures.ladder import Climbing, Funnel, Moves
from crm.figures.pipeline import Pipeline
from crm.figures.promises import Promises
from crm.figures.risks import Risks
from crm.figures.usage import PartnerUse, UsageFacts
from partners.queries import StageStatistics


class Facts:
    """What is known about the partners of a frame; shared by all that tell of it."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    @cached_property
    def earlier(self) -> "Facts":
        """The facts of the period right before, as they are known now."""
        return Facts(self.frame.before())

    @cached_property
    def usage(self) -> UsageFacts:
        return usage.usage_facts(self.frame)

    @cached_property
    def partners(self) -> dict[int, PartnerUse]:
        return usage.partner_use(self.usage)

    @cached_property
    def coverage(self) -> Coverage:
        return freshness.coverage(self.frame)

    @cached_property
    def funnel(self) -> Funnel:
        return ladder.funnel(self.frame)

    @cached_property
    def moves(self) -> Moves:
        return ladder.moves(self.frame)

    @cached_property
    def earlier_moves(self) -> Moves:
        return ladder.move_counts(self.frame.before())

    @cached_property
    def statistics(self) -> list[StageStatistics]:
        return ladder.statistics(self.frame)

    @cached_property
    def climbing(self) -> Climbing:
        return ladder.climbing(self.frame, self.funnel.stages)

    @cached_property
    def pipeline(self) -> Pipeline:
        return pipeline.pipeline_facts(self.frame)

    @cached_property
    def promises(self) -> Promises:
        return promises.promises(self.frame)

    @cached_property
    def derived(self) -> DerivedModels:
        return derived.derived_models(self.frame)

    @cached_property
    def risks(self) -> Risks:
        return risks.risks(self.frame)
