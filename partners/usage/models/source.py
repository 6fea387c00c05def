"""Where billing exports come from, and how their deliveries follow one another."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryMode(models.TextChoices):
    """How a new delivery relates to the earlier ones of the same billing month."""

    OVERWRITE = "overwrite", _("each delivery replaces the month")
    APPEND = "append", _("each delivery adds rows")
    DAILY_THEN_MONTH = "daily-then-month", _("days add up, the month replaces them")


class BillingSource(models.Model):
    """One export of billing data that is delivered again and again."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    provider = models.CharField(_("provider"), max_length=120, blank=True, default="")
    delivery_mode = models.CharField(
        _("delivery mode"),
        max_length=20,
        choices=DeliveryMode.choices,
        default=DeliveryMode.OVERWRITE,
    )
    scope = models.CharField(
        _("scope"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Name of the export where one source has several; usually empty."),
    )
    time_zone = models.CharField(
        _("time zone of billing months"), max_length=60, default="UTC"
    )
    lateness_days = models.PositiveSmallIntegerField(
        _("expected lateness in days"), default=2
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("days until a month counts as closed"),
        default=20,
        help_text=_("A changed closed month is held for a person."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("billing source")
        verbose_name_plural = _("billing sources")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(delivery_mode__in=DeliveryMode.values),
                name="billing_source_mode_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="billing_source_named"
            ),
        ]

    def __str__(self) -> str:
        return self.name
