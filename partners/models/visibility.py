"""Which rows a person may see: one filter for everything that belongs to a partner."""

from typing import ClassVar, Self, TypeVar

from django.db import models

from crm.accounts import policy
from crm.accounts.models import User

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class PartnerBoundQuerySet(models.QuerySet[Row_co]):
    """Rows that belong to a partner and share its visibility."""

    path_to_partner: ClassVar[str] = "partner__"

    def visible_to(self, user: User) -> Self:
        """Keep what this person may see; the same rule in every door and report."""
        reach = policy.reach_of(user)
        return self.filter(
            policy.partner_visibility(reach, prefix=self.path_to_partner)
        )


class CooperationBoundQuerySet(PartnerBoundQuerySet[Row_co]):
    """Rows that belong to a cooperation, and through it to a partner."""

    path_to_partner: ClassVar[str] = "cooperation__partner__"
