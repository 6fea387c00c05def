"""Feedback: what a scenario asks of a model version, until the partner has verified it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from partners.ai.lifecycles import WAITING, FeedbackState
from partners.ai.models.catalogue import BaseModel
from partners.ai.models.derived import DerivedModel
from partners.ai.models.scenario import Scenario
from partners.models import Contact
from partners.models.visibility import CooperationBoundQuerySet


class Priority(models.IntegerChoices):
    """How much it matters to the partner; the larger the sooner."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    BLOCKING = 4, _("Blocks the scenario")


class FeedbackTopic(models.TextChoices):
    """What the feedback is about."""

    QUALITY = "quality", _("Answer quality")
    CAPABILITY = "capability", _("Missing capability")
    SPEED = "speed", _("Speed")
    COST = "cost", _("Cost")
    SAFETY = "safety", _("Safety")
    LANGUAGE = "language", _("Language or domain")
    TOOLS = "tools", _("Tool use")
    OTHER = "other", _("Other")


class FeedbackQuerySet(CooperationBoundQuerySet["Feedback"]):
    """Feedback, seen with the partner of its scenario."""

    path_to_partner = "scenario__cooperation__partner__"

    def waiting(self) -> Self:
        """Keep what somebody still has to do something about."""
        return self.filter(state__in=WAITING)

    def urgent_first(self) -> Self:
        """Order by priority, then by age."""
        return self.order_by("-priority", "raised_on", "pk")

    def with_names(self) -> Self:
        """Join what a list shows of each."""
        return self.select_related(
            "scenario__cooperation__partner", "owner", "base", "derived",
            "shipped_base", "shipped_derived",
        )  # fmt: skip


_ONE_MODEL = Q(base__isnull=False, derived__isnull=True) | Q(
    base__isnull=True, derived__isnull=False
)
_SHIPPED = Q(shipped_on__isnull=False) & (
    Q(shipped_base__isnull=False, shipped_derived__isnull=True)
    | Q(shipped_base__isnull=True, shipped_derived__isnull=False)
)
_NOT_SHIPPED = Q(
    shipped_on__isnull=True, shipped_base__isnull=True, shipped_derived__isnull=True
)
RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(name="feedback_has_title", condition=~Q(title="")),
    models.CheckConstraint(name="feedback_is_about_one_model", condition=_ONE_MODEL),
    models.CheckConstraint(
        name="feedback_accepted_has_owner",
        condition=~Q(state__in=["accepted", "shipped"]) | Q(owner__isnull=False),
    ),
    models.CheckConstraint(
        name="feedback_shipped_names_version",
        condition=(Q(state__in=["shipped", "verified"]) & _SHIPPED)
        | (~Q(state__in=["shipped", "verified"]) & _NOT_SHIPPED),
    ),
    models.CheckConstraint(
        name="feedback_verified_has_day",
        condition=Q(state="verified", verified_on__isnull=False)
        | (~Q(state="verified") & Q(verified_on__isnull=True)),
    ),
    models.CheckConstraint(
        name="feedback_declined_says_why",
        condition=~Q(state="declined") | ~Q(reason=""),
    ),
    models.CheckConstraint(
        name="feedback_verified_after_shipping",
        condition=Q(verified_on__isnull=True) | Q(verified_on__gte=F("shipped_on")),
    ),
]


class Feedback(models.Model):
    """One need of a partner, found in a scenario, addressed to one model version."""

    scenario = models.ForeignKey(
        Scenario, models.PROTECT, related_name="feedback", verbose_name=_("scenario")
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what is needed"), blank=True, default="")
    topic = models.CharField(
        _("topic"), max_length=15, choices=FeedbackTopic, default=FeedbackTopic.QUALITY
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL
    )
    base = models.ForeignKey(
        BaseModel, models.PROTECT, null=True, blank=True,
        related_name="feedback", verbose_name=_("about base model"),
    )  # fmt: skip
    derived = models.ForeignKey(
        DerivedModel, models.PROTECT, null=True, blank=True,
        related_name="feedback", verbose_name=_("about derived model"),
    )  # fmt: skip
    state = models.CharField(
        _("state"), max_length=10, choices=FeedbackState,
        default=FeedbackState.OPEN, editable=False,
    )  # fmt: skip
    state_at = models.DateTimeField(_("in this state since"), editable=False)
    raised_on = models.DateField(_("raised on"))
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT,
        related_name="feedback_raised", verbose_name=_("raised by"), editable=False,
    )  # fmt: skip
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True,
        related_name="feedback_owned", verbose_name=_("owner"),
    )  # fmt: skip
    reason = models.TextField(
        _("reason of the latest refusal or reopening"), blank=True, default="",
        editable=False,
    )  # fmt: skip
    shipped_base = models.ForeignKey(
        BaseModel, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("shipped in base model"), editable=False,
    )  # fmt: skip
    shipped_derived = models.ForeignKey(
        DerivedModel, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("shipped in derived model"), editable=False,
    )  # fmt: skip
    shipped_on = models.DateField(
        _("shipped on"), null=True, blank=True, editable=False
    )
    verified_on = models.DateField(
        _("verified on"), null=True, blank=True, editable=False
    )
    verified_by = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True,
        related_name="feedback_verified", verbose_name=_("verified by"),
        editable=False,
    )  # fmt: skip
    reopened_count = models.PositiveSmallIntegerField(
        _("reopened"), default=0, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        permissions = (
            ("decide_feedback", "Can accept, decline and ship feedback"),
            ("answer_feedback", "Can verify and reopen feedback"),
        )
        constraints = RULES
        indexes = [
            models.Index(
                F("priority").desc(),
                "raised_on",
                "id",
                name="feedback_waiting",
                condition=Q(state__in=WAITING),
            ),
            models.Index("raised_on", "id", name="feedback_list"),
        ]

    def __str__(self) -> str:
        return self.title
