"""Consumption that programs report by themselves, hours before the bill arrives."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from partners.usage.models.account import AccountOwnership, CloudAccount
from partners.usage.models.delivery import DeliveryStatus, UsageDelivery


class MeteredEventQuerySet(models.QuerySet["MeteredEvent"]):
    """Reported events."""

    def visible_to(self, user: User) -> Self:
        """Keep those of accounts whose partner of that day this person may see."""
        owned = AccountOwnership.objects.visible_to(user).filter(
            account=OuterRef("account"), during__contains=OuterRef("charge_day")
        )
        return self.filter(Exists(owned))

    def told(self) -> Self:
        """Add whether it still stands in for the bill (`is_provisional`)."""
        return self.annotate(is_provisional=~_billed())

    def provisional(self) -> Self:
        """Keep those of days that no current delivery covers."""
        return self.filter(~_billed())


def _billed() -> Exists:
    return Exists(
        UsageDelivery.objects.filter(
            source=OuterRef("account__source"),
            status=DeliveryStatus.CURRENT,
            days__contains=[OuterRef("charge_day")],
        )
    )


class MeteredEvent(models.Model):
    """What one account consumed of one model at one moment, as a program reported it once.

    Provisional: it counts until a billing delivery covers the day, and never on top of it.
    """

    account = models.ForeignKey(
        CloudAccount,
        models.PROTECT,
        related_name="metered_events",
        verbose_name=_("account"),
    )
    origin = models.CharField(_("origin"), max_length=200)
    event_id = models.CharField(_("event"), max_length=200)
    happened_at = models.DateTimeField(_("happened at"))
    charge_day = models.DateField(_("charge day (UTC)"))
    model = models.CharField(_("model"), max_length=200)
    tokens_in = models.BigIntegerField(_("tokens in"), default=0)
    tokens_out = models.BigIntegerField(_("tokens out"), default=0)
    requests = models.BigIntegerField(_("requests"), default=0)
    gpu_seconds = models.DecimalField(
        _("GPU seconds"), max_digits=20, decimal_places=6, default=0
    )
    received_at = models.DateTimeField(_("received at"))

    objects = MeteredEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("metered event")
        verbose_name_plural = _("metered events")
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "event_id"], name="metered_event_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    tokens_in__gte=0,
                    tokens_out__gte=0,
                    requests__gte=0,
                    gpu_seconds__gte=0,
                ),
                name="metered_event_never_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "charge_day"], name="metered_event_series"),
            models.Index(fields=["happened_at"], name="metered_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.event_id}"
