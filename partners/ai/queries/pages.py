"""What the page of a model shows: who uses it, how much, with which growth, and what waits."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from crm.accounts.models import User
from partners.ai.models import (
    BaseModel,
    DerivativeCount,
    DerivedModel,
    Feedback,
    ModelParent,
    Scenario,
)
from partners.ai.models.pointing import AnyModel
from partners.ai.queries.figures import (
    PartnerUse,
    Week,
    use_by_partner,
    use_by_week,
)
from partners.models import Partner

MOST = 50
BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT child_id FROM ai_modelparent WHERE {0}_id = %s
    UNION
    SELECT p.child_id FROM ai_modelparent p JOIN below b ON p.derived_id = b.id
) SELECT id FROM below
"""


@dataclass(frozen=True, kw_only=True)
class ModelPage:
    """One model with everything about it that this reader may see."""

    partners: list[PartnerUse]
    weeks: list[Week]
    derivatives: list[DerivedModel]
    """Direct ones have `is_direct`; those of derivatives are among them."""
    feedback: list[Feedback]
    scenarios: list[Scenario]
    counts: list[DerivativeCount]
    until: date


def seen_partner_ids(user: User) -> list[int]:
    """Return the partners over which this person may see sums; one query."""
    return list(Partner.objects.visible_to(user).values_list("pk", flat=True))


def model_page(model: AnyModel, *, user: User, until: date) -> ModelPage:
    """Return the page of a base or derived model; seven queries at most.

    :param until: day after the last one of the window of 28 days.
    """
    partner_ids = seen_partner_ids(user)
    return ModelPage(
        partners=use_by_partner(model, partner_ids=partner_ids, until=until),
        weeks=use_by_week(model, partner_ids=partner_ids, until=until),
        derivatives=list(derivatives_of(model, user=user)[:MOST]),
        feedback=list(
            Feedback.objects.visible_to(user)
            .filter(_points_to(model))
            .waiting()
            .with_names()
            .urgent_first()[:MOST]
        ),
        scenarios=list(
            Scenario.objects.visible_to(user)
            .filter(_points_to(model, "models__"))
            .select_related("cooperation__partner", "kind")
            .order_by("status", "title", "pk")[:MOST]
        ),
        counts=counts_of(model),
        until=until,
    )


def derivatives_of(model: AnyModel, *, user: User) -> QuerySet[DerivedModel]:
    """Return all that descends from a model, over any number of generations; one query."""
    key = "derived" if isinstance(model, DerivedModel) else "base"
    direct = ModelParent.objects.filter(child=OuterRef("pk"), **{key: model})
    rows = DerivedModel.objects.visible_to(user)
    return (
        rows.filter(pk__in=RawSQL(BELOW.format(key), [model.pk]))  # noqa: S611  the column is one of two
        .select_related("partner", "owner")
        .annotate(is_direct=Exists(direct))
        .order_by("partner__display_name", "name", "pk")
    )


def counts_of(model: AnyModel) -> list[DerivativeCount]:
    """Return the public counts of a model's family, latest first; none of derived ones."""
    if not isinstance(model, BaseModel):
        return []
    rows = DerivativeCount.objects.filter(family=model.family_id)
    return list(rows.order_by("-counted_on", "pk"))


def _points_to(model: AnyModel, prefix: str = "") -> Q:
    key = "derived" if isinstance(model, DerivedModel) else "base"
    where: dict[str, Any] = {f"{prefix}{key}": model.pk}
    return Q(**where)
