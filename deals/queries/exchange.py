"""Deals as opportunities of AWS Partner Central."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from deals import partner_central
from deals.models import Deal, DealExternalId
from partners.models import PartnerDomain

FIELDS = (
    "code",
    "title",
    "end_customer",
    "use_case",
    "deal_type",
    "origin",
    "involvement",
    "stage",
    "amount",
    "monthly_spend",
    "currency",
    "target_close_on",
    "closed_on",
    "lost_reason",
    "next_step",
)


def opportunities_of(rows: QuerySet[Deal]) -> list[dict[str, Any]]:
    """Return these deals in that system's words, by code; one query."""
    known = DealExternalId.objects.filter(
        deal=OuterRef("pk"), system=partner_central.SYSTEM
    )
    website = PartnerDomain.objects.filter(partner=OuterRef("partner"), is_primary=True)
    found = (
        rows.exclude(partner__is_test=True)
        .annotate(
            external_id=Subquery(known.values("value")[:1]),
            website=Subquery(website.values("domain")[:1]),
        )
        .order_by("code", "pk")
        .values(
            *FIELDS,
            "external_id",
            "website",
            "partner__legal_name",
            "partner__country",
        )
    )
    return [
        partner_central.opportunity(
            {
                **row,
                "company": row["partner__legal_name"],
                "country": row["partner__country"],
                "website": row["website"] or "",
                "external_id": row["external_id"] or "",
            }
        )
        for row in found
    ]
