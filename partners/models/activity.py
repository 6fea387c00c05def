"""What people do for a partnership: activities, action items, risks, attachments."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.models.contact import Contact
from partners.models.cooperation import Cooperation
from partners.models.partner import Partner
from partners.models.visibility import PartnerBoundQuerySet


class ActivityKind(models.TextChoices):
    """What sort of thing was done."""

    MEETING = "meeting", _("Meeting")
    CALL = "call", _("Call")
    MAIL = "mail", _("Mail")
    NOTE = "note", _("Note")
    DOCUMENT = "document", _("Document")


class Side(models.TextChoices):
    """Who has to act."""

    OURS = "ours", _("Our side")
    THEIRS = "theirs", _("Their side")


class Activity(models.Model):
    """One meeting, call, mail, note or document about a partner."""

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="activities", verbose_name=_("partner")
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name=_("cooperation"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ActivityKind)
    happened_at = models.DateTimeField(_("when"))
    summary = models.CharField(_("summary"), max_length=250)
    details = models.TextField(_("details"), blank=True, default="")
    minutes = models.PositiveIntegerField(_("length in minutes"), null=True, blank=True)
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="activities",
        verbose_name=_("our people"),
    )
    contacts = models.ManyToManyField(
        Contact, blank=True, related_name="activities", verbose_name=_("their people")
    )
    is_executive = models.BooleanField(
        _("executive contact"),
        default=False,
        help_text=_("Executives of both sides met."),
    )
    is_business_review = models.BooleanField(_("business review"), default=False)
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="activities_logged",
        verbose_name=_("logged by"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = PartnerBoundQuerySet["Activity"].as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.CheckConstraint(
                name="activity_has_summary", condition=~Q(summary="")
            ),
            models.CheckConstraint(
                name="activity_kind_is_known", condition=Q(kind__in=ActivityKind.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["partner", "-happened_at"], name="activity_of_partner"
            ),
            models.Index(
                fields=["cooperation", "-happened_at"], name="activity_of_cooperation"
            ),
        ]

    def __str__(self) -> str:
        return self.summary


class ActionItemQuerySet(PartnerBoundQuerySet["ActionItem"]):
    """Questions about action items."""

    def outstanding(self) -> Self:
        """Neither done nor dropped."""
        return self.filter(status=ActionItem.Status.OPEN)


class ActionItem(models.Model):
    """One promise of one side in the mutual action plan."""

    class Status(models.TextChoices):
        """Whether it still has to be done."""

        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="action_items", verbose_name=_("partner")
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("cooperation"),
    )
    title = models.CharField(_("title"), max_length=250)
    side = models.CharField(_("side"), max_length=10, choices=Side)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("our person"),
    )
    contact = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name=_("their person"),
    )
    due_on = models.DateField(_("due on"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False
    )
    closed_at = models.DateTimeField(
        _("closed at"), null=True, blank=True, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("action item")
        verbose_name_plural = _("action items")
        constraints = [
            models.CheckConstraint(
                name="actionitem_owner_is_on_its_side",
                condition=Q(side="ours", contact__isnull=True)
                | Q(side="theirs", owner__isnull=True),
            ),
            models.CheckConstraint(
                name="actionitem_closed_has_date",
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status__in=["done", "dropped"], closed_at__isnull=False),
            ),
            models.CheckConstraint(name="actionitem_has_title", condition=~Q(title="")),
        ]
        indexes = [
            models.Index(
                "due_on", "id", condition=Q(status="open"), name="actionitem_due"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Risk(models.Model):
    """One thing that may go wrong in a cooperation, and what is done about it."""

    class Level(models.TextChoices):
        """How bad, or how likely."""

        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    class Status(models.TextChoices):
        """Whether it still threatens."""

        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="risks", verbose_name=_("partner")
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risks",
        verbose_name=_("cooperation"),
    )
    title = models.CharField(_("title"), max_length=250)
    severity = models.CharField(
        _("severity"), max_length=10, choices=Level, default=Level.MEDIUM
    )
    likelihood = models.CharField(
        _("likelihood"), max_length=10, choices=Level, default=Level.MEDIUM
    )
    mitigation = models.TextField(_("mitigation"), blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="risks",
        verbose_name=_("owner"),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.OPEN, editable=False
    )
    raised_at = models.DateTimeField(_("raised at"))
    closed_at = models.DateTimeField(
        _("closed at"), null=True, blank=True, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = PartnerBoundQuerySet["Risk"].as_manager()

    class Meta:
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        constraints = [
            models.CheckConstraint(
                name="risk_closed_has_date",
                condition=Q(status="open", closed_at__isnull=True)
                | Q(status="closed", closed_at__isnull=False),
            ),
            models.CheckConstraint(name="risk_has_title", condition=~Q(title="")),
        ]

    def __str__(self) -> str:
        return self.title


class Attachment(models.Model):
    """One stored file; its type was told from its content, not from its name."""

    class Purpose(models.TextChoices):
        """What the document is."""

        MINUTES = "minutes", _("Minutes")
        PRODUCTION_PLAN = "production_plan", _("Production plan")
        SECURITY_REVIEW = "security_review", _("Security review")
        CLOSING_REVIEW = "closing_review", _("Closing review")
        POC_REPORT = "poc_report", _("PoC report")
        PRESENTATION = "presentation", _("Presentation")
        OTHER = "other", _("Other")

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="attachments", verbose_name=_("partner")
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("cooperation"),
    )
    activity = models.ForeignKey(
        Activity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("activity"),
    )
    purpose = models.CharField(
        _("purpose"), max_length=20, choices=Purpose, default=Purpose.OTHER
    )
    file_name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("content type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.FileField(
        _("content"), upload_to="attachments/%Y/%m", max_length=300, editable=False
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="attachments",
        verbose_name=_("uploaded by"),
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    removed_at = models.DateTimeField(
        _("removed at"), null=True, blank=True, editable=False
    )

    objects = PartnerBoundQuerySet["Attachment"].as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            models.CheckConstraint(
                name="attachment_has_hash", condition=Q(sha256__regex="^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="attachment_has_name", condition=~Q(file_name="")
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
