"""Deals: what is being sold, for how much, how surely, and when."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.core.written import UpdatedAt
from deals.models.agreement import Agreement
from deals.pipeline import (
    CLOSED,
    OPEN,
    QUALIFIED_OR_LATER,
    DealStage,
    DealType,
    ForecastCategory,
    Involvement,
    LostReason,
    Origin,
    WonReason,
)
from partners.models import Cooperation, Partner
from partners.models.visibility import PartnerBoundQuerySet


class DealQuerySet(PartnerBoundQuerySet["Deal"]):
    """Questions about deals."""

    def running(self) -> Self:
        """Neither won nor lost."""
        return self.filter(stage__in=OPEN)

    def qualified(self) -> Self:
        """Open and at least qualified."""
        return self.filter(stage__in=QUALIFIED_OR_LATER)

    def won(self) -> Self:
        """Keep those closed by winning."""
        return self.filter(stage=DealStage.LAUNCHED)

    def with_people(self) -> Self:
        """Join what a line of a list shows."""
        return self.select_related("partner", "cooperation", "owner", "team")


OVERRIDDEN = Q(overridden_at__isnull=False, overridden_by__isnull=False)

DEAL_RULES: list[models.BaseConstraint] = [
    models.CheckConstraint(name="deal_has_title", condition=~Q(title="") & ~Q(code="")),
    models.CheckConstraint(
        name="deal_stage_is_known", condition=Q(stage__in=DealStage.values)
    ),
    models.CheckConstraint(
        name="deal_category_is_known",
        condition=Q(category__in=ForecastCategory.values),
    ),
    models.CheckConstraint(
        name="deal_closed_category_is_won",
        condition=Q(category=ForecastCategory.CLOSED, stage=DealStage.LAUNCHED)
        | (~Q(category=ForecastCategory.CLOSED) & ~Q(stage=DealStage.LAUNCHED)),
    ),
    models.CheckConstraint(
        name="deal_probability_to_100", condition=Q(probability__lte=100)
    ),
    models.CheckConstraint(
        name="deal_override_has_author_and_reason",
        condition=(OVERRIDDEN & ~Q(override_reason=""))
        | Q(
            overridden_at__isnull=True,
            overridden_by__isnull=True,
            override_reason="",
        ),
    ),
    models.CheckConstraint(
        name="deal_closed_is_not_overridden",
        condition=Q(stage__in=OPEN) | Q(overridden_at__isnull=True),
    ),
    models.CheckConstraint(
        name="deal_open_is_not_closed",
        condition=~Q(stage__in=OPEN)
        | Q(closed_on__isnull=True, won_reason="", lost_reason=""),
    ),
    models.CheckConstraint(
        name="deal_won_has_amount_date_and_agreement",
        condition=~Q(stage=DealStage.LAUNCHED)
        | Q(
            amount__gt=0,
            closed_on__isnull=False,
            agreement__isnull=False,
            won_reason__in=WonReason.values,
            lost_reason="",
        ),
    ),
    models.CheckConstraint(
        name="deal_lost_has_reason_and_date",
        condition=~Q(stage=DealStage.CLOSED_LOST)
        | Q(closed_on__isnull=False, lost_reason__in=LostReason.values, won_reason=""),
    ),
    models.CheckConstraint(
        name="deal_names_competitor",
        condition=~Q(lost_reason=LostReason.COMPETITOR) | ~Q(competitor=""),
    ),
    models.CheckConstraint(
        name="deal_money_is_not_negative",
        condition=(Q(amount__isnull=True) | Q(amount__gte=0))
        & (Q(monthly_spend__isnull=True) | Q(monthly_spend__gte=0)),
    ),
    models.CheckConstraint(
        name="deal_contract_of_1_to_144_months",
        condition=Q(contract_months__isnull=True)
        | Q(contract_months__gte=1, contract_months__lte=144),
    ),
    models.CheckConstraint(
        name="deal_currency_has_three_letters",
        condition=Q(currency__regex="^[A-Z]{3}$"),
    ),
]


class Deal(models.Model):
    """One opportunity with a partner; its stage moves by operations only."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="deals", verbose_name=_("partner")
    )
    cooperation = models.ForeignKey(
        Cooperation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("cooperation"),
    )
    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    end_customer = models.CharField(
        _("end customer"), max_length=250, blank=True, default=""
    )
    use_case = models.TextField(_("use case"), blank=True, default="")
    deal_type = models.CharField(
        _("type"), max_length=15, choices=DealType, default=DealType.NET_NEW
    )
    origin = models.CharField(
        _("found by"), max_length=10, choices=Origin, default=Origin.OURS
    )
    involvement = models.CharField(
        _("involvement"),
        max_length=20,
        choices=Involvement,
        default=Involvement.CO_SELL,
    )
    # --- where it stands: set by operations only, guarded by the database
    stage = models.CharField(
        _("stage"),
        max_length=30,
        choices=DealStage,
        default=DealStage.PROSPECT,
        editable=False,
    )
    stage_entered_at = models.DateTimeField(_("in stage since"), editable=False)
    category = models.CharField(
        _("forecast category"), max_length=10, choices=ForecastCategory, editable=False
    )
    probability = models.PositiveSmallIntegerField(
        _("probability"), editable=False, help_text=_("Percent, 0 to 100.")
    )
    overridden_at = models.DateTimeField(
        _("overridden at"), null=True, blank=True, editable=False
    )
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="deals_overridden",
        verbose_name=_("overridden by"),
    )
    override_reason = models.TextField(
        _("reason for the override"), blank=True, default="", editable=False
    )
    closed_on = models.DateField(_("closed on"), null=True, blank=True, editable=False)
    won_reason = models.CharField(
        _("won because"),
        max_length=20,
        choices=WonReason,
        blank=True,
        default="",
        editable=False,
    )
    lost_reason = models.CharField(
        _("lost because"),
        max_length=20,
        choices=LostReason,
        blank=True,
        default="",
        editable=False,
    )
    closing_note = models.TextField(
        _("note at the end"), blank=True, default="", editable=False
    )
    # --- money and time
    amount = models.DecimalField(
        _("total contract value"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
    )
    monthly_spend = models.DecimalField(
        _("expected monthly spend"),
        max_digits=20,
        decimal_places=2,
        null=True,
        blank=True,
    )
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    contract_months = models.PositiveSmallIntegerField(
        _("contract months"), null=True, blank=True, help_text=_("1 to 144")
    )
    target_close_on = models.DateField(_("target close"), null=True, blank=True)
    competitor = models.CharField(
        _("competitor"), max_length=120, blank=True, default=""
    )
    next_step = models.CharField(_("next step"), max_length=250, blank=True, default="")
    # --- on what paper
    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("agreement"),
        help_text=_("The paper it is won on."),
    )
    renews = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewal_deals",
        verbose_name=_("renews"),
        help_text=_("The agreement whose end this deal follows."),
    )
    # --- who
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals_owned",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("team"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = UpdatedAt(_("updated at"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        permissions = [
            ("override_deal", "Can override probability and category"),
            ("reopen_deal", "Can reopen closed deals"),
        ]
        constraints = DEAL_RULES
        indexes = [
            models.Index("title", "id", name="deal_list"),
            models.Index("stage", "target_close_on", "id", name="deal_board"),
            models.Index(
                "closed_on", condition=Q(stage__in=CLOSED), name="deal_decided"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN

    @property
    def is_overridden(self) -> bool:
        return self.overridden_at is not None
