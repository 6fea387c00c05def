"""The one stage that stands for a partner: the highest among its running cooperations."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from partners.models import Cooperation
from partners.models.partner import PartnerQuerySet


def with_headline(partners: PartnerQuerySet) -> QuerySet[Any]:
    """Annotate `headline_stage` (a code, or None) and `headline_on_hold`.

    Running cooperations on hold count; the headline is marked as on hold when no
    cooperation in that stage goes on.
    """
    running = Cooperation.objects.filter(
        partner_id=OuterRef("pk"), closed_at__isnull=True
    )
    highest = running.order_by("-stage__order", "pk").values("stage__code")[:1]
    going_on = running.filter(
        Q(stage__code=OuterRef("headline_stage")), on_hold_since__isnull=True
    )
    return partners.annotate(headline_stage=Subquery(highest)).annotate(
        headline_on_hold=Q(headline_stage__isnull=False) & ~Exists(going_on)
    )
