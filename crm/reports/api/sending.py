"""Asking for a report now: a test to oneself, or a period for its readers."""

from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from crm.accounts.models import User
from crm.reports.api.deliveries import Deliveries, DeliveryShape
from crm.reports.api.subscriptions import SCOPE, SubscriptionShape
from crm.reports.models import (
    ReportDelivery,
    ReportSubscription,
)
from crm.reports.operations import requests
from crm.web import api


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
