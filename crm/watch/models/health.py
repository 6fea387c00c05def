"""Health: what was found on which day, the scheme behind it, and what people say instead."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.watch.health import Measure
from partners.models import Cooperation, Partner
from partners.models.visibility import CooperationBoundQuerySet


class HealthScheme(models.Model):
    """One version of weights and numbers; the latest is in force, none is ever changed."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    weights = models.JSONField(
        _("weights"), help_text=_("Percent of each measure, by stage.")
    )
    numbers = models.JSONField(_("numbers of the formulas"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="health_schemes",
        verbose_name=_("by"),
    )
    made_at = models.DateTimeField(_("made at"))
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("health scheme")
        verbose_name_plural = _("health schemes")
        constraints = [
            models.CheckConstraint(
                name="healthscheme_version_is_positive", condition=Q(version__gte=1)
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


def _score(name: object) -> models.PositiveSmallIntegerField[int | None, int | None]:
    return models.PositiveSmallIntegerField(
        name,  # type: ignore[arg-type]  # lazy text
        null=True,
        blank=True,
        help_text=_("0 to 100; empty is unknown."),
    )


class HealthSnapshot(models.Model):
    """Health of one cooperation from one day on, until the next snapshot."""

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="health_snapshots",
        verbose_name=_("cooperation"),
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="+", verbose_name=_("partner")
    )
    valid_from = models.DateField(_("from"))
    is_latest = models.BooleanField(_("latest"), default=True)
    stage = models.CharField(_("stage"), max_length=30)
    deployment = _score(Measure.DEPLOYMENT.label)
    engagement = _score(Measure.ENGAGEMENT.label)
    adoption = _score(Measure.ADOPTION.label)
    returns = _score(Measure.RETURNS.label)
    overall = _score(_("overall"))
    confidence = models.PositiveSmallIntegerField(
        _("confidence"), help_text=_("Percent of the weights that are known.")
    )
    drivers = models.JSONField(_("drivers"), default=list)
    scheme_version = models.PositiveIntegerField(_("scheme"))

    objects = CooperationBoundQuerySet["HealthSnapshot"].as_manager()

    class Meta:
        verbose_name = _("health")
        verbose_name_plural = _("health")
        constraints = [
            models.UniqueConstraint(
                "cooperation", "valid_from", name="healthsnapshot_one_per_day"
            ),
            models.UniqueConstraint(
                "cooperation",
                condition=Q(is_latest=True),
                name="healthsnapshot_one_latest",
            ),
            models.CheckConstraint(
                name="healthsnapshot_scores_to_100",
                condition=Q(confidence__lte=100)
                & (Q(overall__isnull=True) | Q(overall__lte=100))
                & (Q(deployment__isnull=True) | Q(deployment__lte=100))
                & (Q(engagement__isnull=True) | Q(engagement__lte=100))
                & (Q(adoption__isnull=True) | Q(adoption__lte=100))
                & (Q(returns__isnull=True) | Q(returns__lte=100)),
            ),
        ]
        indexes = [
            models.Index(
                "overall",
                "id",
                condition=Q(is_latest=True),
                name="healthsnapshot_worst",
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}: {'?' if self.overall is None else self.overall}"


class HealthOverride(models.Model):
    """What a person says about the health of a cooperation, for 30 days at most."""

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="health_overrides",
        verbose_name=_("cooperation"),
    )
    overall = models.PositiveSmallIntegerField(_("overall"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="health_overrides",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    ends_on = models.DateField(_("holds until"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = CooperationBoundQuerySet["HealthOverride"].as_manager()

    class Meta:
        verbose_name = _("health by hand")
        verbose_name_plural = _("health by hand")
        constraints = [
            models.CheckConstraint(
                name="healthoverride_to_100", condition=Q(overall__lte=100)
            ),
            models.CheckConstraint(
                name="healthoverride_has_reason", condition=~Q(reason="")
            ),
            models.CheckConstraint(
                name="healthoverride_withdrawn_after_it_was_made",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("at")),
            ),
            models.UniqueConstraint(
                "cooperation",
                condition=Q(withdrawn_at__isnull=True),
                name="healthoverride_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.overall} → {self.ends_on}"


class GateLook(models.Model):
    """What the gate ahead of one cooperation said when the product last looked at it."""

    cooperation = models.OneToOneField(
        Cooperation,
        models.CASCADE,
        related_name="gate_look",
        verbose_name=_("cooperation"),
    )
    stay_id = models.BigIntegerField(_("stay"))
    passed = models.PositiveSmallIntegerField(_("met"))
    total = models.PositiveSmallIntegerField(_("criteria"))
    looked_at = models.DateTimeField(_("looked at"))

    class Meta:
        verbose_name = _("look at a gate")
        verbose_name_plural = _("looks at gates")
        constraints = [
            models.CheckConstraint(
                name="gatelook_met_are_among_all", condition=Q(passed__lte=F("total"))
            )
        ]
        indexes = [models.Index("looked_at", name="gatelook_oldest")]

    def __str__(self) -> str:
        return f"{self.passed} / {self.total}"
