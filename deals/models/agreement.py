"""Agreements with partners: what is on paper, who signed it and until when it holds."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from deals.agreements import (
    IN_FORCE,
    SIGNED_BY_BOTH,
    AgreementStatus,
    AgreementType,
)
from partners.models import Contact, Cooperation, Partner
from partners.models.visibility import PartnerBoundQuerySet


class AgreementQuerySet(PartnerBoundQuerySet["Agreement"]):
    """Questions about agreements."""

    def in_force(self) -> Self:
        """Signed by both or active: what a deal can be won on."""
        return self.filter(status__in=IN_FORCE)

    def with_people(self) -> Self:
        """Join what a line of a list shows."""
        return self.select_related("partner", "owner", "team", "parent")


def after(field: str, earlier: str) -> Q:
    """Return the condition that one date is not before another, where both are known."""
    known = Q(**{f"{field}__isnull": True}) | Q(**{f"{earlier}__isnull": True})
    return known | Q(**{f"{field}__gte": F(earlier)})


AGREEMENT_RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="agreement_has_title", condition=~Q(title="") & ~Q(code="")
    ),
    models.CheckConstraint(
        name="agreement_type_is_known",
        condition=Q(agreement_type__in=AgreementType.values),
    ),
    models.CheckConstraint(
        name="agreement_status_is_known",
        condition=Q(status__in=AgreementStatus.values),
    ),
    models.CheckConstraint(
        name="agreement_amendment_has_parent",
        condition=~Q(agreement_type=AgreementType.AMENDMENT) | Q(parent__isnull=False),
    ),
    models.CheckConstraint(
        name="agreement_signed_has_both_signatures",
        condition=~Q(status__in=SIGNED_BY_BOTH)
        | Q(signed_by_us_on__isnull=False, signed_by_them_on__isnull=False),
    ),
    models.CheckConstraint(
        name="agreement_signed_before_effective",
        condition=after("effective_on", "signed_by_us_on")
        & after("effective_on", "signed_by_them_on"),
    ),
    models.CheckConstraint(
        name="agreement_effective_before_expiry",
        condition=after("expires_on", "effective_on"),
    ),
    models.CheckConstraint(
        name="agreement_active_has_effective_date",
        condition=~Q(status__in=[AgreementStatus.ACTIVE, AgreementStatus.EXPIRED])
        | Q(effective_on__isnull=False),
    ),
    models.CheckConstraint(
        name="agreement_expired_has_expiry",
        condition=~Q(status=AgreementStatus.EXPIRED) | Q(expires_on__isnull=False),
    ),
    models.CheckConstraint(
        name="agreement_renewal_has_term",
        condition=Q(auto_renews=False)
        | Q(expires_on__isnull=False, renewal_months__gt=0),
    ),
    models.CheckConstraint(
        name="agreement_ended_has_reason",
        condition=Q(status=AgreementStatus.TERMINATED, ended_on__isnull=False)
        & ~Q(ended_reason="")
        | ~Q(status=AgreementStatus.TERMINATED),
    ),
    models.CheckConstraint(
        name="agreement_superseded_names_successor",
        condition=Q(status=AgreementStatus.SUPERSEDED, superseded_by__isnull=False)
        | (~Q(status=AgreementStatus.SUPERSEDED) & Q(superseded_by__isnull=True)),
    ),
    models.CheckConstraint(
        name="agreement_value_is_not_negative",
        condition=Q(value__isnull=True) | Q(value__gte=0),
    ),
    models.CheckConstraint(
        name="agreement_currency_has_three_letters",
        condition=Q(currency__regex="^[A-Z]{3}$"),
    ),
    models.CheckConstraint(
        name="agreement_is_not_its_own_parent", condition=~Q(parent=F("id"))
    ),
]


class Agreement(models.Model):
    """One paper with one partner; its status moves by operations only."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="agreements", verbose_name=_("partner")
    )
    cooperations = models.ManyToManyField(
        Cooperation,
        blank=True,
        related_name="agreements",
        verbose_name=_("cooperations covered"),
        help_text=_("None means every cooperation with the partner."),
    )
    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    reference = models.CharField(
        _("contract number"), max_length=80, blank=True, default=""
    )
    agreement_type = models.CharField(_("type"), max_length=12, choices=AgreementType)
    is_binding = models.BooleanField(_("binding"), default=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("under"),
        help_text=_("What it amends, or the framework it hangs under."),
    )
    # --- where it stands: set by operations only, guarded by the database
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=AgreementStatus,
        default=AgreementStatus.DRAFT,
        editable=False,
    )
    status_since = models.DateTimeField(_("in status since"), editable=False)
    signed_by_us_on = models.DateField(
        _("signed by us on"), null=True, blank=True, editable=False
    )
    our_signatory = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="agreements_signed",
        verbose_name=_("signed for us by"),
    )
    signed_by_them_on = models.DateField(
        _("signed by them on"), null=True, blank=True, editable=False
    )
    their_signatory = models.ForeignKey(
        Contact,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="agreements_signed",
        verbose_name=_("signed for them by"),
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)
    ended_reason = models.TextField(
        _("ended because"), blank=True, default="", editable=False
    )
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )
    notice_given_on = models.DateField(
        _("notice given on"), null=True, blank=True, editable=False
    )
    # --- terms: edited while it is negotiated, later changed by amendments only
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    expires_on = models.DateField(
        _("expires on"),
        null=True,
        blank=True,
        help_text=_("The last day on which it holds."),
    )
    auto_renews = models.BooleanField(_("renews by itself"), default=False)
    renewal_months = models.PositiveSmallIntegerField(
        _("months of a renewal"), null=True, blank=True
    )
    notice_days = models.PositiveSmallIntegerField(
        _("days of notice"), null=True, blank=True
    )
    notice_deadline_on = models.GeneratedField(
        verbose_name=_("notice deadline"),
        expression=ExpressionWrapper(
            F("expires_on") - F("notice_days"), output_field=models.DateField()
        ),
        output_field=models.DateField(null=True),
        db_persist=True,
    )
    value = models.DecimalField(
        _("value"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    amends = models.JSONField(
        _("what it changes"),
        default=dict,
        blank=True,
        editable=False,
        help_text=_("Terms of the amended agreement, by field; applied when active."),
    )
    # --- who
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements_owned",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("team"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        permissions = [("sign_agreement", "Can record signatures and end agreements")]
        constraints = AGREEMENT_RULES
        indexes = [
            models.Index("title", "id", name="agreement_list"),
            models.Index(
                "expires_on",
                condition=Q(status=AgreementStatus.ACTIVE),
                name="agreement_expiring",
            ),
            models.Index(
                "notice_deadline_on",
                condition=Q(status=AgreementStatus.ACTIVE),
                name="agreement_notice",
            ),
        ]

    def __str__(self) -> str:
        return self.title
