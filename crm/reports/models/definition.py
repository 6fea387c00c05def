"""What a report is, and who gets it."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.accounts.policy import own_or_all, reach_of
from crm.reports.weeks import Rhythm

EVERY_FORMAT = ("pdf", "xlsx")


def every_format() -> list[str]:
    """Return the attachments that a new definition has."""
    return list(EVERY_FORMAT)


class Audience(models.TextChoices):
    """For whom a report is made; says which sections fit."""

    EXECUTIVE = "executive", _("Executive portfolio")
    MANAGER = "manager", _("Alliance manager")
    FINANCE = "finance", _("Finance")
    PARTNER = "partner", _("Single partner")


class ReportDefinition(models.Model):
    """One report: what it contains, and on which weekday and hour it comes."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience.choices)
    sections = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("sections"),
        help_text=_("Names of sections, in the order of the report."),
    )
    rhythm = models.CharField(
        _("rhythm"), max_length=20, choices=Rhythm.choices, default=Rhythm.WEEKLY
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
        help_text=_("1 is Monday, 7 is Sunday."),
    )
    hour = models.PositiveSmallIntegerField(
        _("hour"),
        default=9,
        validators=[MaxValueValidator(23)],
        help_text=_("0 to 23, by the clocks of the subscription's zone."),
    )
    formats = ArrayField(
        models.CharField(max_length=10),
        verbose_name=_("attachments"),
        default=every_format,
        blank=True,
        help_text=_("pdf, xlsx, both or none."),
    )
    wait_minutes = models.PositiveSmallIntegerField(
        _("wait for late data (minutes)"),
        default=240,
        help_text=_("After that the report goes out marked provisional."),
    )
    catch_up_hours = models.PositiveSmallIntegerField(
        _("send late within (hours)"),
        default=120,
        help_text=_("A report that is later than that is skipped, not sent."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="report_definitions",
        verbose_name=_("owner"),
        help_text=_("Is told when a report fails; replies go there."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="report_definition_weekday_is_iso",
            ),
            models.CheckConstraint(
                condition=Q(hour__lte=23), name="report_definition_hour_of_a_day"
            ),
            models.CheckConstraint(
                condition=Q(formats__contained_by=list(EVERY_FORMAT)),
                name="report_definition_formats_known",
            ),
            models.CheckConstraint(
                condition=Q(sections__len__gte=1),
                name="report_definition_has_a_section",
            ),
            models.CheckConstraint(
                condition=Q(wait_minutes__lt=F("catch_up_hours") * 60),
                name="report_definition_waits_less_than_it_catches_up",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Scope(models.TextChoices):
    """Which partners a subscription is about; never more than its reader may see."""

    ALL = "all", _("All partners that the reader may see")
    OWN = "own", _("Partners that the reader owns")
    TEAM = "team", _("Partners of one team and the teams below it")
    PARTNER = "partner", _("One partner")


class SubscriptionQuerySet(models.QuerySet["ReportSubscription"]):
    """Subscriptions, and who may see them."""

    def visible_to(self, user: User) -> Self:
        """Keep the person's own subscriptions; all, for administrators and auditors."""
        return self.filter(own_or_all(reach_of(user), "person"))


class ReportSubscription(models.Model):
    """One person, role or team that gets one report about one scope."""

    definition = models.ForeignKey(
        ReportDefinition,
        models.PROTECT,
        related_name="subscriptions",
        verbose_name=_("report"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="report_subscriptions",
        verbose_name=_("person"),
    )
    role = models.ForeignKey(
        "auth.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="report_subscriptions",
        verbose_name=_("role"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="report_subscriptions",
        verbose_name=_("team"),
        help_text=_("Everybody in this team and the teams below it."),
    )
    scope = models.CharField(
        _("scope"), max_length=20, choices=Scope.choices, default=Scope.ALL
    )
    scope_team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team of the scope"),
    )
    scope_partner = models.ForeignKey(
        "partners.Partner",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="report_subscriptions",
        verbose_name=_("partner of the scope"),
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("Empty: the language of each reader."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        help_text=_("Empty: the currency of each reader."),
    )
    formats = ArrayField(
        models.CharField(max_length=10),
        verbose_name=_("attachments"),
        default=every_format,
        blank=True,
        help_text=_("pdf, xlsx, both or none."),
    )
    send_if_empty = models.BooleanField(
        _("send when there is nothing to report"),
        default=True,
        help_text=_("Silence must not look like success."),
    )
    is_paused = models.BooleanField(_("paused"), default=False)
    next_due_at = models.DateTimeField(_("next due at"), editable=False)
    next_period = models.CharField(_("next period"), max_length=10, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects: ClassVar[models.Manager["ReportSubscription"]] = (
        SubscriptionQuerySet.as_manager()
    )

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(person__isnull=False, role__isnull=True, team__isnull=True)
                    | Q(person__isnull=True, role__isnull=False, team__isnull=True)
                    | Q(person__isnull=True, role__isnull=True, team__isnull=False)
                ),
                name="report_subscription_has_one_audience",
            ),
            models.CheckConstraint(
                condition=Q(scope=Scope.TEAM) ^ Q(scope_team__isnull=True),
                name="report_subscription_scope_names_its_team",
            ),
            models.CheckConstraint(
                condition=Q(scope=Scope.PARTNER) ^ Q(scope_partner__isnull=True),
                name="report_subscription_scope_names_its_partner",
            ),
            models.CheckConstraint(
                condition=Q(formats__contained_by=list(EVERY_FORMAT)),
                name="report_subscription_formats_known",
            ),
            models.CheckConstraint(
                condition=Q(currency="") | Q(currency__regex=r"^[A-Z]{3}$"),
                name="report_subscription_currency_has_three_letters",
            ),
            models.UniqueConstraint(
                "definition",
                "person",
                "role",
                "team",
                "scope",
                "scope_team",
                "scope_partner",
                name="report_subscription_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_due_at"],
                condition=Q(is_paused=False),
                name="report_subscription_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class OptOut(models.Model):
    """One person who does not want the mails of one subscription any more."""

    subscription = models.ForeignKey(
        ReportSubscription,
        models.CASCADE,
        related_name="opt_outs",
        verbose_name=_("subscription"),
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        verbose_name=_("person"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("unsubscription")
        verbose_name_plural = _("unsubscriptions")
        constraints = [
            models.UniqueConstraint(
                "subscription", "person", name="report_opt_out_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.person_id}"
