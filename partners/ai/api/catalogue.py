"""The catalogue by REST: families, base models, aliases, public counts, scenario kinds."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.ai import operations
from partners.ai.api.pointing import a_row, model_of
from partners.ai.models import (
    AliasKind,
    BaseModel,
    CountMethod,
    CountRelation,
    DerivativeCount,
    Modality,
    ModelAlias,
    ModelFamily,
    ScenarioKind,
)


def _text(length: int = 5_000) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=length)


def _day() -> serializers.DateField:
    return serializers.DateField(required=False, allow_null=True)


def access(model: str, **more: str) -> api.Access:
    """Return who may read, add and change rows of a model of this package."""
    return api.Access(
        "ai",
        read=f"ai.view_{model}",
        add=f"ai.add_{model}",
        change=f"ai.change_{model}",
        **more,
    )


class FamilyShape(api.Shape[ModelFamily]):
    """One line of models."""

    class Meta:
        model = ModelFamily
        fields = ("id", "name", "developer", "notes", "version")


class FamilyGiven(api.Given):
    """A family."""

    name = serializers.CharField(max_length=80)
    developer = serializers.CharField(max_length=120)
    notes = _text()


class Families(api.Adds[ModelFamily], api.Edits[ModelFamily]):
    """Families of models."""

    plural = "model-families"
    access = access("modelfamily")
    shape, given = FamilyShape, FamilyGiven

    def rows(self) -> QuerySet[ModelFamily]:
        return ModelFamily.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ModelFamily:
        return operations.register_family(values=given, by=by, at=at)

    def edit(
        self,
        row: ModelFamily,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> ModelFamily:
        return operations.edit_family(
            family=row, values=given, expected_version=version, by=by, at=at
        )


class BaseModelShape(api.Shape[BaseModel]):
    """One model of the catalogue."""

    family_name = serializers.CharField(source="family.name", read_only=True)

    class Meta:
        model = BaseModel
        fields = (
            "id", "family_id", "family_name", "name", "generation", "variant",
            "snapshot", "modality", "is_open", "released_on", "retired_on", "notes",
            "version", "updated_at",
        )  # fmt: skip


class BaseModelFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = BaseModel
        fields = {
            "family_id": ["exact", "in"],
            "name": ["exact", "icontains"],
            "modality": ["exact", "in"],
            "is_open": ["exact"],
        }


class BaseModelGiven(api.Given):
    """A model; its own name becomes its first alias."""

    family_id = serializers.IntegerField(min_value=1)
    name = serializers.CharField(max_length=120)
    generation, variant, snapshot = _text(40), _text(80), _text(40)
    modality = serializers.ChoiceField(choices=Modality.choices, required=False)
    is_open = serializers.BooleanField(required=False)
    released_on, retired_on = _day(), _day()
    notes = _text()


class BaseModels(api.Adds[BaseModel], api.Edits[BaseModel]):
    """Models of the catalogue."""

    plural = "base-models"
    access = access("basemodel")
    shape, filters, given = BaseModelShape, BaseModelFilters, BaseModelGiven
    orderings = ("id", "name")

    def rows(self) -> QuerySet[BaseModel]:
        return BaseModel.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> BaseModel:
        return operations.register_base_model(values=_placed(given), by=by, at=at)

    def edit(
        self,
        row: BaseModel,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> BaseModel:
        return operations.edit_base_model(
            model=row, values=_placed(given), expected_version=version, by=by, at=at
        )


def _placed(given: dict[str, Any]) -> dict[str, Any]:
    if "family_id" in given:
        pk = given.pop("family_id")
        rows = ModelFamily.objects.all()
        given["family"] = a_row(rows, pk, pointer="#/family_id")
    return given


class AliasShape(api.Shape[ModelAlias]):
    """Which model a text of usage means, from one charge day until before another."""

    since = serializers.DateField(read_only=True)
    until = serializers.DateField(read_only=True)

    class Meta:
        model = ModelAlias
        fields = (
            "id", "kind", "text", "base_id", "derived_id", "since", "until", "version",
        )  # fmt: skip


class AliasFilters(api.Filters):
    class Meta:
        model = ModelAlias
        fields = {
            "kind": ["exact"],
            "text": ["exact", "icontains"],
            "base_id": ["exact", "in"],
            "derived_id": ["exact", "in"],
        }


class AliasGiven(api.Given):
    """A text of usage and the one model it means."""

    kind = serializers.ChoiceField(choices=AliasKind.choices)
    text = serializers.CharField(max_length=300)
    base_id = serializers.IntegerField(min_value=1, required=False)
    derived_id = serializers.IntegerField(min_value=1, required=False)
    since = _day()


class AliasEndGiven(api.Given):
    """From which charge day on it holds no longer."""

    on = serializers.DateField()


class Aliases(api.Adds[ModelAlias]):
    """The alias map; what was mapped is ended, never rewritten."""

    plural = "model-aliases"
    access = access("modelalias")
    shape, filters, given = AliasShape, AliasFilters, AliasGiven
    orderings = ("id", "text")

    def rows(self) -> QuerySet[ModelAlias]:
        return aliases_seen(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ModelAlias:
        return operations.map_text(
            kind=given["kind"],
            text=given["text"],
            since=given.get("since"),
            model=model_of(given, by),
            by=by,
            at=at,
        )


class EndAlias(api.Act[ModelAlias]):
    """Let an alias end on a day."""

    plural = "model-alias-end"
    access = api.Access("ai", read="ai.view_modelalias", add="ai.change_modelalias")
    shape, given = AliasShape, AliasEndGiven

    def rows(self) -> QuerySet[ModelAlias]:
        return aliases_seen(self.user)

    def act(
        self, row: ModelAlias, given: dict[str, Any], *, by: User, at: datetime
    ) -> ModelAlias:
        if row.during.lower is not None and given["on"] <= row.during.lower:
            raise operations.AliasRefusedError(
                gettext("End it after its first day."), code="alias.not-then"
            )
        return operations.end_alias(alias=row, on=given["on"], by=by, at=at) or row


def aliases_seen(user: User) -> QuerySet[ModelAlias]:
    """Return the aliases this person may see, with their days."""
    rows: QuerySet[ModelAlias] = ModelAlias.objects.visible_to(user)
    return rows.annotate(since=F("during__startswith"), until=F("during__endswith"))


class CountShape(api.Shape[DerivativeCount]):
    """What one source counted on one day."""

    class Meta:
        model = DerivativeCount
        fields = (
            "id", "family_id", "counted_on", "is_approximate_day", "count",
            "is_at_least", "method", "relation", "source", "source_url",
        )  # fmt: skip


class CountFilters(api.Filters):
    class Meta:
        model = DerivativeCount
        fields = {"family_id": ["exact", "in"], "counted_on": ["gte", "lte"]}


class CountGiven(api.Given):
    """A count with its source."""

    family_id = serializers.IntegerField(min_value=1)
    counted_on = serializers.DateField()
    is_approximate_day = serializers.BooleanField(required=False)
    count = serializers.IntegerField(min_value=0, max_value=2**62)
    is_at_least = serializers.BooleanField(required=False)
    method = serializers.ChoiceField(choices=CountMethod.choices, required=False)
    relation = serializers.ChoiceField(choices=CountRelation.choices, required=False)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]  # taken away by the metaclass
    source_url = serializers.URLField(required=False, allow_blank=True, max_length=500)


class Counts(api.Adds[DerivativeCount], api.Removes[DerivativeCount]):
    """Public derivative counts by date and source."""

    plural = "derivative-counts"
    access = access("derivativecount", delete="ai.delete_derivativecount")
    shape, filters, given = CountShape, CountFilters, CountGiven

    def rows(self) -> QuerySet[DerivativeCount]:
        return DerivativeCount.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> DerivativeCount:
        family = _placed(given).pop("family")
        return operations.record_count(family=family, values=given, by=by, at=at)

    def remove(
        self, row: DerivativeCount, *, version: int | None, by: User, at: datetime
    ) -> None:
        operations.withdraw_count(count=row, by=by, at=at)


class KindShape(api.Shape[ScenarioKind]):
    """One kind of training ground."""

    class Meta:
        model = ScenarioKind
        fields = ("id", "code", "name", "local_name", "order", "is_active", "version")


class KindGiven(api.Given):
    """A kind."""

    code = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80)
    local_name = _text(80)
    order = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    is_active = serializers.BooleanField(required=False)


class Kinds(api.Adds[ScenarioKind], api.Edits[ScenarioKind]):
    """Kinds of scenarios."""

    plural = "scenario-kinds"
    access = access("scenariokind")
    shape, given = KindShape, KindGiven
    orderings = ("id", "order")

    def rows(self) -> QuerySet[ScenarioKind]:
        return ScenarioKind.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ScenarioKind:
        return operations.register_kind(values=given, by=by, at=at)

    def edit(
        self,
        row: ScenarioKind,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> ScenarioKind:
        return operations.edit_kind(
            kind=row, values=given, expected_version=version, by=by, at=at
        )


urlpatterns = [
    *api.routes("model-families", Families),
    *api.routes("base-models", BaseModels),
    *api.routes("model-aliases", Aliases),
    api.act("model-aliases/<int:pk>/end", EndAlias),
    *api.routes("derivative-counts", Counts),
    *api.routes("scenario-kinds", Kinds),
]
