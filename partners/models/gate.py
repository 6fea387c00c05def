"""Gates as data, and what was seen, waived, approved and proposed at them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from partners.gates import Verdict
from partners.models.cooperation import Cooperation
from partners.models.stage import (
    StageDefinition,
    StageTransition,
    StageTransitionRule,
)
from partners.models.visibility import CooperationBoundQuerySet
from partners.stages import Role


class GateCriterion(models.Model):
    """One thing that must hold before one step, as one version of its rule says."""

    rule = models.ForeignKey(
        StageTransitionRule,
        models.PROTECT,
        related_name="criteria",
        verbose_name=_("rule"),
    )
    code = models.CharField(_("code"), max_length=60)
    label = models.CharField(_("label"), max_length=200)
    kind = models.CharField(_("kind of evidence"), max_length=40)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    order = models.PositiveSmallIntegerField(_("order"))
    is_waivable = models.BooleanField(_("may be waived"), default=True)
    waiver_role = models.CharField(
        _("waived by"), max_length=20, choices=Role, blank=True, default=""
    )

    class Meta:
        verbose_name = _("gate criterion")
        verbose_name_plural = _("gate criteria")
        constraints = [
            models.UniqueConstraint(
                "rule", "code", name="gatecriterion_code_unique_in_rule"
            ),
            models.CheckConstraint(
                name="gatecriterion_waiver_role_is_known",
                condition=Q(waiver_role__in=Role.values),
            ),
        ]

    def __str__(self) -> str:
        return gettext(self.label)


class Waiver(models.Model):
    """One person's decision to let a stay pass its gate without one criterion."""

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="waivers",
        verbose_name=_("cooperation"),
    )
    stay = models.ForeignKey(
        StageTransition, models.PROTECT, related_name="waivers", verbose_name=_("stay")
    )
    criterion = models.ForeignKey(
        GateCriterion,
        models.PROTECT,
        related_name="waivers",
        verbose_name=_("criterion"),
    )
    role = models.CharField(_("as"), max_length=20, choices=Role)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="waivers_given",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    reason = models.TextField(_("reason"))

    objects = CooperationBoundQuerySet["Waiver"].as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(
                "stay", "criterion", name="waiver_once_per_stay_and_criterion"
            ),
            models.CheckConstraint(name="waiver_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} ({self.role})"


class Approval(models.Model):
    """One person's yes, in one role, to one step out of one stay."""

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="approvals",
        verbose_name=_("cooperation"),
    )
    stay = models.ForeignKey(
        StageTransition,
        models.PROTECT,
        related_name="approvals",
        verbose_name=_("stay"),
    )
    rule = models.ForeignKey(
        StageTransitionRule,
        models.PROTECT,
        related_name="approvals",
        verbose_name=_("rule"),
    )
    role = models.CharField(_("as"), max_length=20, choices=Role)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="approvals_given",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))
    comment = models.TextField(_("comment"), blank=True, default="")

    objects = CooperationBoundQuerySet["Approval"].as_manager()

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(
                "stay", "rule", "role", name="approval_once_per_stay_rule_and_role"
            ),
            models.CheckConstraint(
                name="approval_role_is_known", condition=Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} ({self.role})"


class GateCheck(models.Model):
    """What one look at one criterion found, with the values it saw; never changed."""

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="gate_checks",
        verbose_name=_("cooperation"),
    )
    stay = models.ForeignKey(
        StageTransition,
        models.PROTECT,
        related_name="gate_checks",
        verbose_name=_("stay"),
        help_text=_("The stay that was to be left."),
    )
    rule = models.ForeignKey(
        StageTransitionRule,
        models.PROTECT,
        related_name="gate_checks",
        verbose_name=_("rule"),
    )
    criterion = models.ForeignKey(
        GateCriterion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="gate_checks",
        verbose_name=_("criterion"),
        help_text=_("Empty for the approval of a role."),
    )
    code = models.CharField(_("code"), max_length=60)
    found = models.CharField(_("found"), max_length=10, choices=Verdict)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    words = models.TextField(_("in words"), blank=True, default="")
    seen = models.JSONField(_("values seen"), default=dict)
    waiver = models.ForeignKey(
        Waiver,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="gate_checks",
        verbose_name=_("waiver"),
    )
    attempt = models.UUIDField(_("attempt"))
    move = models.ForeignKey(
        StageTransition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="gate_results",
        verbose_name=_("move"),
        help_text=_("The stay this attempt began; empty when it was refused."),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="gate_checks_made",
        verbose_name=_("checked by"),
    )
    at = models.DateTimeField(_("checked at"))

    objects = CooperationBoundQuerySet["GateCheck"].as_manager()

    class Meta:
        verbose_name = _("gate check")
        verbose_name_plural = _("gate checks")
        constraints = [
            models.UniqueConstraint(
                "attempt", "code", name="gatecheck_once_per_attempt"
            ),
            models.CheckConstraint(
                name="gatecheck_found_is_a_finding",
                condition=Q(
                    found__in=[Verdict.PASSED, Verdict.MISSING, Verdict.UNKNOWN]
                ),
            ),
            models.CheckConstraint(
                name="gatecheck_waived_has_waiver",
                condition=Q(verdict=F("found"), waiver__isnull=True)
                | (
                    Q(verdict=Verdict.WAIVED, waiver__isnull=False)
                    & ~Q(found=Verdict.PASSED)
                ),
            ),
        ]
        indexes = [models.Index(fields=["cooperation", "-at"], name="gatecheck_latest")]

    def __str__(self) -> str:
        return f"{self.code}: {self.verdict}"


class Proposal(models.Model):
    """One suggestion to move a cooperation, drawn from evidence; a person decides."""

    class Kind(models.TextChoices):
        """What the evidence says."""

        GATE_MET = "gate_met", _("The gate is now met")
        SHADOW_PRODUCTION = "shadow_production", _("Shadow production")
        REGRESSION = "regression", _("Step back")

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DISMISSED = "dismissed", _("Dismissed")
        LAPSED = "lapsed", _("Lapsed")

    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        related_name="proposals",
        verbose_name=_("cooperation"),
    )
    stay = models.ForeignKey(
        StageTransition,
        models.PROTECT,
        related_name="proposals",
        verbose_name=_("stay"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    to_stage = models.ForeignKey(
        StageDefinition,
        models.PROTECT,
        to_field="code",
        related_name="proposals",
        verbose_name=_("to"),
    )
    words = models.TextField(_("in words"))
    evidence = models.JSONField(_("evidence"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.OPEN
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals_decided",
        verbose_name=_("decided by"),
    )
    reason = models.TextField(_("reason"), blank=True, default="")

    objects = CooperationBoundQuerySet["Proposal"].as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(
                "cooperation",
                "kind",
                condition=Q(state="open"),
                name="proposal_one_open_per_kind",
            ),
            models.CheckConstraint(
                name="proposal_decided_has_date",
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="proposal_decided_by_a_person",
                condition=Q(state__in=["open", "lapsed"])
                | (Q(decided_by__isnull=False) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
