"""The API doors of reports: definitions, subscriptions, frozen reports, deliveries."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers

from crm.accounts.models import Team, User
from crm.reports.models import (
    ReportDefinition,
    ReportDelivery,
    ReportRun,
    ReportSubscription,
)
from crm.reports.models.definition import Audience, Scope
from crm.reports.operations import requests, resolving, runs, subscribing
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


class RunShape(api.Shape[ReportRun]):
    """A frozen report with its payload."""

    class Meta:
        model = ReportRun
        fields = ("id", "definition_id", "period", "time_zone", "currency", "language",
                  "revision", "starts_at", "ends_at", "payload", "payload_hash",
                  "freshness", "is_provisional", "computed_at", "release")  # fmt: skip


class RunFilters(api.Filters):
    class Meta:
        model = ReportRun
        fields = {"definition_id": ["exact"], "period": ["exact"]}


class Runs(api.Resource[ReportRun]):
    """Frozen reports that were made for this person."""

    plural = "report-runs"
    access = api.Access(SCOPE, read="reports.view_reportrun")
    shape, filters = RunShape, RunFilters

    def rows(self) -> QuerySet[ReportRun]:
        return ReportRun.objects.visible_to(self.user)


class DeliveryShape(api.Shape[ReportDelivery]):
    """What one reader was owed, and what became of it."""

    class Meta:
        model = ReportDelivery
        fields = ("id", "key", "definition_id", "subscription_id", "recipient_id",
                  "period", "is_test", "due_at", "state", "reason", "run_id",
                  "attempts", "next_attempt_at", "handed_over", "message_id",
                  "message_hash", "smtp_code", "smtp_text", "sent_at",
                  "resolved_at")  # fmt: skip


class DeliveryFilters(api.Filters):
    class Meta:
        model = ReportDelivery
        fields = {
            "definition_id": ["exact"],
            "period": ["exact"],
            "state": ["exact", "in"],
            "recipient_id": ["exact"],
        }


class Deliveries(api.Resource[ReportDelivery]):
    """One's own deliveries; all of them for administrators and auditors."""

    plural = "report-deliveries"
    access = api.Access(SCOPE, read="reports.view_reportdelivery")
    shape, filters = DeliveryShape, DeliveryFilters

    def rows(self) -> QuerySet[ReportDelivery]:
        return ReportDelivery.objects.visible_to(self.user)


class NothingGiven(api.Given):
    """Nothing but the act itself."""


class Resolves(api.Act[ReportDelivery]):
    """What all decisions about a delivery have in common."""

    access = api.Access(
        SCOPE,
        read="reports.view_reportdelivery",
        add="reports.change_reportdelivery",
    )
    shape, given = DeliveryShape, NothingGiven

    def rows(self) -> QuerySet[ReportDelivery]:
        return ReportDelivery.objects.visible_to(self.user)


class MarkAsSent(Resolves):
    """Say that a doubtful mail did arrive."""

    plural = "report-delivery-mark-as-sent"

    def act(
        self, row: ReportDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportDelivery:
        return resolving.mark_as_sent(delivery=row, by=by, at=at)


class SendAgain(Resolves):
    """Send a doubtful, failed or skipped delivery after all, with the same bytes."""

    plural = "report-delivery-send-again"

    def act(
        self, row: ReportDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportDelivery:
        return resolving.send_again(delivery=row, by=by, at=at)


class MarkAsFailed(Resolves):
    """Say that a doubtful mail did not arrive, and leave it at that."""

    plural = "report-delivery-mark-as-failed"

    def act(
        self, row: ReportDelivery, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportDelivery:
        return resolving.mark_as_failed(delivery=row, by=by, at=at)


class ComputeAgain(api.Act[ReportRun]):
    """Compute a frozen report from today's data as its next revision; sends nothing."""

    plural = "report-run-compute-again"
    access = api.Access(
        SCOPE, read="reports.view_reportrun", add="reports.change_reportdelivery"
    )
    shape, given = RunShape, NothingGiven

    def rows(self) -> QuerySet[ReportRun]:
        return ReportRun.objects.visible_to(self.user)

    def act(
        self, row: ReportRun, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportRun:
        return runs.revise_run(run=row, by=by, at=at)


class PeriodGiven(api.Given):
    """Which period; the newest that is due when left out."""

    period = serializers.CharField(
        max_length=10, required=False, allow_blank=True, default=""
    )


class SendTest(api.Act[ReportSubscription]):
    """Send this report to oneself, marked as a test."""

    plural = "report-subscription-send-test"
    access = api.Access(
        SCOPE,
        read="reports.view_reportsubscription",
        add="reports.view_reportsubscription",
    )
    shape, given = DeliveryShape, PeriodGiven

    def rows(self) -> QuerySet[ReportSubscription]:
        return ReportSubscription.objects.visible_to(self.user)

    def shown_rows(self) -> QuerySet[ReportDelivery]:
        return ReportDelivery.objects.visible_to(self.user)

    def act(
        self, row: ReportSubscription, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportDelivery:
        return requests.send_test(
            subscription=row, by=by, at=at, period=given["period"]
        )

    def changed(self, row: Model, *, status: int = 200) -> HttpResponse:
        """Answer with the delivery that was made, which is no subscription."""
        deliveries = Deliveries()
        deliveries.request = self.request
        return deliveries.show(row.pk, status=status)


class SendPeriod(api.Act[ReportSubscription]):
    """Send a period now, also a missed one, to every reader who does not have it."""

    plural = "report-subscription-send-period"
    access = api.Access(
        SCOPE,
        read="reports.view_reportsubscription",
        add="reports.change_reportdelivery",
    )
    shape, given = SubscriptionShape, PeriodGiven

    def rows(self) -> QuerySet[ReportSubscription]:
        return ReportSubscription.objects.visible_to(self.user)

    def act(
        self, row: ReportSubscription, given: dict[str, Any], *, by: User, at: datetime
    ) -> ReportSubscription:
        requests.send_period(subscription=row, by=by, at=at, period=given["period"])
        return row


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


urlpatterns = [
    *api.routes("report-definitions", Definitions),
    *api.routes("report-subscriptions", Subscriptions),
    *api.routes("report-runs", Runs),
    *api.routes("report-deliveries", Deliveries),
    api.act("report-deliveries/<int:pk>/mark-as-sent", MarkAsSent),
    api.act("report-deliveries/<int:pk>/send-again", SendAgain),
    api.act("report-deliveries/<int:pk>/mark-as-failed", MarkAsFailed),
    api.act("report-runs/<int:pk>/compute-again", ComputeAgain),
    api.act("report-subscriptions/<int:pk>/send-test", SendTest),
    api.act("report-subscriptions/<int:pk>/send-period", SendPeriod),
]
