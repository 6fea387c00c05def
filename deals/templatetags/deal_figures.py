"""The tag that writes an amount with its currency."""

from decimal import Decimal

from django import template

from deals import figures

register = template.Library()


@register.simple_tag
def money(amount: Decimal | None, currency: str) -> str:
    """Write an amount as people of this language read it."""
    return figures.money(amount, currency)


@register.simple_tag
def figure(number: Decimal) -> str:
    """Write a number without zeros at its end."""
    return figures.plain(number)


@register.simple_tag
def term(name: str) -> str:
    """Name a term that an amendment changes."""
    return str(figures.TERMS.get(name, name))
