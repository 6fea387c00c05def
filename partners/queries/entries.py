"""Which journal entries about partners a person may read."""

from django.db.models import Q

from crm.accounts import policy
from crm.accounts.models import User
from partners.models import Partner


def of_partners_seen(user: User) -> Q:
    """Return the condition of entries about partners this person may see.

    A deleted partner is in no list any more; its tombstone says who could see it.
    """
    seen = Q(partner_id__in=Partner.objects.visible_to(user).values("pk"))
    reach = policy.reach_of(user)
    if not reach.is_active:
        return seen
    levels = [k for k, roles in policy.SEEN_BY_ROLE.items() if reach.has_any(roles)]
    could_see = Q(old__confidentiality__in=levels) | Q(old__owner=reach.user_id)
    could_see |= Q(old__named_people__contains=reach.user_id)
    if reach.team_path:
        could_see |= Q(
            old__team_path__startswith=reach.team_path,
            old__confidentiality__in=policy.SEEN_BY_TEAM,
        )
    return seen | (Q(kind="partner.deleted") & could_see)
