"""Frozen reports and deliveries: what was said, to whom, and what became of it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from crm.accounts.models import User
from crm.reports.api.subscriptions import SCOPE
from crm.reports.models import (
    ReportDelivery,
    ReportRun,
)
from crm.reports.operations import resolving, runs
from crm.web import api


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
