"""Which rows of this package a person may see: those of a partner they may see."""

from typing import ClassVar, TypeVar

from django.db import models

from partners.models.visibility import PartnerBoundQuerySet

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class AgreementBoundQuerySet(PartnerBoundQuerySet[Row_co]):
    """Rows that belong to an agreement, and through it to a partner."""

    path_to_partner: ClassVar[str] = "agreement__partner__"


class DealBoundQuerySet(PartnerBoundQuerySet[Row_co]):
    """Rows that belong to a deal, and through it to a partner."""

    path_to_partner: ClassVar[str] = "deal__partner__"
