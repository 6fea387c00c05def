"""Cloud accounts as the exports name them, and whose they are from when to when."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from crm.accounts.roles import Role
from partners.models.visibility import PartnerBoundQuerySet
from partners.usage.models.source import BillingSource


class Environment(models.TextChoices):
    """What an account serves."""

    PRODUCTION = "production", _("production")
    NON_PRODUCTION = "non-production", _("non-production")
    UNKNOWN = "unknown", _("unknown")


SEES_UNASSIGNED = frozenset({Role.FINANCE, Role.EXECUTIVE, Role.AUDITOR})
"""Roles that also see what belongs to nobody yet."""


class CloudAccountQuerySet(models.QuerySet["CloudAccount"]):
    """Accounts are seen by those who see a partner that has or had them."""

    def visible_to(self, user: User) -> Self:
        """Keep accounts of visible partners; for some roles also those of nobody."""
        owned = AccountOwnership.objects.filter(account=OuterRef("pk"))
        seen = Q(Exists(owned.visible_to(user)))
        if policy.reach_of(user).has_any(SEES_UNASSIGNED):
            seen |= ~Q(Exists(owned))
        return self.filter(seen)


class CloudAccount(models.Model):
    """One billing account, or one sub-account in it, of one source."""

    source = models.ForeignKey(
        BillingSource,
        models.PROTECT,
        related_name="accounts",
        verbose_name=_("source"),
    )
    provider = models.CharField(_("provider"), max_length=200, blank=True, default="")
    billing_account_id = models.CharField(_("billing account"), max_length=200)
    sub_account_id = models.CharField(
        _("sub-account"), max_length=200, blank=True, default=""
    )
    name = models.CharField(_("name"), max_length=300, blank=True, default="")
    environment = models.CharField(
        _("environment"),
        max_length=20,
        choices=Environment.choices,
        default=Environment.UNKNOWN,
    )
    discovered_at = models.DateTimeField(_("discovered at"))

    objects = CloudAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("cloud account")
        verbose_name_plural = _("cloud accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "provider", "billing_account_id", "sub_account_id"],
                name="cloud_account_once_per_source",
            ),
            models.CheckConstraint(
                condition=models.Q(environment__in=Environment.values),
                name="cloud_account_environment_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["billing_account_id", "sub_account_id"],
                name="cloud_account_by_ids",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.sub_account_id or self.billing_account_id


class AccountAssignment(models.Model):
    """Whose the usage of an account, or of one tag value in it, is during some days.

    A rule for a billing account also covers its sub-accounts; one for a sub-account
    goes before it, and one for a tag value before both.
    """

    account = models.ForeignKey(
        CloudAccount,
        models.PROTECT,
        related_name="assignments",
        verbose_name=_("account"),
    )
    tag_key = models.CharField(_("tag"), max_length=120, blank=True, default="")
    tag_value = models.CharField(_("tag value"), max_length=240, blank=True, default="")
    partner = models.ForeignKey(
        "partners.Partner",
        models.PROTECT,
        related_name="account_assignments",
        verbose_name=_("partner"),
    )
    during = DateRangeField(_("days"))
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("assigned by"),
    )
    assigned_at = models.DateTimeField(_("assigned at"))

    objects = PartnerBoundQuerySet["AccountAssignment"].as_manager()

    class Meta:
        verbose_name = _("account assignment")
        verbose_name_plural = _("account assignments")
        constraints = [
            ExclusionConstraint(
                name="account_assignment_one_partner_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("tag_key", RangeOperators.EQUAL),
                    ("tag_value", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False), name="account_assignment_has_days"
            ),
            models.CheckConstraint(
                condition=Q(tag_key="", tag_value="")
                | (~Q(tag_key="") & ~Q(tag_value="")),
                name="account_assignment_tag_has_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.tag_value} {self.during}"


class AccountOwnership(models.Model):
    """What the assignments come to: the partner of one account and tag bucket on some days.

    Derived from the assignments in the transaction that changes them; at most one
    partner holds a bucket on a day.
    """

    account = models.ForeignKey(
        CloudAccount,
        models.CASCADE,
        related_name="ownerships",
        verbose_name=_("account"),
    )
    tag_bucket = models.CharField(
        _("tags named by rules"), max_length=400, blank=True, default=""
    )
    partner = models.ForeignKey(
        "partners.Partner",
        models.CASCADE,
        related_name="account_ownerships",
        verbose_name=_("partner"),
    )
    during = DateRangeField(_("days"))

    objects = PartnerBoundQuerySet["AccountOwnership"].as_manager()

    class Meta:
        verbose_name = _("account ownership")
        verbose_name_plural = _("account ownerships")
        constraints = [
            ExclusionConstraint(
                name="account_ownership_one_partner_a_day",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("tag_bucket", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.tag_bucket} {self.partner_id}"
