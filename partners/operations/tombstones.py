"""What the journal keeps of a deleted partner, so that whoever saw it learns of its end."""

from typing import Any

from partners.models import Partner

KIND = "partner.deleted"


def tombstone_of(partner: Partner) -> dict[str, Any]:
    """Return name and key, and who could see it: visibility is judged by these later."""
    return {
        "display_name": partner.display_name,
        "key": str(partner.key),
        "confidentiality": partner.confidentiality,
        "owner": partner.owner_id,
        "team_path": partner.team.path if partner.team is not None else "",
        "named_people": sorted(person.pk for person in partner.named_people.all()),
    }
