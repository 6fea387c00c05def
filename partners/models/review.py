"""Business reviews: when both sides looked at the whole, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.models.activity import Activity, Attachment
from partners.models.cooperation import Cooperation
from partners.models.partner import Partner
from partners.models.visibility import PartnerBoundQuerySet


class BusinessReview(models.Model):
    """One review of a partnership by both sides; who took part stands at its meeting."""

    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        related_name="business_reviews",
        verbose_name=_("partner"),
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="business_reviews",
        verbose_name=_("cooperation"),
        help_text=_("Empty when all cooperations with the partner were reviewed."),
    )
    meeting = models.OneToOneField(
        Activity,
        models.PROTECT,
        related_name="business_review",
        verbose_name=_("meeting"),
    )
    held_on = models.DateField(_("held on"))
    outcomes = models.TextField(_("outcomes"))
    next_due_on = models.DateField(_("next review due on"))
    pack = models.ForeignKey(
        Attachment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="business_reviews",
        verbose_name=_("review pack"),
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="business_reviews",
        verbose_name=_("recorded by"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = PartnerBoundQuerySet["BusinessReview"].as_manager()

    class Meta:
        verbose_name = _("business review")
        verbose_name_plural = _("business reviews")
        constraints = [
            models.CheckConstraint(
                name="businessreview_next_is_later",
                condition=Q(next_due_on__gt=F("held_on")),
            ),
            models.CheckConstraint(
                name="businessreview_has_outcomes", condition=~Q(outcomes="")
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "-held_on"], name="businessreview_latest")
        ]

    def __str__(self) -> str:
        return f"{self.held_on:%Y-%m-%d}"
