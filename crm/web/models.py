"""What the doors remember: answers to writes that callers may repeat."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptAnswer(models.Model):
    """The answer one caller got to the write it marked with one Idempotency-Key."""

    caller = models.CharField(
        _("caller"), max_length=40, help_text=_("token:7 or user:7")
    )
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(
        _("fingerprint"),
        max_length=64,
        help_text=_("SHA-256 of method, address and body."),
    )
    status = models.PositiveSmallIntegerField(_("HTTP status"))
    headers = models.JSONField(_("headers"), default=dict)
    body = models.BinaryField(_("body"))
    at = models.DateTimeField(_("at"), db_index=True)

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "key"], name="keptanswer_once_per_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.key}"
