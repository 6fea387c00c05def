"""What an endpoint is owed, and every attempt to hand it over."""

import uuid
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.policy import own_or_all, reach_of
from crm.journal.models import Event
from crm.webhooks.models.endpoint import WebhookEndpoint


class State(models.TextChoices):
    """How far one delivery got."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")
    WITHHELD = "withheld", _("Withheld: the owner may not see it any more")


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    """Deliveries, and who may see them."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep those of one's own endpoints; all, for administrators and auditors."""
        return self.filter(own_or_all(reach_of(user), "endpoint__owner"))


class WebhookDelivery(models.Model):
    """One journal entry that one endpoint is owed.

    `waiting → sending → delivered | failed | withheld`. A worker claims it with a lease and a
    fence: whoever reports a result names the fence, so a late worker changes nothing.
    """

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        models.CASCADE,
        related_name="deliveries",
        verbose_name=_("webhook"),
    )
    event = models.ForeignKey(
        Event, models.PROTECT, related_name="+", verbose_name=_("journal entry")
    )
    key = models.UUIDField(_("message"), default=uuid.uuid4, unique=True)
    kind = models.CharField(_("kind"), max_length=80)
    is_test = models.BooleanField(_("test"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    fence = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    planned_at = models.DateTimeField(_("planned at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(
                "endpoint", "event", name="webhook_delivery_once_per_event"
            ),
            models.CheckConstraint(
                condition=Q(state="sending", lease_until__isnull=False)
                | (~Q(state="sending") & Q(lease_until__isnull=True)),
                name="webhook_delivery_leased_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[State.WAITING, State.SENDING], ended_at__isnull=True
                )
                | (
                    ~Q(state__in=[State.WAITING, State.SENDING])
                    & Q(ended_at__isnull=False)
                ),
                name="webhook_delivery_ended_at_some_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="webhook_delivery_waiting",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state="sending"),
                name="webhook_delivery_leased",
            ),
            models.Index(fields=["planned_at"], name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class WebhookAttemptQuerySet(models.QuerySet["WebhookAttempt"]):
    """Attempts, and who may see them."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Keep those of one's own endpoints; all, for administrators and auditors."""
        return self.filter(own_or_all(reach_of(user), "delivery__endpoint__owner"))


class WebhookAttempt(models.Model):
    """One attempt to hand a delivery over, and what the other side said."""

    delivery = models.ForeignKey(
        WebhookDelivery,
        models.CASCADE,
        related_name="log",
        verbose_name=_("delivery"),
    )
    number = models.PositiveSmallIntegerField(_("attempt"))
    at = models.DateTimeField(_("at"))
    took_ms = models.PositiveIntegerField(_("took (ms)"))
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    fault = models.CharField(_("fault"), max_length=200, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    objects = WebhookAttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        indexes = [models.Index(fields=["delivery", "id"], name="webhook_attempt_log")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.number}"
