"""What was handed in, and what each billing month of it has become."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.usage.models.source import BillingSource


class LoadState(models.TextChoices):
    """How far the handling of one load has come."""

    WAITING = "waiting", _("waiting")
    READING = "reading", _("being read")
    LOADED = "loaded", _("loaded")
    NO_OP = "no-op", _("already loaded, nothing to do")
    HELD = "held", _("held for a person")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class DeliveryStatus(models.TextChoices):
    """What one billing month of a load counts for."""

    STAGED = "staged", _("being loaded")
    CURRENT = "current", _("current")
    HELD = "held", _("held for a person")
    SUPERSEDED = "superseded", _("superseded")
    WITHDRAWN = "withdrawn", _("withdrawn")
    NO_OP = "no-op", _("already loaded")


class UsageLoad(models.Model):
    """One handing-in of files for one source: from a command, an upload or a folder."""

    source = models.ForeignKey(
        BillingSource,
        models.PROTECT,
        related_name="loads",
        verbose_name=_("source"),
    )
    scope = models.CharField(_("scope"), max_length=200, blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=LoadState.choices,
        default=LoadState.WAITING,
    )
    paths = models.JSONField(_("handed in"), default=list)
    manifest = models.CharField(_("manifest"), max_length=400, blank=True, default="")
    files = models.JSONField(_("files"), default=list)
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="")
    focus_version = models.CharField(
        _("FOCUS version"), max_length=20, blank=True, default=""
    )
    rows_read = models.BigIntegerField(_("rows read"), default=0)
    rows_loaded = models.BigIntegerField(_("rows loaded"), default=0)
    rows_rejected = models.BigIntegerField(_("rows rejected"), default=0)
    totals = models.JSONField(_("totals of the files"), default=dict)
    rejected_totals = models.JSONField(_("totals of rejected rows"), default=dict)
    rejects = models.JSONField(_("first rejected rows"), default=list)
    notices = models.JSONField(_("notices"), default=list)
    error = models.JSONField(_("reason of the refusal"), null=True, blank=True)
    same_as = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("same content as"),
    )
    step = models.CharField(_("step"), max_length=40, blank=True, default="")
    bytes_read = models.BigIntegerField(_("bytes read"), default=0)
    bytes_total = models.BigIntegerField(_("bytes"), default=0)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    is_cancel_wanted = models.BooleanField(_("to be cancelled"), default=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    owner = models.CharField(_("worker"), max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    seconds = models.FloatField(_("seconds"), default=0)

    class Meta:
        verbose_name = _("usage load")
        verbose_name_plural = _("usage loads")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=LoadState.values),
                name="usage_load_state_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=LoadState.READING)
                | (models.Q(lease_until__isnull=False) & ~models.Q(owner="")),
                name="usage_load_reading_has_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-id"], name="usage_load_by_source"),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["waiting", "reading"]),
                name="usage_load_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} #{self.pk}"


class UsageDelivery(models.Model):
    """What one load says about one billing month of one scope of one source."""

    load = models.ForeignKey(
        UsageLoad,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("load"),
    )
    source = models.ForeignKey(
        BillingSource,
        models.PROTECT,
        related_name="deliveries",
        verbose_name=_("source"),
    )
    scope = models.CharField(_("scope"), max_length=200, blank=True, default="")
    billing_month = models.DateField(_("billing month"))
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=DeliveryStatus.choices,
        default=DeliveryStatus.STAGED,
    )
    is_increment = models.BooleanField(
        _("adds to the month"),
        default=False,
        help_text=_("Else it is the whole month and replaces what was there."),
    )
    rows = models.BigIntegerField(_("rows"), default=0)
    rows_without_cost = models.JSONField(_("rows without a cost"), default=dict)
    totals = models.JSONField(_("totals"), default=dict)
    days = ArrayField(models.DateField(), default=list, verbose_name=_("charge days"))
    fingerprint = models.CharField(
        _("fingerprint of the rows"), max_length=120, blank=True, default=""
    )
    reasons = models.JSONField(_("why it is held"), default=list)
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )
    folder = models.CharField(_("folder in the store"), max_length=300, default="")
    stored_bytes = models.BigIntegerField(_("stored bytes"), default=0)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("usage delivery")
        verbose_name_plural = _("usage deliveries")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=DeliveryStatus.values),
                name="usage_delivery_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(billing_month__day=1),
                name="usage_delivery_month_begins_on_its_first",
            ),
            models.UniqueConstraint(
                fields=["load", "billing_month"],
                name="usage_delivery_once_per_load_and_month",
            ),
            models.UniqueConstraint(
                fields=["source", "scope", "billing_month"],
                condition=models.Q(status=DeliveryStatus.CURRENT, is_increment=False),
                name="usage_delivery_one_current_whole_month",
            ),
        ]
        indexes = [
            models.Index(
                fields=["source", "billing_month", "status"],
                name="usage_delivery_by_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.billing_month:%Y-%m} #{self.pk}"
