"""What billing exports say about commitments: FOCUS rows, and what they applied."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.accounts import policy
from crm.accounts.models import User
from deals.models.commitment import Commitment, exact
from partners.models import Partner
from partners.usage.models import UsageDelivery

SEES_UNASSIGNED = frozenset({"finance", "executive", "auditor"})
"""Roles that see rows which are nobody's yet; as for unassigned cloud accounts."""


class ContractQuerySet(models.QuerySet["ContractCommitment"]):
    """Questions about imported commitments."""

    def visible_to(self, user: User) -> Self:
        """Keep those of visible partners; unassigned ones for those who assign them."""
        reach = policy.reach_of(user)
        seen = policy.partner_visibility(reach, prefix="partner__")
        if reach.is_active and reach.has_any(SEES_UNASSIGNED):
            seen |= Q(partner__isnull=True)
        return self.filter(seen)


class ContractCommitment(models.Model):
    """One commitment as a FOCUS Contract Commitment file tells it, its latest state."""

    contract_id = models.CharField(_("contract"), max_length=300)
    contract_commitment_id = models.CharField(_("contract commitment"), max_length=300)
    issuer = models.CharField(_("invoice issuer"), max_length=200, blank=True)
    focus_version = models.CharField(_("FOCUS version"), max_length=10)
    category = models.CharField(_("category"), max_length=20)
    commitment_type = models.CharField(_("type"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    cost = exact(_("cost"), null=True, blank=True)
    quantity = exact(_("quantity"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    currency = models.CharField(_("billing currency"), max_length=3)
    model = models.CharField(_("model"), max_length=30, blank=True)
    interval = models.CharField(_("fulfillment interval"), max_length=30, blank=True)
    lifecycle = models.CharField(_("lifecycle status"), max_length=30, blank=True)
    row = models.JSONField(_("the row as delivered"), default=dict)
    file_name = models.CharField(_("file"), max_length=250)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    imported_at = models.DateTimeField(_("imported at"))
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contract_commitments",
        verbose_name=_("partner"),
    )
    commitment = models.ForeignKey(
        Commitment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="contract_rows",
        verbose_name=_("our commitment"),
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = _("FOCUS commitment")
        verbose_name_plural = _("FOCUS commitments")
        constraints = [
            models.UniqueConstraint(
                "issuer",
                "contract_id",
                "contract_commitment_id",
                name="contractcommitment_once",
            ),
            models.CheckConstraint(
                name="contractcommitment_named",
                condition=~Q(contract_id="") & ~Q(contract_commitment_id=""),
            ),
            models.CheckConstraint(
                name="contractcommitment_linked_has_partner",
                condition=Q(commitment__isnull=True) | Q(partner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.contract_commitment_id


class ContractApplication(models.Model):
    """What the line items of one delivery applied to one contract commitment in a month.

    Read from the column ContractApplied. One line item may apply to several commitments,
    so these are compared one by one and never added up.
    """

    delivery = models.ForeignKey(
        UsageDelivery,
        models.CASCADE,
        related_name="+",
        verbose_name=_("delivery"),
    )
    contract_id = models.CharField(_("contract"), max_length=300)
    contract_commitment_id = models.CharField(_("contract commitment"), max_length=300)
    charge_month = models.DateField(_("charge month"))
    currency = models.CharField(_("billing currency"), max_length=3)
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    cost = exact(_("applied cost"), null=True, blank=True)
    quantity = exact(_("applied quantity"), null=True, blank=True)
    row_count = models.BigIntegerField(_("line items"))

    class Meta:
        verbose_name = _("applied to a contract")
        verbose_name_plural = _("applied to contracts")
        constraints = [
            models.UniqueConstraint(
                "delivery",
                "contract_id",
                "contract_commitment_id",
                "charge_month",
                "currency",
                "unit",
                name="contractapplication_once",
            ),
        ]
        indexes = [
            models.Index(
                "contract_commitment_id",
                "charge_month",
                name="contractapplication_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contract_commitment_id} {self.charge_month:%Y-%m}"


class ContractReading(models.Model):
    """One delivery whose line items were read for what they apply to contracts."""

    delivery = models.OneToOneField(
        UsageDelivery,
        models.CASCADE,
        primary_key=True,
        related_name="+",
        verbose_name=_("delivery"),
    )
    read_at = models.DateTimeField(_("read at"))
    row_count = models.BigIntegerField(_("line items that apply"))

    class Meta:
        verbose_name = _("reading of applied contracts")
        verbose_name_plural = _("readings of applied contracts")

    def __str__(self) -> str:
        return str(self.delivery_id)
