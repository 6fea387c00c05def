"""What the page of a model shows: who uses it, how much, with which growth, and what waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from crm.accounts.models import User
from partners.ai.models import (
    BaseModel,
    DerivativeCount,
    DerivedModel,
    Feedback,
    ModelAlias,
    ModelParent,
    Scenario,
)
from partners.ai.models.pointing import AnyModel
from partners.ai.queries.figures import PartnerUse, Week, use_of
from partners.models import Partner

M = TypeVar("M", BaseModel, DerivedModel)

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
    until: date


@dataclass(frozen=True, kw_only=True)
class AliasLine:
    """What usage calls a model, and on which charge days; the end is excluded, None is open."""

    pk: int
    kind: str
    text: str
    since: date | None
    until: date | None


@dataclass(frozen=True, kw_only=True)
class CountLine:
    """How many public derivatives of the family a source counted on a day."""

    counted_on: date
    count: int
    is_at_least: bool
    method: str
    source: str


@dataclass(frozen=True, kw_only=True)
class ParentLine:
    """One model that a derived model comes from; without a key where it is out of sight."""

    pk: int | None
    name: str
    is_base: bool


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The short lists that are read with the row of a model."""

    aliases: tuple[AliasLine, ...] = ()
    counts: tuple[CountLine, ...] = ()
    parents: tuple[ParentLine, ...] = ()


def seen_partners(user: User) -> QuerySet[Partner]:
    """Return the partners over which this person may see sums."""
    return Partner.objects.visible_to(user)


def seen_partner_ids(user: User) -> list[int]:
    """Return the keys of the partners over which this person may see sums; one query."""
    return list(seen_partners(user).values_list("pk", flat=True))


def with_lines(rows: QuerySet[M], *, user: User) -> QuerySet[M]:
    """Return models, each with the names and short lists of its page; see `lines_of`."""
    if issubclass(rows.model, BaseModel):
        counts = DerivativeCount.objects.filter(family=OuterRef("family"))
        return rows.select_related("family").annotate(
            alias_lines=_aliases("base"),
            count_lines=ArraySubquery(
                counts.order_by("-counted_on", "pk").values(
                    line=JSONObject(**{name: name for name in COUNTED})
                )
            ),
        )
    seen = DerivedModel.objects.visible_to(user)
    parents = ModelParent.objects.filter(child=OuterRef("pk")).annotate(
        is_seen=Exists(seen.filter(pk=OuterRef("derived")))
    )
    return rows.select_related("partner", "cooperation", "owner").annotate(
        alias_lines=_aliases("derived"),
        parent_lines=ArraySubquery(
            parents.order_by("pk").values(
                line=JSONObject(
                    base="base",
                    base_name="base__name",
                    derived="derived",
                    derived_name="derived__name",
                    is_seen="is_seen",
                )
            )
        ),
    )


def lines_of(model: AnyModel) -> Lines:
    """Return the short lists of a model that came from `with_lines`; no query."""
    read = vars(model)
    return Lines(
        aliases=tuple(
            AliasLine(**{**line, **_days(line, "since", "until")})
            for line in read["alias_lines"]
        ),
        counts=tuple(
            CountLine(**{**line, **_days(line, "counted_on")})
            for line in read.get("count_lines", ())
        ),
        parents=tuple(_parent(line) for line in read.get("parent_lines", ())),
    )


def model_page(model: AnyModel, *, user: User, until: date) -> ModelPage:
    """Return the page of a base or derived model; four queries.

    :param until: day after the last one of the window of 28 days.
    """
    partners, weeks = use_of(model, partners=seen_partners(user), until=until)
    return ModelPage(
        partners=partners,
        weeks=weeks,
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


COUNTED = ("counted_on", "count", "is_at_least", "method", "source")


def _aliases(column: str) -> ArraySubquery:
    rows = ModelAlias.objects.filter(**{column: OuterRef("pk")})
    return ArraySubquery(
        rows.order_by("text", "pk").values(
            line=JSONObject(
                pk="pk",
                kind="kind",
                text="text",
                since="during__startswith",
                until="during__endswith",
            )
        )
    )


def _parent(line: Mapping[str, Any]) -> ParentLine:
    if line["base"] is not None:
        return ParentLine(pk=line["base"], name=line["base_name"], is_base=True)
    if not line["is_seen"]:
        return ParentLine(pk=None, name="", is_base=False)
    return ParentLine(pk=line["derived"], name=line["derived_name"], is_base=False)


def _days(line: Mapping[str, Any], *names: str) -> dict[str, date | None]:
    return {
        name: date.fromisoformat(line[name]) if line[name] else None for name in names
    }


def _points_to(model: AnyModel, prefix: str = "") -> Q:
    key = "derived" if isinstance(model, DerivedModel) else "base"
    where: dict[str, Any] = {f"{prefix}{key}": model.pk}
    return Q(**where)
