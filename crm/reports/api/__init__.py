"""The API doors of reports: definitions, subscriptions, frozen reports, deliveries."""

from crm.reports.api.deliveries import (
    ComputeAgain,
    Deliveries,
    MarkAsFailed,
    MarkAsSent,
    Runs,
    SendAgain,
)
from crm.reports.api.sending import SendPeriod, SendTest
from crm.reports.api.subscriptions import Definitions, Subscriptions
from crm.web import api

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
