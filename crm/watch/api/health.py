"""Health by REST: snapshots, schemes and scores by hand."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers

from crm.accounts.models import User
from crm.watch.models import HealthOverride, HealthScheme, HealthSnapshot
from crm.watch.operations import rules
from crm.web import api
from partners.models import Cooperation


class SnapshotShape(api.Shape[HealthSnapshot]):
    """Health of one cooperation from a day on; null scores are unknown."""

    class Meta:
        model = HealthSnapshot
        fields = (
            "id",
            "cooperation_id",
            "partner_id",
            "valid_from",
            "is_latest",
            "stage",
            "deployment",
            "engagement",
            "adoption",
            "returns",
            "overall",
            "confidence",
            "drivers",
            "scheme_version",
        )


class SnapshotFilters(api.Filters):
    """Which snapshots."""

    class Meta:
        model = HealthSnapshot
        fields: ClassVar[Any] = {
            "cooperation_id": ["exact", "in"],
            "partner_id": ["exact", "in"],
            "valid_from": ["exact", "gte", "lte"],
            "is_latest": ["exact"],
            "overall": ["gte", "lte", "isnull"],
        }


class Snapshots(api.Resource[HealthSnapshot]):
    """Health by day; a row only where something changed."""

    plural = "health-snapshots"
    access = api.Access("reports", read="watch.view_healthsnapshot")
    shape, filters = SnapshotShape, SnapshotFilters

    def rows(self) -> QuerySet[HealthSnapshot]:
        return HealthSnapshot.objects.visible_to(self.user)


class SchemeShape(api.Shape[HealthScheme]):
    """One version of weights and numbers."""

    class Meta:
        model = HealthScheme
        fields = ("id", "version", "weights", "numbers", "by_id", "made_at", "reason")


class SchemeGiven(api.Given):
    """Weights by stage and the numbers of the formulas, all of them."""

    weights = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField(min_value=0))
    )
    numbers = serializers.DictField(child=serializers.IntegerField(min_value=0))
    reason = serializers.CharField()


class Schemes(api.Adds[HealthScheme]):
    """Versions of the health scheme; the latest is in force."""

    plural = "health-schemes"
    access = api.Access(
        "reports", read="watch.view_healthscheme", add="watch.add_healthscheme"
    )
    shape, given = SchemeShape, SchemeGiven

    def rows(self) -> QuerySet[HealthScheme]:
        return HealthScheme.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> HealthScheme:
        return rules.set_scheme(**given, by=by, at=at)


class OverrideShape(api.Shape[HealthOverride]):
    """What a person says about the health of a cooperation."""

    class Meta:
        model = HealthOverride
        fields = (
            "id",
            "cooperation_id",
            "overall",
            "reason",
            "by_id",
            "at",
            "ends_on",
            "withdrawn_at",
        )


class OverrideGiven(api.Given):
    """A score by hand, for 30 days at most."""

    overall = serializers.IntegerField(min_value=0, max_value=100)
    reason = serializers.CharField()
    ends_on = serializers.DateField(required=False)


class Overrides(api.Adds[HealthOverride]):
    """Scores by hand of one cooperation."""

    plural = "health-overrides"
    access = api.Access(
        "reports", read="watch.view_healthoverride", add="watch.add_healthoverride"
    )
    shape, given = OverrideShape, OverrideGiven

    def cooperation(self) -> Cooperation:
        rows = Cooperation.objects.visible_to(self.user)
        return get_object_or_404(rows, pk=self.kwargs["cooperation"])

    def rows(self) -> QuerySet[HealthOverride]:
        return HealthOverride.objects.filter(cooperation=self.cooperation())

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> HealthOverride:
        return rules.override_health(
            cooperation=self.cooperation(), **given, by=by, at=at
        )


urlpatterns = [
    *api.routes("health-snapshots", Snapshots),
    *api.routes("health-schemes", Schemes),
    *api.routes("cooperations/<int:cooperation>/health-overrides", Overrides),
]
