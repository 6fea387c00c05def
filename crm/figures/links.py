"""Addresses of lists and pages, as they stand in mails: with the host people use."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse


def page(name: str, *args: object, query: str = "") -> str:
    """Return the full address of a page of the application; "" when there is none."""
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{settings.PUBLIC_URL}{path}{f'?{query}' if query else ''}"


def partner(pk: int) -> str:
    """Return the page of a partner."""
    return page("admin:partners_partner_change", pk)


def cooperation(pk: int) -> str:
    """Return the page of a cooperation."""
    return page("admin:partners_cooperation_change", pk)
