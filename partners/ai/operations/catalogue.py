"""Keep the catalogue: families, base models, scenario kinds, public counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.core.errors import DomainError
from partners.ai import identity
from partners.ai.models import (
    AliasKind,
    BaseModel,
    DerivativeCount,
    ModelAlias,
    ModelFamily,
    ScenarioKind,
)
from partners.ai.operations.aliases import ALWAYS
from partners.ai.operations.guarding import refusing
from partners.operations.changes import Act, change, check_fields
from partners.operations.locks import lock

FAMILY = ("name", "developer", "notes")
BASE = (
    "family", "name", "generation", "variant", "snapshot", "modality", "is_open",
    "released_on", "retired_on", "notes",
)  # fmt: skip
KIND = ("code", "name", "local_name", "order", "is_active")
COUNT = (
    "counted_on", "is_approximate_day", "count", "is_at_least", "method", "relation",
    "source", "source_url",
)  # fmt: skip
WORDS = {
    "modelfamily_name_once": _("There is a family of this name already."),
    "modelfamily_has_name": _("A family needs a name."),
    "basemodel_name_once": _("There is a model of this name already."),
    "basemodel_has_name": _("A model needs a name."),
    "basemodel_place_once": _(
        "The family has a model of this version, variant and snapshot already."
    ),
    "basemodel_retired_after_release": _("It cannot be retired before its release."),
    "scenariokind_name_once": _("There is a kind of this name already."),
    "ai_scenariokind_code_key": _("There is a kind of this code already."),
    "scenariokind_has_name": _("A kind needs a name."),
    "derivativecount_once": _(
        "This source has a count of that day and method already."
    ),
    "derivativecount_names_its_source": _("Say where the count comes from."),
}


class CatalogueRefusedError(DomainError):
    """The catalogue cannot be changed like this."""

    code = "catalogue.refused"


@transaction.atomic
def register_family(
    *, values: Mapping[str, Any], by: User, at: datetime
) -> ModelFamily:
    """Bring a family of models in.

    :raises CatalogueRefusedError: for a name that is missing or taken.
    """
    check_fields(values, FAMILY)
    with refusing(WORDS, CatalogueRefusedError):
        family = ModelFamily.objects.create(**values)
    Act(by, at, None).record("model-family.registered", family, new=values)
    return family


@transaction.atomic
def edit_family(
    *,
    family: ModelFamily,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> ModelFamily:
    """Change what is given of a family.

    :raises CatalogueRefusedError: for a name that is missing or taken.
    """
    check_fields(values, FAMILY)
    fresh = lock(family, expected_version=expected_version)
    with refusing(WORDS, CatalogueRefusedError):
        change(fresh, values, kind="model-family.edited", act=Act(by, at, None))
    return fresh


@transaction.atomic
def register_base_model(
    *, values: Mapping[str, Any], by: User, at: datetime
) -> BaseModel:
    """Bring a model in; usage that calls it by its own name finds it from then on.

    :raises CatalogueRefusedError: for a name or place in the family that is taken.
    """
    check_fields(values, BASE)
    with refusing(WORDS, CatalogueRefusedError):
        model = BaseModel.objects.create(**values)
    Act(by, at, None).record("base-model.registered", model, new=values)
    text = identity.plain(model.name)
    known = ModelAlias.objects.filter(kind=AliasKind.MODEL, text=text)
    if not known.exists():
        ModelAlias.objects.create(
            kind=AliasKind.MODEL, text=text, base=model, during=ALWAYS
        )
    return model


@transaction.atomic
def edit_base_model(
    *,
    model: BaseModel,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> BaseModel:
    """Change what is given of a model; its aliases stay.

    :raises CatalogueRefusedError: for a name or place that is taken, or dates that do
        not fit.
    """
    check_fields(values, BASE)
    fresh = lock(model, expected_version=expected_version)
    with refusing(WORDS, CatalogueRefusedError):
        change(fresh, values, kind="base-model.edited", act=Act(by, at, None))
    return fresh


@transaction.atomic
def register_kind(*, values: Mapping[str, Any], by: User, at: datetime) -> ScenarioKind:
    """Bring a kind of scenario in.

    :raises CatalogueRefusedError: for a code or name that is taken.
    """
    check_fields(values, KIND)
    with refusing(WORDS, CatalogueRefusedError):
        kind = ScenarioKind.objects.create(**values)
    Act(by, at, None).record("scenario-kind.registered", kind, new=values)
    return kind


@transaction.atomic
def edit_kind(
    *,
    kind: ScenarioKind,
    values: Mapping[str, Any],
    by: User,
    at: datetime,
    expected_version: int | None = None,
) -> ScenarioKind:
    """Change a kind; one that is no longer offered stays where it is used.

    :raises CatalogueRefusedError: for a code or name that is taken.
    """
    check_fields(values, KIND)
    fresh = lock(kind, expected_version=expected_version)
    with refusing(WORDS, CatalogueRefusedError):
        change(fresh, values, kind="scenario-kind.edited", act=Act(by, at, None))
    return fresh


@transaction.atomic
def record_count(
    *, family: ModelFamily, values: Mapping[str, Any], by: User, at: datetime
) -> DerivativeCount:
    """Write down what a source counted on a day.

    :raises CatalogueRefusedError: for a day in the future, without a source, or twice.
    """
    check_fields(values, COUNT)
    if values["counted_on"] > at.date():
        raise CatalogueRefusedError(
            gettext("Nobody has counted on a day to come."), code="catalogue.future"
        )
    with refusing(WORDS, CatalogueRefusedError):
        count = DerivativeCount.objects.create(family=family, **values)
    Act(by, at, None).record(
        "derivative-count.recorded", count, new={"family": family.pk, **values}
    )
    return count


@transaction.atomic
def withdraw_count(*, count: DerivativeCount, by: User, at: datetime) -> None:
    """Take a count back that was written down wrongly; the journal keeps it."""
    fresh = lock(count)
    old = {name: getattr(fresh, name) for name in ("family_id", *COUNT)}
    Act(by, at, None).record("derivative-count.withdrawn", fresh, old=old)
    fresh.delete()
