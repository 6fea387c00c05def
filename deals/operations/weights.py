"""Probability and forecast category of the stages: data that an administrator edits."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core import versions
from crm.journal import operations as journal
from deals.models import Deal, DealStageWeight
from deals.operations.deals import DealInputError
from deals.pipeline import OPEN, ForecastCategory
from partners.operations.locks import lock


@transaction.atomic
def revise_weight(
    *,
    weight: DealStageWeight,
    probability: int,
    category: str,
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> DealStageWeight:
    """Set what a stage is worth; open deals in it follow unless they are overridden.

    :raises DealInputError: outside 0 to 100 percent, or when an open stage would count as
        closed.
    """
    locked = lock(weight, expected_version=expected_version)
    if not 0 <= probability <= 100:
        raise DealInputError(_("A probability goes from 0 to 100 percent."))
    if (category == ForecastCategory.CLOSED) != (
        locked.category == ForecastCategory.CLOSED
    ):
        raise DealInputError(_("Closed is the category of won deals, and only theirs."))
    old = {"probability": locked.probability, "category": locked.category}
    new = {"probability": probability, "category": category}
    versions.advance(locked, expected=None, **new)
    followed = Deal.objects.filter(
        stage=locked.stage, stage__in=OPEN, overridden_at__isnull=True
    ).update(**new)
    journal.record(
        kind="deal-stage.revised",
        subject=locked,
        by=by,
        at=at,
        old=old,
        new={**new, "deals": followed},
    )
    return locked
