"""Files on their way in: uploads in parts, and what was found where exports are dropped."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from partners.usage.models.delivery import UsageLoad
from partners.usage.models.source import BillingSource


class UploadState(models.TextChoices):
    """How far an upload has come."""

    OPEN = "open", _("being sent")
    HANDED_IN = "handed-in", _("handed in")
    ABANDONED = "abandoned", _("abandoned")


class UsageUploadQuerySet(models.QuerySet["UsageUpload"]):
    """Uploads belong to whoever sends them."""

    def visible_to(self, user: User) -> "UsageUploadQuerySet":
        return self.filter(policy.own_or_all(policy.reach_of(user), "created_by"))


class UsageUpload(models.Model):
    """One file that a person or program sends in parts; the parts lie on disk."""

    source = models.ForeignKey(
        BillingSource,
        models.PROTECT,
        related_name="uploads",
        verbose_name=_("source"),
    )
    file_name = models.CharField(_("file"), max_length=200)
    size = models.BigIntegerField(_("bytes"))
    offset = models.BigIntegerField(_("bytes received"), default=0)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=UploadState.choices,
        default=UploadState.OPEN,
    )
    load = models.OneToOneField(
        UsageLoad,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="upload",
        verbose_name=_("load"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("sent by"),
    )
    created_at = models.DateTimeField(_("begun at"))
    touched_at = models.DateTimeField(_("latest part at"))

    objects = UsageUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("usage upload")
        verbose_name_plural = _("usage uploads")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UploadState.values),
                name="usage_upload_state_known",
            ),
            models.CheckConstraint(
                condition=Q(offset__gte=0, offset__lte=F("size"), size__gt=0),
                name="usage_upload_offset_within_size",
            ),
            models.CheckConstraint(
                condition=~Q(state=UploadState.HANDED_IN) | Q(offset=F("size")),
                name="usage_upload_handed_in_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=Q(state="open"),
                name="usage_upload_open",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ArrivalState(models.TextChoices):
    """How far a found file or folder has come."""

    SEEN = "seen", _("seen")
    FETCHING = "fetching", _("being fetched")
    HANDED_IN = "handed-in", _("handed in")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")


class UsageArrival(models.Model):
    """One file or folder that was found where exports are dropped."""

    address = models.CharField(_("address"), max_length=700)
    source_name = models.CharField(_("source"), max_length=120)
    stamp = models.CharField(
        _("stamp"),
        max_length=64,
        help_text=_("Of names, sizes and times; the same twice means complete."),
    )
    bytes = models.BigIntegerField(_("bytes"), default=0)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=ArrivalState.choices,
        default=ArrivalState.SEEN,
    )
    load = models.OneToOneField(
        UsageLoad,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="arrival",
        verbose_name=_("load"),
    )
    error = models.CharField(_("error"), max_length=1000, blank=True, default="")
    owner = models.CharField(_("worker"), max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    seen_at = models.DateTimeField(_("first seen at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("usage arrival")
        verbose_name_plural = _("usage arrivals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ArrivalState.values),
                name="usage_arrival_state_known",
            ),
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(state__in=["seen", "fetching", "handed-in"]),
                name="usage_arrival_one_open_per_address",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class UsageReroll(models.Model):
    """One rolling up of a source anew, after a rule named a new tag."""

    source = models.ForeignKey(
        BillingSource,
        models.PROTECT,
        related_name="rerolls",
        verbose_name=_("source"),
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"))
    total = models.PositiveIntegerField(_("deliveries"), default=0)
    done = models.PositiveIntegerField(_("rolled up"), default=0)
    owner = models.CharField(_("worker"), max_length=80, blank=True, default="")
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("rolling up anew")
        verbose_name_plural = _("rollings up anew")
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(finished_at__isnull=True, owner=""),
                name="usage_reroll_one_waits_per_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.done}/{self.total}"
