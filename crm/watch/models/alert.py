"""Alerts: the rules people edit, what they found, and who is told by mail."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.accounts.roles import Role
from crm.watch import words
from crm.watch.rules import BY_CODE, Severity, Subject
from partners.models import Cooperation, Partner

SEES_OWNERLESS = frozenset(
    {
        Role.FINANCE,
        Role.ALLIANCE_DIRECTOR,
        Role.EXECUTIVE,
        Role.ADMINISTRATOR,
        Role.AUDITOR,
    }
)
"""Roles that see alerts about no partner: late data, spend that belongs to nobody."""


class AlertRule(models.Model):
    """One rule in force: what trips it, how long it must be gone, whom it tells."""

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    letter = models.CharField(
        _("letter"),
        max_length=1,
        blank=True,
        default="",
        editable=False,
        help_text=_("Of the rules that put a cooperation at risk."),
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    thresholds = models.JSONField(
        _("thresholds"),
        default=dict,
        help_text=_("Names and numbers; what is left out keeps its seed."),
    )
    clean_days = models.PositiveSmallIntegerField(
        _("clean days"),
        help_text=_("How long the condition must be gone before an alert closes."),
    )
    mails_owner = models.BooleanField(
        _("mails the owner"),
        default=False,
        help_text=_("Unless the owner chose otherwise."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        constraints = [
            models.CheckConstraint(
                name="alertrule_severity_is_known",
                condition=Q(severity__in=Severity.values),
            ),
            models.UniqueConstraint(
                "letter", condition=~Q(letter=""), name="alertrule_letter_once"
            ),
        ]

    def __str__(self) -> str:
        title = str(BY_CODE[self.code].title) if self.code in BY_CODE else self.code
        return f"({self.letter}) {title}" if self.letter else title


class AlertQuerySet(models.QuerySet["Alert"]):
    """Questions about alerts."""

    def visible_to(self, user: User) -> Self:
        """Keep those of partners the person sees, and those of no partner by role."""
        reach = policy.reach_of(user)
        seen = Q(partner__isnull=False) & policy.partner_visibility(
            reach, prefix="partner__"
        )
        if reach.is_active and reach.has_any(SEES_OWNERLESS):
            seen |= Q(partner__isnull=True)
        return self.filter(seen)

    def standing(self) -> Self:
        """Not resolved; acknowledged and snoozed ones included."""
        return self.filter(resolved_at__isnull=True)

    def at_risk(self) -> Self:
        """Standing ones of the lettered rules: their cooperations are at risk."""
        return self.standing().exclude(rule__letter="")

    def at_risk_over(self, first: datetime, last: datetime) -> Self:
        """Those of the lettered rules that stood at some time between two instants."""
        stood = Q(resolved_at__isnull=True) | Q(resolved_at__gt=first)
        return self.filter(stood, opened_at__lte=last).exclude(rule__letter="")


class Alert(models.Model):
    """One thing that needs somebody: what one rule found about one subject, until resolved."""

    rule = models.ForeignKey(
        AlertRule, models.PROTECT, related_name="alerts", verbose_name=_("rule")
    )
    subject_type = models.CharField(_("about"), max_length=40, choices=Subject)
    subject_id = models.BigIntegerField(_("number"))
    subject_name = models.CharField(_("about what"), max_length=250)
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("partner"),
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("cooperation"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts_owned",
        verbose_name=_("owner"),
    )
    code = models.CharField(_("finding"), max_length=40)
    seen = models.JSONField(_("values seen"), default=dict)
    opened_at = models.DateTimeField(_("opened at"))
    seen_on = models.DateField(
        _("last true on"), help_text=_("The latest day on which the rule was tripped.")
    )
    clean_since = models.DateField(
        _("clean since"),
        null=True,
        blank=True,
        help_text=_("First of the clean days; empty while the rule is tripped."),
    )
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts_acknowledged",
        verbose_name=_("acknowledged by"),
    )
    snoozed_until = models.DateField(_("snoozed until"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts_resolved",
        verbose_name=_("resolved by"),
        help_text=_("Empty when the clean days closed it."),
    )
    comment = models.TextField(_("comment"), blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                "rule",
                "subject_type",
                "subject_id",
                condition=Q(resolved_at__isnull=True),
                name="alert_one_standing_per_rule_and_subject",
            ),
            models.CheckConstraint(
                name="alert_subject_is_known",
                condition=Q(subject_type__in=Subject.values),
            ),
            models.CheckConstraint(
                name="alert_acknowledged_by_somebody",
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="alert_resolved_after_it_opened",
                condition=Q(resolved_at__isnull=True)
                | Q(resolved_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="alert_resolved_by_a_person_with_a_comment",
                condition=Q(resolved_by__isnull=True)
                | (Q(resolved_at__isnull=False) & ~Q(comment="")),
            ),
            models.CheckConstraint(
                name="alert_of_a_cooperation_has_its_partner",
                condition=Q(cooperation__isnull=True) | Q(partner__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="alert_list"),
            models.Index(
                "cooperation",
                condition=Q(resolved_at__isnull=True),
                name="alert_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name}: {self.words}"

    @property
    def words(self) -> str:
        """Return what was found, in the language of the moment."""
        return words.say(self.code, self.seen)


class AlertChoice(models.Model):
    """What one person wants to hear about one rule by mail."""

    class Wish(models.TextChoices):
        """How much."""

        NOTHING = "nothing", _("nothing")
        MINE = "mine", _("what I own")
        ALL = "all", _("everything I may see")

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="alert_choices",
        verbose_name=_("person"),
    )
    rule = models.ForeignKey(
        AlertRule, models.CASCADE, related_name="choices", verbose_name=_("rule")
    )
    wish = models.CharField(_("by mail"), max_length=10, choices=Wish)

    class Meta:
        verbose_name = _("choice of alerts")
        verbose_name_plural = _("choices of alerts")
        constraints = [
            models.UniqueConstraint(
                "person", "rule", name="alertchoice_once_per_person_and_rule"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.wish}"


class AlertNotice(models.Model):
    """One alert owed to one person by mail; handed over once, or listed as doubtful."""

    class State(models.TextChoices):
        """Where it is."""

        DUE = "due", _("due")
        SENDING = "sending", _("being handed over")
        SENT = "sent", _("sent")
        SKIPPED = "skipped", _("not wanted any more")
        FAILED = "failed", _("refused by the mail server")

    alert = models.ForeignKey(
        Alert, models.CASCADE, related_name="notices", verbose_name=_("alert")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="alert_notices",
        verbose_name=_("person"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DUE
    )
    due_at = models.DateTimeField(_("due at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=250, blank=True, default="")

    class Meta:
        verbose_name = _("alert by mail")
        verbose_name_plural = _("alerts by mail")
        constraints = [
            models.UniqueConstraint(
                "alert", "person", name="alertnotice_once_per_alert_and_person"
            ),
            models.CheckConstraint(
                name="alertnotice_sent_says_when",
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                "person", "due_at", condition=Q(state="due"), name="alertnotice_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} → {self.person_id}: {self.state}"
