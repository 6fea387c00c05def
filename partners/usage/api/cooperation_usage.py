"""Which usage of its partner a cooperation counts: rules, and by what it is told."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower, Upper
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.models import Cooperation
from partners.usage import operations
from partners.usage.models import AccountOwnership, CooperationUsage, Environment

ACCESS = api.Access(
    "usage",
    read="usage.view_cooperationusage",
    add="usage.add_cooperationusage",
    delete="usage.delete_cooperationusage",
)


class CooperationUsageShape(api.Shape[CooperationUsage]):
    """A part of its partner's usage that a cooperation counts as its own."""

    since = serializers.DateField(read_only=True, allow_null=True)
    until = serializers.DateField(
        read_only=True, allow_null=True, help_text="Day after the last one."
    )

    class Meta:
        model = CooperationUsage
        fields = (
            "id",
            "cooperation_id",
            "partner_id",
            "account_id",
            "service",
            "model",
            "environment",
            "tag_bucket",
            "since",
            "until",
        )


class CooperationUsageFilters(api.Filters):
    class Meta:
        model = CooperationUsage
        fields = {
            "id": ["in"],
            "cooperation_id": ["exact", "in"],
            "partner_id": ["exact", "in"],
            "account_id": ["exact", "in", "isnull"],
        }


def _text(limit: int) -> serializers.CharField:
    return serializers.CharField(
        max_length=limit, required=False, allow_blank=True, default=""
    )


class CooperationUsageGiven(api.Given):
    """What is left out is not looked at; `tag_bucket` is written `key=value`."""

    cooperation_id = serializers.IntegerField(min_value=1)
    account_id = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    service = _text(300)
    model = _text(200)
    environment = serializers.ChoiceField(
        choices=Environment.choices, required=False, allow_blank=True, default=""
    )
    tag_bucket = _text(400)
    since = serializers.DateField(required=False, allow_null=True, default=None)
    until = serializers.DateField(required=False, allow_null=True, default=None)


class CooperationUsageRules(api.Adds[CooperationUsage], api.Removes[CooperationUsage]):
    """Rules of what cooperations count; two that could take one row are refused."""

    plural = "cooperation-usage-rules"
    access = ACCESS
    shape, filters, given = (
        CooperationUsageShape,
        CooperationUsageFilters,
        CooperationUsageGiven,
    )

    def rows(self) -> QuerySet[CooperationUsage]:
        return CooperationUsage.objects.visible_to(self.user).annotate(
            since=Lower("during"), until=Upper("during")
        )

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> CooperationUsage:
        cooperation = _visible(
            Cooperation.objects.visible_to(by),
            given.pop("cooperation_id"),
            pointer="#/cooperation_id",
        )
        account_id = given.pop("account_id", None)
        owned = AccountOwnership.objects.visible_to(by).select_related("account")
        ownership = account_id and _visible(
            owned.filter(account=account_id), pointer="#/account_id"
        )
        return operations.add_cooperation_rule(
            cooperation=cooperation,
            account=ownership.account if ownership else None,
            by=by,
            at=at,
            **given,
        )

    def remove(
        self, row: CooperationUsage, *, version: int | None, by: User, at: datetime
    ) -> None:
        operations.remove_cooperation_rule(rule=row, by=by, at=at)


def _visible(rows: QuerySet[Any], pk: int | None = None, *, pointer: str) -> Any:
    """Return the row, or the first one.

    :raises ProblemError: 400 with the pointer; absent and out of sight look the same.
    """
    row = (rows if pk is None else rows.filter(pk=pk)).first()
    if row is None:
        fault = {"pointer": pointer, "code": "not-found", "detail": "There is none."}
        raise api.ProblemError(400, "invalid", errors=[fault])
    return row


urlpatterns = api.routes("cooperation-usage-rules", CooperationUsageRules)
