"""Definitions and subscriptions: what reports contain, and who gets them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.accounts.models import Team, User
from crm.reports.models import (
    ReportDefinition,
    ReportSubscription,
)
from crm.reports.models.definition import Audience, Scope
from crm.reports.operations import subscribing
from crm.reports.weeks import Rhythm
from crm.web import api
from partners.models import Partner

SCOPE = "reports"
FORMATS = serializers.ListField(
    child=serializers.ChoiceField(choices=["pdf", "xlsx"]), required=False
)


class DefinitionShape(api.Shape[ReportDefinition]):
    """What a report contains, and when it comes."""

    class Meta:
        model = ReportDefinition
        fields = ("id", "code", "name", "name_zh", "audience", "sections", "rhythm",
                  "weekday", "hour", "formats", "wait_minutes", "catch_up_hours",
                  "owner_id", "is_active", "version")  # fmt: skip


class DefinitionGiven(api.Given):
    """A report."""

    code = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    name_zh = serializers.CharField(max_length=120, required=False, allow_blank=True)
    audience = serializers.ChoiceField(choices=Audience.choices)
    sections = serializers.ListField(child=serializers.CharField(max_length=60))
    rhythm = serializers.ChoiceField(choices=Rhythm.choices, required=False)
    weekday = serializers.IntegerField(min_value=1, max_value=7, required=False)
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    formats = FORMATS
    wait_minutes = serializers.IntegerField(min_value=0, required=False)
    catch_up_hours = serializers.IntegerField(min_value=1, required=False)
    owner_id = serializers.IntegerField(min_value=1)
    is_active = serializers.BooleanField(required=False)


class Definitions(api.Adds[ReportDefinition], api.Edits[ReportDefinition]):
    """Reports; everybody who is known may read what they contain."""

    plural = "report-definitions"
    access = api.Access(
        SCOPE,
        read="reports.view_reportdefinition",
        add="reports.add_reportdefinition",
        change="reports.change_reportdefinition",
    )
    shape = DefinitionShape
    given = changes = DefinitionGiven

    def rows(self) -> QuerySet[ReportDefinition]:
        return ReportDefinition.objects.all()

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> ReportDefinition:
        return subscribing.register_definition(values=related(given, by), by=by, at=at)

    def edit(
        self,
        row: ReportDefinition,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> ReportDefinition:
        return subscribing.edit_definition(
            definition=row,
            values=related(given, by),
            by=by,
            at=at,
            expected_version=version,
        )


class SubscriptionShape(api.Shape[ReportSubscription]):
    """Who gets which report, about which partners, and how."""

    class Meta:
        model = ReportSubscription
        fields = ("id", "definition_id", "person_id", "role_id", "team_id", "scope",
                  "scope_team_id", "scope_partner_id", "time_zone", "language",
                  "currency", "formats", "send_if_empty", "is_paused", "next_period",
                  "next_due_at", "version")  # fmt: skip


class SubscriptionGiven(api.Given):
    """A subscription for one person, role or team."""

    definition_id = serializers.IntegerField(min_value=1)
    person_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    role_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    team_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    scope = serializers.ChoiceField(choices=Scope.choices, required=False)
    scope_team_id = serializers.IntegerField(required=False, allow_null=True)
    scope_partner_id = serializers.IntegerField(required=False, allow_null=True)
    time_zone = serializers.CharField(max_length=60, required=False)
    language = serializers.CharField(max_length=10, required=False, allow_blank=True)
    currency = serializers.RegexField(r"^([A-Z]{3})?$", required=False)
    formats = FORMATS
    send_if_empty = serializers.BooleanField(required=False)
    is_paused = serializers.BooleanField(required=False)


class Subscriptions(api.Adds[ReportSubscription], api.Edits[ReportSubscription]):
    """One's own subscriptions; all of them for administrators and auditors."""

    plural = "report-subscriptions"
    access = api.Access(
        SCOPE,
        read="reports.view_reportsubscription",
        add="reports.add_reportsubscription",
        change="reports.change_reportsubscription",
    )
    shape = SubscriptionShape
    given = changes = SubscriptionGiven

    def rows(self) -> QuerySet[ReportSubscription]:
        return ReportSubscription.objects.visible_to(self.user)

    def add(
        self, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportSubscription:
        return subscribing.subscribe(values=related(given, by), by=by, at=at)

    def edit(
        self,
        row: ReportSubscription,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> ReportSubscription:
        return subscribing.edit_subscription(
            subscription=row,
            values=related(given, by),
            by=by,
            at=at,
            expected_version=version,
        )


RELATED: dict[str, Any] = {
    "definition_id": ReportDefinition,
    "owner_id": User,
    "person_id": User,
    "role_id": Group,
    "team_id": Team,
    "scope_team_id": Team,
    "scope_partner_id": Partner,
}


def related(given: dict[str, Any], by: User) -> dict[str, Any]:
    """Return the values with rows in place of their numbers."""
    values = dict(given)
    for name in RELATED.keys() & given.keys():
        number = values.pop(name)
        values[name.removesuffix("_id")] = (
            None if number is None else _row(name, number, by)
        )
    return values


def _row(name: str, number: int, by: User) -> Any:
    rows = RELATED[name].objects.all()
    if hasattr(rows, "visible_to"):
        rows = rows.visible_to(by)
    found = rows.filter(pk=number).first()
    if found is None:
        fault = {
            "pointer": f"#/{name}",
            "code": "not-found",
            "detail": _("There is none."),
        }
        raise api.ProblemError(400, "invalid", errors=[fault])
    return found
