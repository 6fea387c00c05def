"""Typed makers of models, scenarios and feedback: plain rows, written directly."""

from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from partners.ai.models import (
    BaseModel,
    DerivedModel,
    Feedback,
    ModelAlias,
    ModelFamily,
    ModelParent,
    Scenario,
    ScenarioKind,
)
from partners.ai.models.pointing import columns_for
from partners.models import Cooperation, Partner
from tests import make


def base_model(name: str = "", *, family: str = "Made", **fields: Any) -> BaseModel:
    """Make a model of the catalogue, without aliases."""
    line = ModelFamily.objects.get_or_create(
        name=family, defaults={"developer": "Somebody"}
    )[0]
    number = next(make.NUMBERS)
    return BaseModel.objects.create(
        family=line,
        name=name or f"Model-{number}",
        variant=fields.pop("variant", str(number)),
        **fields,
    )


def derived_model(
    partner_: Partner | None = None, *parents: BaseModel | DerivedModel, **fields: Any
) -> DerivedModel:
    """Make a derived model in training, registered early."""
    number = next(make.NUMBERS)
    made = DerivedModel.objects.create(
        partner=partner_ or make.partner(),
        name=fields.pop("name", f"Derived {number}"),
        model_id=fields.pop("model_id", f"derived-{number}"),
        kind=fields.pop("kind", "fine_tune"),
        registered_on=make.EARLY.date(),
        lifecycle_since=make.EARLY.date(),
        **fields,
    )
    for parent in parents:
        ModelParent.objects.create(child=made, **columns_for(parent))
    return made


def alias(
    text: str,
    model: BaseModel | DerivedModel,
    *,
    kind: str = "model",
    since: date | None = None,
    until: date | None = None,
) -> ModelAlias:
    """Say which model a text of usage means."""
    return ModelAlias.objects.create(
        kind=kind, text=text, during=DateRange(since, until), **columns_for(model)
    )


def scenario_kind(name: str = "") -> ScenarioKind:
    """Make a kind of scenario."""
    number = next(make.NUMBERS)
    return ScenarioKind.objects.create(
        code=f"kind-{number}", name=name or f"Kind {number}"
    )


def scenario(cooperation_: Cooperation | None = None, **fields: Any) -> Scenario:
    """Make a planned scenario; `status="live"` makes one that went live early."""
    number = next(make.NUMBERS)
    if fields.get("status") == "live":
        fields.setdefault("live_on", make.EARLY.date())
    return Scenario.objects.create(
        cooperation=cooperation_ or make.cooperation(),
        title=fields.pop("title", f"Scenario {number}"),
        industry=fields.pop("industry", "automotive"),
        kind=fields.pop("kind", None) or scenario_kind(),
        does=fields.pop("does", "Answers drivers"),
        **fields,
    )


def feedback(
    scenario_: Scenario | None = None,
    model: BaseModel | DerivedModel | None = None,
    **fields: Any,
) -> Feedback:
    """Make open feedback, raised early."""
    number = next(make.NUMBERS)
    return Feedback.objects.create(
        scenario=scenario_ or scenario(),
        title=fields.pop("title", f"Feedback {number}"),
        raised_on=fields.pop("raised_on", make.EARLY.date()),
        raised_by=fields.pop("raised_by", None) or make.user(),
        state_at=make.EARLY,
        **columns_for(model or base_model()),
        **fields,
    )
