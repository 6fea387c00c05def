"""Signs of life, and the slots that scheduled ticks have claimed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """The latest sign of life of one part of the product, for example of the worker."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name


class TickClaim(models.Model):
    """One slot of one scheduled tick that somebody has taken; nobody takes it again."""

    name = models.CharField(_("name"), max_length=120)
    slot = models.CharField(
        _("slot"), max_length=60, help_text=_("A label such as 2026-W47.")
    )
    at = models.DateTimeField(_("claimed at"))

    class Meta:
        verbose_name = _("claimed tick")
        verbose_name_plural = _("claimed ticks")
        constraints = [
            models.UniqueConstraint("name", "slot", name="tick_claim_once_per_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.slot}"
