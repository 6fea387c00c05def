"""Whose figures somebody sees: the same partners in mails, on the home page and in lists."""

from collections.abc import Iterable

from crm.accounts.models import User
from partners.models.partner import Partner, PartnerQuerySet


def told_to(reader: User) -> PartnerQuerySet:
    """Return the partners that figures for this person are made of.

    Test records, archived and merged partners are in no figure.
    """
    return Partner.objects.live().visible_to(reader).filter(is_test=False)


def rights_of(reader: User, asked: Iterable[str]) -> frozenset[str]:
    """Return those of the asked permissions that the person has."""
    return frozenset(right for right in asked if reader.has_perm(right))
