"""Exchange rates by day, and the files they came from."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

CURRENCY = r"^[A-Z]{3}$"


class RateLoad(models.Model):
    """One file of exchange rates that brought new or corrected rates."""

    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    at = models.DateTimeField(_("loaded at"))
    new_count = models.PositiveIntegerField(_("new rates"))
    changed_count = models.PositiveIntegerField(_("corrected rates"))
    same_count = models.PositiveIntegerField(_("unchanged rates"))

    class Meta:
        verbose_name = _("load of exchange rates")
        verbose_name_plural = _("loads of exchange rates")

    def __str__(self) -> str:
        return self.file_name


class FxRate(models.Model):
    """How much of one currency one unit of another was worth on one day."""

    date = models.DateField(_("date"))
    base = models.CharField(_("from"), max_length=3, help_text=_("One unit of this."))
    quote = models.CharField(_("to"), max_length=3)
    rate = models.DecimalField(
        _("rate"),
        max_digits=38,
        decimal_places=18,
        help_text=_("So much of the second currency is one unit of the first."),
    )
    source = models.CharField(_("source"), max_length=60)
    load = models.ForeignKey(
        RateLoad,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rates",
        verbose_name=_("load"),
    )

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                "base", "quote", "date", name="fx_rate_once_per_day"
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="fx_rate_positive"),
            models.CheckConstraint(
                condition=~Q(base=F("quote")), name="fx_rate_of_two_currencies"
            ),
            models.CheckConstraint(
                condition=Q(base__regex=CURRENCY, quote__regex=CURRENCY),
                name="fx_rate_currency_codes",
            ),
            models.CheckConstraint(
                condition=~Q(source=""), name="fx_rate_names_its_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.base}/{self.quote} {self.date}"
