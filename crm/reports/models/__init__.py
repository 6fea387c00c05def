"""Definitions, subscriptions, runs and deliveries."""

from crm.reports.models.definition import OptOut, ReportDefinition, ReportSubscription
from crm.reports.models.delivery import ReportDelivery, State, StoredMessage
from crm.reports.models.run import ReportRun
from crm.reports.models.sending import SendingPlace, Suppression

__all__ = [
    "OptOut",
    "ReportDefinition",
    "ReportDelivery",
    "ReportRun",
    "ReportSubscription",
    "SendingPlace",
    "State",
    "StoredMessage",
    "Suppression",
]
