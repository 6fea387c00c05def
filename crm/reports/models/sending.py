"""Whether mails may be sent at all, and to which addresses they may not."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class SendingPlace(models.Model):
    """The database from which mails are sent: one row.

    A copy or a restored backup has another fingerprint. It holds all mails back until
    a person says that this is now the place to send from.
    """

    fingerprint = models.CharField(_("fingerprint"), max_length=80)
    is_held = models.BooleanField(_("sending is held"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("sending")
        verbose_name_plural = _("sending")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="report_sending_one_place"),
            models.CheckConstraint(
                condition=Q(is_held=False) | ~Q(reason=""),
                name="report_sending_held_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.fingerprint


class Suppression(models.Model):
    """One address to which no report is sent any more, and why."""

    address = models.EmailField(_("address"), max_length=254)
    reason = models.CharField(_("reason"), max_length=300)
    suppressed_at = models.DateTimeField(_("suppressed at"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                Lower("address"),
                condition=Q(lifted_at__isnull=True),
                name="report_suppression_once_per_address",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="report_suppression_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.address
