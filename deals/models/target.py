"""Targets: what a team, an owner or a region shall reach in a period."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Team, User
from crm.core.written import UpdatedAt


class Metric(models.TextChoices):
    """What a target is set for."""

    WON = "won", _("won amount")
    SPEND = "spend", _("cloud spend")
    AI_SPEND = "ai_spend", _("AI spend")


class TargetQuerySet(models.QuerySet["Target"]):
    """Questions about targets; every colleague may read them, as figures are set by them."""

    def visible_to(self, user: User) -> "TargetQuerySet":
        """Keep what this person may see: targets are open to all who work here."""
        return self if user.is_active else self.none()


ONE_SCOPE = (
    Q(team__isnull=False, owner__isnull=True, region="")
    | Q(team__isnull=True, owner__isnull=False, region="")
    | (Q(team__isnull=True, owner__isnull=True) & ~Q(region=""))
    | Q(team__isnull=True, owner__isnull=True, region="")
)


class Target(models.Model):
    """What one team, one owner, one region, or everybody, shall reach in one period."""

    metric = models.CharField(
        _("metric"), max_length=10, choices=Metric, default=Metric.WON
    )
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name=_("team"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="targets",
        verbose_name=_("owner"),
    )
    region = models.CharField(
        _("region"),
        max_length=2,
        blank=True,
        default="",
        help_text=_("Country of the partner, two letters; nothing means everywhere."),
    )
    start_on = models.DateField(_("from"))
    end_on = models.DateField(
        _("before"), help_text=_("The first day that does not belong to it.")
    )
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.CheckConstraint(
                name="target_ends_after_start", condition=Q(end_on__gt=F("start_on"))
            ),
            models.CheckConstraint(
                name="target_amount_positive", condition=Q(amount__gt=0)
            ),
            models.CheckConstraint(name="target_is_of_one_scope", condition=ONE_SCOPE),
            models.CheckConstraint(
                name="target_currency_has_three_letters",
                condition=Q(currency__regex="^[A-Z]{3}$"),
            ),
            models.CheckConstraint(
                name="target_metric_is_known", condition=Q(metric__in=Metric.values)
            ),
            models.UniqueConstraint(
                "metric",
                "team",
                "owner",
                "region",
                "start_on",
                "end_on",
                name="target_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.start_on}"
