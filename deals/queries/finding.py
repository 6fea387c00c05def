"""Which partner a name or a web address of another system means."""

from django.db.models import Q

from crm.accounts.models import User
from partners import names
from partners.models import Partner


def partner_named(*, name: str, website: str, by: User) -> Partner | None:
    """Return the one visible partner with this website, else with this name; None else."""
    live = Partner.objects.live().visible_to(by)
    if website:
        try:
            domain = names.domain(website)
        except names.DomainNameError:
            domain = ""
        found = live.filter(domains__domain=domain).first() if domain else None
        if found is not None:
            return found
    if not name:
        return None
    is_named = (
        Q(display_name__iexact=name)
        | Q(legal_name__iexact=name)
        | Q(local_name__iexact=name)
        | Q(aliases__name__iexact=name)
    )
    few = list(live.filter(is_named).distinct().order_by("pk")[:2])
    return few[0] if len(few) == 1 else None
