"""Which usage counts towards a commitment, and how much of it; no database.

A rule names values of dimensions. Values of one dimension are alternatives, dimensions
must all hold, and an excluded value wins. Tax never counts; credits, refunds and
purchases count only where the contract says so. A refund is an adjustment below zero:
money given back after the fact. Usage below zero is a correction and does count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

ZERO = Decimal(0)
AI, NOT_AI = "ai", "other"


class Dimension(models.TextChoices):
    """By what usage can be told apart."""

    SERVICE_CATEGORY = "service_category", _("service category")
    SERVICE = "service", _("service")
    REGION = "region", _("region")
    ACCOUNT = "account", _("account")
    AI = "ai", _("AI or not")


class CostColumn(models.TextChoices):
    """Which cost of a line item the contract counts."""

    BILLED = "billed", _("billed cost")
    CONTRACTED = "contracted", _("contracted cost")
    EFFECTIVE = "effective", _("effective cost")


class ChargeCategory(models.TextChoices):
    """The charge categories of FOCUS."""

    USAGE = "Usage", _("usage")
    PURCHASE = "Purchase", _("purchase")
    TAX = "Tax", _("tax")
    CREDIT = "Credit", _("credit")
    ADJUSTMENT = "Adjustment", _("adjustment")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Some usage of one kind: what it is, and its costs and quantity.

    :ivar accounts: ids by which a contract may name the account: billing and sub-account.
    :ivar is_refund: an adjustment below zero.
    :ivar quantity: in the base unit, for example tokens or GPU-Hours.
    """

    service_category: str = ""
    service: str = ""
    region: str = ""
    accounts: tuple[str, ...] = ()
    is_ai: bool = False
    charge_category: str = ChargeCategory.USAGE
    is_refund: bool = False
    currency: str = ""
    base_unit: str = ""
    quantity: Decimal = ZERO
    billed: Decimal = ZERO
    contracted: Decimal = ZERO
    effective: Decimal = ZERO

    def values(self, dimension: str) -> tuple[str, ...]:
        """Return what this is by a dimension, lower case."""
        if dimension == Dimension.AI:
            return (AI if self.is_ai else NOT_AI,)
        if dimension == Dimension.ACCOUNT:
            return tuple(one.lower() for one in self.accounts)
        return (str(getattr(self, dimension)).lower(),)

    def cost(self, column: str) -> Decimal:
        """Return the cost of a column."""
        found: Decimal = getattr(self, column)
        return found


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What counts towards one commitment; values are lower case."""

    included: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excluded: Mapping[str, frozenset[str]] = field(default_factory=dict)
    counts_credits: bool = False
    counts_refunds: bool = False
    counts_purchases: bool = False

    def counts_charge(self, piece: Piece) -> bool:
        """Tell whether this kind of charge counts at all."""
        may = {
            ChargeCategory.USAGE: True,
            ChargeCategory.ADJUSTMENT: self.counts_refunds or not piece.is_refund,
            ChargeCategory.CREDIT: self.counts_credits,
            ChargeCategory.PURCHASE: self.counts_purchases,
        }
        return may.get(ChargeCategory(piece.charge_category), False)

    def takes(self, piece: Piece) -> bool:
        """Tell whether this usage counts."""
        if not self.counts_charge(piece):
            return False
        for dimension, values in self.excluded.items():
            if not values.isdisjoint(piece.values(dimension)):
                return False
        return all(
            not values.isdisjoint(piece.values(dimension))
            for dimension, values in self.included.items()
        )


def rule_of(
    rows: Iterable[tuple[str, str, bool]],
    *,
    counts_credits: bool = False,
    counts_refunds: bool = False,
    counts_purchases: bool = False,
) -> Rule:
    """Return the rule of stored rows: dimension, value, whether it is excluded."""
    included: dict[str, set[str]] = {}
    excluded: dict[str, set[str]] = {}
    for dimension, value, is_excluded in rows:
        side = excluded if is_excluded else included
        side.setdefault(dimension, set()).add(value.strip().lower())
    return Rule(
        included={name: frozenset(values) for name, values in included.items()},
        excluded={name: frozenset(values) for name, values in excluded.items()},
        counts_credits=counts_credits,
        counts_refunds=counts_refunds,
        counts_purchases=counts_purchases,
    )
