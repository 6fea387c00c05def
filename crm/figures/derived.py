"""Facts of derivative models: how many there are, what is new, what they serve."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from crm.figures.frame import Frame
from partners.ai.models import DerivedModel
from partners.ai.queries.shares import derived_shares

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class DerivedModels:
    """Models that partners made from ours.

    :ivar count: registered and not retired at T; of those in production, and new in
        the period.
    :ivar tokens: all tokens of the partners in 28 days; `served` those of derived models.
    """

    count: int
    new: int
    in_production: int
    tokens: Decimal
    served: Decimal

    @property
    def token_share(self) -> Decimal | None:
        """Tokens that derived models serve ÷ all tokens; None where none was used."""
        return self.served / self.tokens if self.tokens > 0 else None


def derived_models(frame: Frame) -> DerivedModels:
    """Read the derived models of a frame; two queries."""
    last = frame.after
    there = Q(registered_on__lt=last) & (
        Q(retired_on__isnull=True) | Q(retired_on__gte=last)
    )
    counts = DerivedModel.objects.filter(partner_id__in=frame.partner_ids).aggregate(
        count=Count("pk", filter=there),
        new=Count(
            "pk", filter=Q(registered_on__gte=frame.first, registered_on__lt=last)
        ),
        in_production=Count("pk", filter=there & Q(production_on__lt=last)),
    )
    shares = derived_shares(frame.partner_ids, until=last).values()
    return DerivedModels(
        **counts,
        tokens=sum((each.tokens for each in shares), ZERO),
        served=sum((each.derived for each in shares), ZERO),
    )
