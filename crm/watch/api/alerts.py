"""Alerts and their rules by REST."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from crm.accounts.models import User
from crm.watch.models import Alert, AlertRule
from crm.watch.operations import alerts as operations
from crm.watch.operations import rules
from crm.watch.rules import Severity
from crm.web import api

READ = "watch.view_alert"
CHANGE = "watch.change_alert"


class AlertShape(api.Shape[Alert]):
    """What one rule found about one subject; standing while `resolved_at` is null."""

    rule_code = serializers.CharField(source="rule.code", read_only=True)
    letter = serializers.CharField(source="rule.letter", read_only=True)
    severity = serializers.CharField(source="rule.severity", read_only=True)

    class Meta:
        model = Alert
        fields = (
            "id",
            "rule_code",
            "letter",
            "severity",
            "subject_type",
            "subject_id",
            "subject_name",
            "partner_id",
            "cooperation_id",
            "owner_id",
            "code",
            "seen",
            "opened_at",
            "seen_on",
            "clean_since",
            "acknowledged_at",
            "acknowledged_by_id",
            "snoozed_until",
            "resolved_at",
            "resolved_by_id",
            "comment",
            "version",
        )


class AlertFilters(api.Filters):
    """Which alerts."""

    class Meta:
        model = Alert
        fields: ClassVar[Any] = {
            "rule__code": ["exact", "in"],
            "rule__letter": ["exact", "in"],
            "subject_type": ["exact"],
            "subject_id": ["exact"],
            "partner_id": ["exact", "in", "isnull"],
            "cooperation_id": ["exact", "in", "isnull"],
            "owner_id": ["exact", "in", "isnull"],
            "opened_at": ["gte", "lt"],
            "resolved_at": ["isnull", "gte", "lt"],
        }


class Alerts(api.Resource[Alert]):
    """What needs somebody; opened and closed by the nightly look."""

    plural = "alerts"
    access = api.Access("reports", read=READ)
    shape, filters = AlertShape, AlertFilters
    orderings = ("id", "opened_at")

    def rows(self) -> QuerySet[Alert]:
        return Alert.objects.visible_to(self.user)


class CommentGiven(api.Given):
    """A word about it."""

    comment = serializers.CharField(required=False, allow_blank=True, default="")


class SnoozeGiven(CommentGiven):
    """Until when."""

    until = serializers.DateField()


class ResolveGiven(CommentGiven):
    """Why it is over."""

    comment = serializers.CharField()


class Acknowledge(api.Act[Alert]):
    """Say that somebody cares."""

    plural = "acknowledge-alert"
    access = api.Access("reports", read=READ, add=CHANGE)
    shape, given = AlertShape, CommentGiven

    def rows(self) -> QuerySet[Alert]:
        return Alert.objects.visible_to(self.user)

    def act(
        self, row: Alert, given: dict[str, Any], *, by: User, at: datetime
    ) -> Alert:
        return operations.acknowledge_alert(
            alert=row, comment=given["comment"], by=by, at=at
        )


class Snooze(Acknowledge):
    """Keep it out of the way until a day."""

    plural = "snooze-alert"
    given = SnoozeGiven

    def act(
        self, row: Alert, given: dict[str, Any], *, by: User, at: datetime
    ) -> Alert:
        return operations.snooze_alert(
            alert=row, until=given["until"], comment=given["comment"], by=by, at=at
        )


class Resolve(Acknowledge):
    """Close it by hand, saying why."""

    plural = "resolve-alert"
    given = ResolveGiven

    def act(
        self, row: Alert, given: dict[str, Any], *, by: User, at: datetime
    ) -> Alert:
        return operations.resolve_alert(
            alert=row, comment=given["comment"], by=by, at=at
        )


class RuleShape(api.Shape[AlertRule]):
    """One rule with its thresholds; what is not among them has its seed."""

    class Meta:
        model = AlertRule
        fields = (
            "id",
            "code",
            "letter",
            "severity",
            "thresholds",
            "clean_days",
            "mails_owner",
            "is_active",
            "version",
        )


class RuleGiven(api.Given):
    """What may be changed of a rule."""

    severity = serializers.ChoiceField(choices=Severity.choices, required=False)
    thresholds = serializers.DictField(
        child=serializers.DecimalField(max_digits=12, decimal_places=4, min_value=0),
        required=False,
    )
    clean_days = serializers.IntegerField(min_value=0, max_value=365, required=False)
    mails_owner = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)


class Rules(api.Edits[AlertRule]):
    """The rules in force; which there are is the product's."""

    plural = "alert-rules"
    access = api.Access(
        "reports", read="watch.view_alertrule", change="watch.change_alertrule"
    )
    shape, given = RuleShape, RuleGiven

    def rows(self) -> QuerySet[AlertRule]:
        return AlertRule.objects.all()

    def edit(
        self,
        row: AlertRule,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> AlertRule:
        return rules.edit_rule(
            rule=row, expected_version=version, by=by, at=at, **given
        )


urlpatterns = [
    *api.routes("alerts", Alerts),
    api.act("alerts/<int:pk>/acknowledge", Acknowledge),
    api.act("alerts/<int:pk>/snooze", Snooze),
    api.act("alerts/<int:pk>/resolve", Resolve),
    *api.routes("alert-rules", Rules),
]
