"""Derived models by REST: list, register, edit, lifecycle moves, parents."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.ai import operations
from partners.ai.api.catalogue import access
from partners.ai.api.pointing import a_row, model_of
from partners.ai.lifecycles import Lifecycle
from partners.ai.models import DerivedKind, DerivedModel, ModelParent
from partners.models import Cooperation, Partner


class DerivedShape(api.Shape[DerivedModel]):
    """One model that a partner made."""

    partner_name = serializers.CharField(source="partner.display_name", read_only=True)

    class Meta:
        model = DerivedModel
        fields = (
            "id", "partner_id", "partner_name", "cooperation_id", "name", "model_id",
            "kind", "lifecycle", "lifecycle_since", "purpose", "endpoint", "is_public",
            "registered_on", "production_on", "retired_on", "owner_id", "version", "updated_at",
        )  # fmt: skip


class DerivedFilters(api.Filters):
    updated_since = api.UpdatedSince()

    class Meta:
        model = DerivedModel
        fields = {
            "partner_id": ["exact", "in"],
            "cooperation_id": ["exact", "in", "isnull"],
            "kind": ["exact", "in"],
            "lifecycle": ["exact", "in"],
            "model_id": ["exact"],
            "registered_on": ["gte", "lte"],
        }


class DerivedChanges(api.Given):
    """What can be changed; the lifecycle moves by `lifecycle-moves`."""

    cooperation_id = serializers.IntegerField(
        min_value=1, required=False, allow_null=True
    )
    name = serializers.CharField(max_length=160)
    model_id = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=DerivedKind.choices)
    purpose = serializers.CharField(required=False, allow_blank=True)
    endpoint = serializers.CharField(required=False, allow_blank=True, max_length=300)
    is_public = serializers.BooleanField(required=False)
    registered_on = serializers.DateField(required=False)
    owner_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class DerivedGiven(DerivedChanges):
    """A new model, with its partner and what it comes from in the catalogue."""

    partner_id = serializers.IntegerField(min_value=1)
    parent_base_ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, max_length=20
    )


RELATIONS = {"cooperation_id": Cooperation, "owner_id": User}


def values_of(given: dict[str, Any], user: User) -> dict[str, Any]:
    """Return the fields, ids turned into rows that this person may see."""
    values = {name: value for name, value in given.items() if name not in RELATIONS}
    for name, model in RELATIONS.items():
        if name in given:
            pk, rows = given[name], model._default_manager.all()
            seen: Any = rows.visible_to(user)  # type: ignore[attr-defined]  # both have it
            row = None if pk is None else a_row(seen, pk, pointer=f"#/{name}")
            values[name.removesuffix("_id")] = row
    return values


class DerivedModels(api.Adds[DerivedModel], api.Edits[DerivedModel]):
    """Models that partners made from others."""

    plural = "derived-models"
    access = access("derivedmodel")
    shape, filters = DerivedShape, DerivedFilters
    given, changes = DerivedGiven, DerivedChanges
    orderings = ("id", "name")

    def rows(self) -> QuerySet[DerivedModel]:
        return DerivedModel.objects.visible_to(self.user)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> DerivedModel:
        partners = Partner.objects.visible_to(by)
        partner = a_row(partners, given.pop("partner_id"), pointer="#/partner_id")
        parents = [
            model_of({"base_id": pk}, by) for pk in given.pop("parent_base_ids", ())
        ]
        return operations.register_derived(
            partner=partner, parents=parents, values=values_of(given, by), by=by, at=at
        )

    def edit(
        self,
        row: DerivedModel,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> DerivedModel:
        return operations.edit_derived(
            model=row,
            values=values_of(given, by),
            expected_version=version,
            by=by,
            at=at,
        )


class LifecycleMoveGiven(api.Given):
    """One step of the lifecycle, with what it asks for."""

    to = serializers.ChoiceField(choices=Lifecycle.choices)
    on = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True)
    endpoint = serializers.CharField(required=False, allow_blank=True, max_length=300)
    expected_version = serializers.IntegerField(min_value=1, required=False)


class MoveDerived(api.Act[DerivedModel]):
    """Take a model one step of its lifecycle."""

    plural = "derived-model-lifecycle-moves"
    access = api.Access("ai", read="ai.view_derivedmodel", add="ai.change_derivedmodel")
    shape, given = DerivedShape, LifecycleMoveGiven

    def rows(self) -> QuerySet[DerivedModel]:
        return DerivedModel.objects.visible_to(self.user)

    def act(
        self, row: DerivedModel, given: dict[str, Any], *, by: User, at: datetime
    ) -> DerivedModel:
        return operations.move_derived(model=row, by=by, at=at, **given)


class ParentShape(api.Shape[ModelParent]):
    """One model it comes from; `derived_id` is null where it is out of sight."""

    class Meta:
        model = ModelParent
        fields = ("id", "child_id", "base_id", "derived_id")


class ParentGiven(api.Given):
    """One model it comes from."""

    base_id = serializers.IntegerField(min_value=1, required=False)
    derived_id = serializers.IntegerField(min_value=1, required=False)


class Parents(api.Adds[ModelParent], api.Removes[ModelParent]):
    """What a derived model comes from."""

    plural = "model-parents"
    access = api.Access(
        "ai",
        read="ai.view_modelparent",
        add="ai.change_derivedmodel",
        delete="ai.change_derivedmodel",
    )
    shape, given = ParentShape, ParentGiven

    def child(self) -> DerivedModel:
        """Return the model the address names."""
        rows = DerivedModel.objects.visible_to(self.user)
        return get_object_or_404(rows, pk=self.kwargs["model"])

    def rows(self) -> QuerySet[ModelParent]:
        return ModelParent.objects.filter(child=self.child())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ModelParent:
        return operations.add_parent(
            model=self.child(), parent=model_of(given, by), by=by, at=at
        )

    def remove(
        self, row: ModelParent, *, version: int | None, by: User, at: datetime
    ) -> None:
        operations.remove_parent(line=row, by=by, at=at)


urlpatterns = [
    *api.routes("derived-models", DerivedModels),
    api.act("derived-models/<int:pk>/lifecycle-moves", MoveDerived),
    *api.routes("derived-models/<int:model>/parents", Parents),
]
