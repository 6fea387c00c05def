"""Endpoints of other systems, their secrets, and what was sent to them."""

from crm.webhooks.models.delivery import State, WebhookAttempt, WebhookDelivery
from crm.webhooks.models.endpoint import Reason, WebhookEndpoint, WebhookSecret

__all__ = [
    "Reason",
    "State",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
]
