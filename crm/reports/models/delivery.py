"""What somebody is owed, and how far it got.

`due → rendering → ready → sending → sent`; aside of it uncertain, failed, skipped and
suppressed. Who changes a row names owner and state in the WHERE; triggers of the
database refuse every other way (migration 0002).
"""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.accounts.policy import own_or_all, reach_of
from crm.reports.models.definition import ReportDefinition, ReportSubscription
from crm.reports.models.run import ReportRun


class State(models.TextChoices):
    """How far one delivery got."""

    DUE = "due", _("Due")
    RENDERING = "rendering", _("Being made")
    READY = "ready", _("Ready")
    SENDING = "sending", _("Being handed over")
    SENT = "sent", _("Sent")
    UNCERTAIN = "uncertain", _("Uncertain")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
    SUPPRESSED = "suppressed", _("Suppressed")


FROZEN = (State.READY, State.SENDING, State.SENT, State.UNCERTAIN)
"""States in which the message stands; its bytes never change there."""

CLAIMED = (State.RENDERING, State.SENDING)
"""States that somebody with a lease is working on."""

EXPLAINED = (State.FAILED, State.SKIPPED, State.SUPPRESSED, State.UNCERTAIN)
"""States that need a reason."""


class DeliveryQuerySet(models.QuerySet["ReportDelivery"]):
    """Deliveries, and who may see them."""

    def visible_to(self, user: User) -> Self:
        """Keep what this person was to get, and what is sent of reports they own.

        Administrators and auditors see all. What a report says is another question:
        its page asks whether all of it may be seen.
        """
        mine = own_or_all(reach_of(user), "recipient")
        return self.filter(mine | Q(definition__owner=user))


class ReportDelivery(models.Model):
    """One report that one person is owed for one period."""

    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    definition = models.ForeignKey(
        ReportDefinition,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("report"),
    )
    subscription = models.ForeignKey(
        ReportSubscription,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("subscription"),
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="report_deliveries",
        verbose_name=_("recipient"),
    )
    period = models.CharField(_("period"), max_length=10)
    is_test = models.BooleanField(_("test"), default=False)
    due_at = models.DateTimeField(_("due at"))
    state = models.CharField(
        _("state"), max_length=12, choices=State.choices, default=State.DUE
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    run = models.ForeignKey(
        ReportRun,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("run"),
    )
    owner = models.CharField(_("worker"), max_length=80, blank=True)
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    handed_over = models.PositiveSmallIntegerField(
        _("hand-overs"),
        default=0,
        help_text=_("How often the end of the message was about to be sent."),
    )
    address = models.EmailField(_("address"), max_length=254, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=200, blank=True)
    message_date = models.DateTimeField(_("Date"), null=True, blank=True)
    message_hash = models.CharField(_("hash of the message"), max_length=64, blank=True)
    smtp_code = models.PositiveSmallIntegerField(_("SMTP code"), null=True, blank=True)
    smtp_text = models.CharField(_("SMTP answer"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("resolved by"),
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    alarmed_at = models.DateTimeField(_("owner told at"), null=True, blank=True)
    planned_at = models.DateTimeField(_("planned at"))
    bundle = models.BigIntegerField(
        _("bundle"),
        default=0,
        editable=False,
        help_text=_("What deliveries have in common that most likely show the same."),
    )

    objects: ClassVar[models.Manager["ReportDelivery"]] = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                "subscription",
                "recipient",
                "period",
                condition=Q(is_test=False),
                name="report_delivery_once_per_period",
            ),
            models.UniqueConstraint(
                "run",
                "recipient",
                condition=Q(is_test=False)
                & ~Q(state__in=[State.SKIPPED, State.SUPPRESSED]),
                name="report_delivery_once_per_run",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=FROZEN)
                | (
                    Q(run__isnull=False, message_date__isnull=False)
                    & ~Q(message_id="")
                    & ~Q(message_hash="")
                    & ~Q(address="")
                ),
                name="report_delivery_frozen_before_sending",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CLAIMED)
                | (~Q(owner="") & Q(lease_until__isnull=False)),
                name="report_delivery_worked_on_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=EXPLAINED) | ~Q(reason=""),
                name="report_delivery_explained",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SENT)
                | (Q(sent_at__isnull=False) & Q(handed_over__gte=1)),
                name="report_delivery_sent_at_some_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state__in=[State.DUE, State.READY]),
                name="report_delivery_waiting",
            ),
            models.Index(
                fields=["bundle", "next_attempt_at", "id"],
                condition=Q(state__in=[State.DUE, State.READY]),
                name="report_delivery_bundled",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=CLAIMED),
                name="report_delivery_leased",
            ),
            models.Index(
                fields=["definition", "period"], name="report_delivery_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.pk}"


class StoredMessage(models.Model):
    """The complete mail of one delivery, byte for byte; kept for 90 days."""

    delivery = models.OneToOneField(
        ReportDelivery,
        models.CASCADE,
        primary_key=True,
        related_name="message",
        verbose_name=_("delivery"),
    )
    content = models.BinaryField(_("content"))
    stored_at = models.DateTimeField(_("stored at"))

    class Meta:
        verbose_name = _("stored mail")
        verbose_name_plural = _("stored mails")

    def __str__(self) -> str:
        return str(self.pk)
