"""Cloud accounts and whose they are from when to when."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower, Upper
from rest_framework import serializers

from crm.accounts.models import User
from crm.web import api
from partners.models import Partner
from partners.usage import operations
from partners.usage.api.shared import SCOPE
from partners.usage.models import AccountAssignment, CloudAccount, Environment


class UsageAccountShape(api.Shape[CloudAccount]):
    """A billing account, or a sub-account in it, as a source's exports name it."""

    class Meta:
        model = CloudAccount
        fields = ("id", "source_id", "provider", "billing_account_id",
                  "sub_account_id", "name", "environment",
                  "discovered_at")  # fmt: skip


class UsageAccountFilters(api.Filters):
    class Meta:
        model = CloudAccount
        fields = {
            "id": ["in"],
            "source_id": ["exact", "in"],
            "billing_account_id": ["exact"],
            "sub_account_id": ["exact"],
            "environment": ["exact", "in"],
        }


class Accounts(api.Resource[CloudAccount]):
    """Accounts of visible partners; those of nobody for finance."""

    plural = "usage-accounts"
    access = api.Access(SCOPE, read="usage.view_cloudaccount")
    shape, filters = UsageAccountShape, UsageAccountFilters

    def rows(self) -> QuerySet[CloudAccount]:
        return CloudAccount.objects.visible_to(self.user)


class UsageEnvironmentGiven(api.Given):
    """What the account serves."""

    environment = serializers.ChoiceField(choices=Environment.choices)


class SetEnvironment(api.Act[CloudAccount]):
    """Say what an account serves; rows whose tags say otherwise keep what they say."""

    plural = "usage-account-environment"
    access = api.Access(
        SCOPE, read="usage.view_cloudaccount", add="usage.change_cloudaccount"
    )
    shape, given = UsageAccountShape, UsageEnvironmentGiven

    def rows(self) -> QuerySet[CloudAccount]:
        return CloudAccount.objects.visible_to(self.user)

    def act(
        self, row: CloudAccount, given: dict[str, Any], *, by: User, at: datetime
    ) -> CloudAccount:
        return operations.set_environment(
            account=row, environment=Environment(given["environment"]), by=by, at=at
        )


class UsageAssignmentShape(api.Shape[AccountAssignment]):
    """Whose the usage of an account, or of one tag value in it, is during some days."""

    since = serializers.DateField(read_only=True, allow_null=True)
    until = serializers.DateField(
        read_only=True, allow_null=True, help_text="Day after the last one."
    )

    class Meta:
        model = AccountAssignment
        fields = ("id", "account_id", "partner_id", "tag_key", "tag_value", "since",
                  "until", "assigned_by_id", "assigned_at")  # fmt: skip


class UsageAssignmentFilters(api.Filters):
    class Meta:
        model = AccountAssignment
        fields = {
            "account_id": ["exact", "in"],
            "partner_id": ["exact", "in"],
            "tag_key": ["exact"],
        }


class UsageAssignmentGiven(api.Given):
    """Whose an account is from a day on; whoever had it keeps the days before."""

    account_id = serializers.IntegerField(min_value=1)
    partner_id = serializers.IntegerField(min_value=1)
    tag_key = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default=""
    )
    tag_value = serializers.CharField(
        max_length=240, required=False, allow_blank=True, default=""
    )
    since = serializers.DateField(required=False, allow_null=True, default=None)
    until = serializers.DateField(required=False, allow_null=True, default=None)


class UsageEndGiven(api.Given):
    """The day from which on it no longer holds."""

    on = serializers.DateField()


ASSIGNMENTS = api.Access(
    SCOPE,
    read="usage.view_accountassignment",
    add="usage.add_accountassignment",
)


class Assignments(api.Adds[AccountAssignment]):
    """Assignments of accounts to partners; moving one restates history from its day."""

    plural = "usage-assignments"
    access = ASSIGNMENTS
    shape, filters, given = (
        UsageAssignmentShape,
        UsageAssignmentFilters,
        UsageAssignmentGiven,
    )

    def rows(self) -> QuerySet[AccountAssignment]:
        return AccountAssignment.objects.visible_to(self.user).annotate(
            since=Lower("during"), until=Upper("during")
        )

    def add(
        self, given: dict[str, Any], *, by: User, at: datetime
    ) -> AccountAssignment:
        account = _seen(CloudAccount, given["account_id"], by, "#/account_id")
        partner = _seen(Partner, given["partner_id"], by, "#/partner_id")
        return operations.assign_account(
            account=account,
            partner=partner,
            since=given["since"],
            until=given["until"],
            tag=(given["tag_key"], given["tag_value"]),
            by=by,
            at=at,
        )


class EndAssignment(api.Act[AccountAssignment]):
    """End an assignment on a day; the days before stay the partner's."""

    plural = "usage-assignment-end"
    access = ASSIGNMENTS
    shape, given = UsageAssignmentShape, UsageEndGiven

    def rows(self) -> QuerySet[AccountAssignment]:
        return AccountAssignment.objects.visible_to(self.user).annotate(
            since=Lower("during"), until=Upper("during")
        )

    def act(
        self,
        row: AccountAssignment,
        given: dict[str, Any],
        *,
        by: User,
        at: datetime,
    ) -> AccountAssignment:
        operations.end_assignment(assignment=row, on=given["on"], by=by, at=at)
        return row


def _seen(model: Any, pk: int, user: User, pointer: str) -> Any:
    """Return the visible row.

    :raises ProblemError: 400 with the pointer; absent and out of sight look the same.
    """
    row = model.objects.all().visible_to(user).filter(pk=pk).first()
    if row is None:
        fault = {"pointer": pointer, "code": "not-found", "detail": "There is none."}
        raise api.ProblemError(400, "invalid", errors=[fault])
    return row


urlpatterns = [
    *api.routes("usage/accounts", Accounts),
    api.act("usage/accounts/<int:pk>/environment", SetEnvironment),
    *api.routes("usage/assignments", Assignments),
    api.act("usage/assignments/<int:pk>/end", EndAssignment),
]
