"""The nightly look at every cooperation: claimed once a day, finished once."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Stocktaking(models.Model):
    """One day's look at everything; whoever claims it does it, a dead one's is taken over."""

    day = models.DateField(_("day (UTC)"), unique=True)
    claimed_by = models.UUIDField(_("taken by"))
    lease_until = models.DateTimeField(_("taken until"))
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    cooperations = models.PositiveIntegerField(_("cooperations"), default=0)
    snapshots = models.PositiveIntegerField(_("changed"), default=0)
    opened = models.PositiveIntegerField(_("alerts opened"), default=0)
    resolved = models.PositiveIntegerField(_("alerts resolved"), default=0)

    class Meta:
        verbose_name = _("nightly look")
        verbose_name_plural = _("nightly looks")
        constraints = [
            models.CheckConstraint(
                name="stocktaking_finished_after_start",
                condition=Q(finished_at__isnull=True)
                | Q(finished_at__gte=F("started_at")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"
