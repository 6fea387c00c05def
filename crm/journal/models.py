"""What happened, row by row; nothing here is ever changed or deleted."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
    request_id = models.CharField(_("request"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "id"], name="event_subject"
            ),
            models.Index(fields=["partner_id", "id"], name="event_partner"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"
