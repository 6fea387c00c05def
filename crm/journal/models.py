"""What happened, row by row; nothing here is ever changed or deleted."""

from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.journal import visibility


class TransactionNumber(models.Func):
    """The number of the running transaction, shifted by what a restore made needed."""

    template = "(pg_current_xact_id()::text::bigint + journal_shift())"
    output_field = models.BigIntegerField()
    arity = 0
    allowed_default = True


class EventQuerySet(models.QuerySet["Event"]):
    """Journal entries."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Narrow to the entries this person may read."""
        return self.filter(visibility.entries_seen_by(user))


class Event(models.Model):
    """One thing that happened to one subject, written in the transaction of the change."""

    kind = models.CharField(_("kind"), max_length=80)
    subject_type = models.CharField(_("subject type"), max_length=80)
    subject_id = models.BigIntegerField(_("subject id"))
    partner_id = models.BigIntegerField(_("partner concerned"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    token_id = models.BigIntegerField(_("API token"), null=True, blank=True)
    at = models.DateTimeField(_("at"))
    old = models.JSONField(_("old values"), default=dict)
    new = models.JSONField(_("new values"), default=dict)
    personal_fields = models.JSONField(
        _("personal fields"),
        default=list,
        help_text=_("Names of changed fields whose values are kept apart."),
    )
    request_id = models.CharField(_("request"), max_length=64, blank=True, default="")
    transaction = models.BigIntegerField(
        _("transaction"),
        db_default=TransactionNumber(),
        editable=False,
        help_text=_("Orders the change feed so that a late commit is never skipped."),
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "id"], name="event_subject"
            ),
            models.Index(fields=["partner_id", "id"], name="event_partner"),
            models.Index(fields=["transaction", "id"], name="event_commit_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__regex=r"^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)+$"
                ),
                name="event_kind_is_dotted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"


class PersonalValue(models.Model):
    """The values of one personal field in one journal entry; gone once erased."""

    event = models.ForeignKey(
        Event,
        models.PROTECT,
        related_name="personal_values",
        verbose_name=_("journal entry"),
    )
    field = models.CharField(_("field"), max_length=80)
    old = models.JSONField(_("old value"), null=True)
    new = models.JSONField(_("new value"), null=True)

    class Meta:
        verbose_name = _("personal value")
        verbose_name_plural = _("personal values")
        constraints = [
            models.UniqueConstraint(
                "event", "field", name="personal_value_once_per_field"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.field}"
