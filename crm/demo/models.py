"""The mark that demo data is in the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DemoSeed(models.Model):
    """One filling of the database with demo data; there is at most one."""

    seed = models.IntegerField(_("seed"))
    filled_at = models.DateTimeField(_("filled at"))
    is_only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("demo data")
        verbose_name_plural = _("demo data")
        constraints = [
            models.CheckConstraint(
                name="demoseed_is_only", condition=models.Q(is_only=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.seed}"
