"""All facts of one frame, each read once and only when somebody asks for it."""

from functools import cached_property

from crm.figures import (
    attribution,
    cohorts,
    derived,
    freshness,
    health,
    ladder,
    pipeline,
    promises,
    renewals,
    risks,
    steering,
    targets,
    usage,
)
from crm.figures.attribution import Credits
from crm.figures.book import Book
from crm.figures.derived import DerivedModels
from crm.figures.frame import Frame
from crm.figures.freshness import Coverage
from crm.figures.health import Healths
from crm.figures.ladder import Climbing, Funnel, Moves, Transitions
from crm.figures.pipeline import Pipeline
from crm.figures.promises import Promises
from crm.figures.renewals import Renewals
from crm.figures.retention import Kept
from crm.figures.risks import Risks
from crm.figures.steering import Steering
from crm.figures.targets import Targets
from crm.figures.usage import PartnerUse, UsageFacts
from crm.watch.queries.detectors import Lags, lags
from deals.queries.forecast import Slice
from deals.queries.realisation import Realised, realised
from partners.models import Cooperation, Partner
from partners.queries import StageStatistics, TimeInStage, times_in_stage


class Facts:
    """What is known about the partners of a frame; shared by all that tell of it."""

    def __init__(self, frame: Frame, book: Book | None = None) -> None:
        self.frame = frame
        self.book = book or Book.of(frame)

    @cached_property
    def names(self) -> dict[int, str]:
        """What each partner is called."""
        rows = Partner.objects.filter(pk__in=self.frame.partner_ids).order_by("pk")
        return dict(rows.values_list("pk", "display_name"))

    @cached_property
    def usage(self) -> UsageFacts:
        return usage.usage_facts(self.frame, self.book, self.coverage.reaching)

    @cached_property
    def partners(self) -> dict[int, PartnerUse]:
        return usage.partner_use(self.usage)

    @cached_property
    def two_years(self) -> list[Kept] | None:
        return cohorts.two_years(self.usage)

    @cached_property
    def coverage(self) -> Coverage:
        return freshness.coverage(self.frame)

    @cached_property
    def funnel(self) -> Funnel:
        return ladder.funnel(self.frame)

    @cached_property
    def transitions(self) -> Transitions:
        return ladder.transitions(self.frame)

    @property
    def moves(self) -> Moves:
        return self.transitions.moves

    @property
    def earlier_moves(self) -> Moves:
        return self.transitions.before

    @cached_property
    def statistics(self) -> list[StageStatistics]:
        return ladder.statistics(self.frame)

    @cached_property
    def climbing(self) -> Climbing:
        return ladder.climbing(self.frame, self.funnel.stages)

    @cached_property
    def pipeline(self) -> Pipeline:
        return pipeline.pipeline_facts(self.frame, self.book)

    @cached_property
    def targets(self) -> Targets:
        return targets.targets(self.frame, self.book)

    @cached_property
    def credits(self) -> Credits:
        return attribution.credits_of(self.pipeline)

    @cached_property
    def realised(self) -> list[Realised]:
        return realised(
            at=self.frame.cut_off.astimezone(self.frame.zone),
            of=Slice(partner_ids=self.frame.partner_ids),
        )

    @cached_property
    def renewals(self) -> Renewals:
        return renewals.renewals(self.frame)

    @cached_property
    def steering(self) -> Steering:
        return steering.steered(self.frame, (row.cooperation for row in self.stays))

    @cached_property
    def stays(self) -> list[TimeInStage]:
        """How each running cooperation stands in its stage."""
        seen = Cooperation.objects.filter(partner_id__in=self.frame.partner_ids)
        return times_in_stage(seen, at=self.frame.cut_off)

    @cached_property
    def lags(self) -> Lags:
        """From announcement or signature to the first AI usage, of running ones."""
        running = Cooperation.objects.running().filter(
            partner_id__in=self.frame.partner_ids
        )
        ids = list(running.order_by("pk").values_list("pk", flat=True))
        return lags(ids, today=self.frame.today)

    @cached_property
    def promises(self) -> Promises:
        return promises.promises(self.frame, self.book)

    @cached_property
    def derived(self) -> DerivedModels:
        return derived.derived_models(self.frame)

    @cached_property
    def health(self) -> Healths:
        return health.healths(self.frame, (row.cooperation for row in self.stays))

    @cached_property
    def risks(self) -> Risks:
        return risks.risks(self.frame, self.book)
