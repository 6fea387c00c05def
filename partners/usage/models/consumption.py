"""Rollups of the line items, written by COPY in the transaction of a delivery."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models.visibility import PartnerBoundQuerySet
from partners.usage.models.account import CloudAccount
from partners.usage.models.delivery import UsageDelivery
from partners.usage.models.source import BillingSource


def _exact(name: Any, *, is_nullable: bool = True) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        name, max_digits=38, decimal_places=18, null=is_nullable, blank=True
    )


class UsageMeter(models.Model):
    """What is counted: one SKU in one unit, with what it means, found in the data."""

    provider = models.CharField(_("provider"), max_length=200)
    service_category = models.CharField(_("service category"), max_length=80)
    service_subcategory = models.CharField(_("service sub-category"), max_length=120)
    service = models.CharField(_("service"), max_length=300)
    sku = models.CharField(_("SKU"), max_length=300)
    sku_meter = models.CharField(_("SKU meter"), max_length=300)
    model = models.CharField(_("model"), max_length=200)
    model_family = models.CharField(_("model family"), max_length=200)
    model_version = models.CharField(_("model version"), max_length=100)
    model_developer = models.CharField(_("model developer"), max_length=200)
    direction = models.CharField(_("token direction"), max_length=10)
    cache = models.CharField(_("token cache action"), max_length=10)
    unit = models.CharField(_("unit"), max_length=80)
    base_unit = models.CharField(_("base unit"), max_length=40)
    factor = models.DecimalField(
        _("base units in one unit"),
        max_digits=30,
        decimal_places=9,
        help_text=_("Per month units: per hour of the billing month."),
    )
    is_ai = models.BooleanField(_("AI"))
    is_monthly = models.BooleanField(_("per month"))
    is_time_weighted = models.BooleanField(_("averaged over time, never summed"))

    class Meta:
        verbose_name = _("meter")
        verbose_name_plural = _("meters")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "provider",
                    "service_category",
                    "service_subcategory",
                    "service",
                    "sku",
                    "sku_meter",
                    "model",
                    "model_version",
                    "direction",
                    "cache",
                    "unit",
                ],
                name="usage_meter_once",
            ),
            models.CheckConstraint(
                condition=models.Q(factor__gt=0), name="usage_meter_factor_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.sku_meter or self.sku} ({self.unit})"


class DailyUsage(models.Model):
    """What one account consumed of one meter on one charge day, as one delivery says."""

    # Without constraints in the database: rows come by the hundred thousand through
    # COPY, in the transaction that locked the delivery and found the ids.
    delivery = models.ForeignKey(
        UsageDelivery, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    account = models.ForeignKey(
        CloudAccount,
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    meter = models.ForeignKey(
        UsageMeter,
        models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    billing_month = models.DateField(_("billing month"))
    charge_day = models.DateField(_("charge day (UTC)"))
    tag_bucket = models.CharField(_("tags named by rules"), max_length=400)
    region = models.CharField(_("region"), max_length=80)
    environment = models.CharField(_("environment by tag"), max_length=20)
    charge_category = models.CharField(_("charge category"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3)
    quantity = _exact(_("quantity"))
    list_cost = _exact(_("list cost"))
    contracted_cost = _exact(_("contracted cost"))
    billed_cost = _exact(_("billed cost"))
    effective_cost = _exact(_("effective cost"))
    row_count = models.IntegerField(_("rows"))

    class Meta:
        verbose_name = _("daily usage")
        verbose_name_plural = _("daily usage")
        indexes = [
            models.Index(fields=["account", "charge_day"], name="daily_usage_series"),
        ]

    def __str__(self) -> str:
        return f"{self.charge_day} {self.account_id} {self.meter_id}"


class MonthlyUsage(models.Model):
    """What one account spent in one month on one kind of service, for portfolio screens.

    The partner is that of the charge days, so a month in which an account moved has
    rows for both. Derived from the daily rows in the transaction that changes them.
    """

    source = models.ForeignKey(
        BillingSource, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    account = models.ForeignKey(
        CloudAccount, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    partner = models.ForeignKey(
        "partners.Partner",
        models.DO_NOTHING,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    billing_month = models.DateField(_("billing month"))
    charge_month = models.DateField(_("charge month"))
    service_category = models.CharField(_("service category"), max_length=80)
    is_ai = models.BooleanField(_("AI"))
    charge_category = models.CharField(_("charge category"), max_length=20)
    currency = models.CharField(_("currency"), max_length=3)
    list_cost = _exact(_("list cost"))
    contracted_cost = _exact(_("contracted cost"))
    billed_cost = _exact(_("billed cost"))
    effective_cost = _exact(_("effective cost"))
    tokens = _exact(_("tokens"))
    row_count = models.BigIntegerField(_("rows"))

    objects = PartnerBoundQuerySet["MonthlyUsage"].as_manager()

    class Meta:
        verbose_name = _("monthly usage")
        verbose_name_plural = _("monthly usage")
        indexes = [
            models.Index(fields=["charge_month", "partner"], name="monthly_usage_top"),
            models.Index(fields=["partner", "charge_month"], name="monthly_usage_own"),
            models.Index(
                fields=["source", "billing_month"], name="monthly_usage_delivered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge_month:%Y-%m} {self.account_id}"
