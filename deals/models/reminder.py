"""Reminders by mail: each falls due once, and is claimed before it is sent."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deals.commitments import CommitmentStatus
from deals.models.commitment import Commitment, CommitmentBoundQuerySet


class Reminder(models.Model):
    """One mail that fell due, and how far it is; what it is about says the heir."""

    class State(models.TextChoices):
        """How far its mail is."""

        DUE = "due", _("due")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        NO_READER = "no_reader", _("nobody to send it to")
        FAILED = "failed", _("failed")

    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DUE
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent to"),
    )
    due_at = models.DateTimeField(_("fell due at"))
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    claimed_by = models.UUIDField(_("claimed by"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    answer = models.CharField(
        _("answer of the mail server"), max_length=250, blank=True, default=""
    )

    class Meta:
        abstract = True


class CommitmentReminderQuerySet(CommitmentBoundQuerySet):
    """Questions about reminders of commitments."""

    def of_promises_kept(self) -> Self:
        """Leave out those of commitments that were cancelled."""
        return self.exclude(commitment__status=CommitmentStatus.CANCELLED)


class CommitmentReminder(Reminder):
    """One reminder that fell due for one commitment; there is never a second of its kind."""

    class Kind(models.TextChoices):
        """What it reminds of."""

        MILESTONE_60 = "milestone_60", _("milestone in 60 days")
        MILESTONE_30 = "milestone_30", _("milestone in 30 days")
        MISSED = "missed", _("milestone missed")
        END_60 = "end_60", _("ends in 60 days")
        END_30 = "end_30", _("ends in 30 days")

    commitment = models.ForeignKey(
        Commitment,
        models.CASCADE,
        related_name="reminders",
        verbose_name=_("commitment"),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    deadline_on = models.DateField(
        _("date"), help_text=_("The milestone, or the end, that it reminds of.")
    )

    objects = CommitmentReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder of a commitment")
        verbose_name_plural = _("reminders of commitments")
        constraints = [
            models.UniqueConstraint(
                "commitment", "deadline_on", "kind", name="commitmentreminder_once"
            ),
            models.CheckConstraint(
                name="commitmentreminder_sent_has_time",
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                "due_at",
                condition=Q(state__in=["due", "sending"]),
                name="commitmentreminder_unsent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id}: {self.kind} {self.deadline_on}"
